package survey

// Channel is how a survey comes to who is asked.
type Channel string

// The channels.
const (
	ChannelMail Channel = "mail"
	ChannelSMS  Channel = "sms"
	// ChannelLink: by a link that another system shows, or that anybody may open.
	ChannelLink Channel = "link"
	// ChannelAPI: another survey tool asked, and tells the answer.
	ChannelAPI Channel = "api"
)

// NumberEvent is what was learnt of a phone number.
type NumberEvent string

// What may be learnt of a phone number.
const (
	// NumberDead: it takes no SMS, nor ever will.
	NumberDead NumberEvent = "dead"
	// NumberStopped: its owner wants no surveys any more.
	NumberStopped NumberEvent = "stopped"
	// NumberResumed: its owner takes NumberStopped back.
	NumberResumed NumberEvent = "resumed"
)
