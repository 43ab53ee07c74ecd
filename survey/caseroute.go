package survey

// CaseRoute is where a case goes, and by whose business hours it is followed up.
type CaseRoute struct {
	// Channel is the id of the Slack channel.
	Channel string
	// ToOwner sends the case to the owner of the account in the CRM instead, where Slack
	// knows them.
	ToOwner bool
	// Language of what the team reads, "" for DefaultLocale.
	Language string
	// Calendar is the team's business hours, nil for those of all.
	Calendar *Calendar
	// Manager is the Slack user id of whom an escalation goes to, or "".
	Manager string
	// Escalation is the id of the Slack channel that hears of what nobody took up, or "".
	Escalation string
	// NoNames keeps names, addresses and comments out of the channel.
	NoNames bool
}
