package survey

// Respondents says who a program asks.
type Respondents string

// The respondents of a program.
const (
	Customers Respondents = ""
	Employees Respondents = "employees"
	// Auditors go through the checklist of an audit, of the account that the event names.
	Auditors Respondents = "auditors"
)

// Anonymity says whether a program's answers are kept without any link to those who gave
// them, and from how many on anything of them is shown.
type Anonymity struct {
	Anonymous bool `json:"anonymous,omitempty" yaml:"anonymous"`
	// Floor is the fewest anonymous answers that are ever shown together, at least
	// LeastFloor; 0 of a program that is not anonymous.
	Floor int `json:"floor,omitempty" yaml:"floor"`
}

// ScoresInMail reports whether the mail offers the scores as links. Those of an anonymous
// survey would tell the score, next to whose link it is, to whoever counts clicks and
// keeps access logs; those of an audit are not chosen but computed.
func (p Program) ScoresInMail() bool { return !p.Anonymous && p.Metric != Audit }

// LeastFloor is the lowest floor: in smaller groups people guess who it was.
const LeastFloor = 5

// AnonymousAnswer is what somebody said of whom nothing is kept.
type AnonymousAnswer struct {
	Program string
	Score   int
	Band    Band
	Comment string
	Answers Answers
	Done    bool
}

// Response returns the answer as pages and rules see one.
func (a AnonymousAnswer) Response() Response {
	return Response{
		Program: a.Program, State: Provisional, Score: a.Score, Band: a.Band, Comment: a.Comment, Answers: a.Answers, Done: a.Done,
	}
}

// Keep changes an anonymous answer to what a step of the page says.
func (a *AnonymousAnswer) Keep(step Answer, band Band) {
	r := a.Response()
	r.Take(step)
	a.Score, a.Band, a.Comment, a.Answers, a.Done = r.Score, band, r.Comment, r.Answers, r.Done
}
