package survey

// RecordKind is what a case is in the CRM.
type RecordKind string

// The kinds of records of cases. A CRM without records shows cases by messages or not
// at all.
const (
	RecordTask   RecordKind = "task"
	RecordTicket RecordKind = "ticket"
	// RecordMessages: a system of its own makes of them what it wants.
	RecordMessages RecordKind = "messages"
	RecordNone     RecordKind = "none"
)

// RecordState is where a case's record in the CRM stands.
type RecordState string

// The states of a record. One that was not made yet has none.
const (
	RecordOpen   RecordState = "open"
	RecordClosed RecordState = "closed"
	// RecordGone: somebody deleted it in the CRM. Another is not made.
	RecordGone RecordState = "gone"
)
