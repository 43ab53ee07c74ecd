package survey

// Channel is how a survey comes to who is asked.
type Channel string

// The channels.
const (
	ChannelMail Channel = "mail"
	// ChannelLink: by a link that another system shows, or that anybody may open.
	ChannelLink Channel = "link"
	// ChannelAPI: another survey tool asked, and tells the answer.
	ChannelAPI Channel = "api"
)
