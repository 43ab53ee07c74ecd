package survey

// FieldType is what a field of an event, a contact or an account holds.
type FieldType string

// The types of fields. A text compared with a number is read as one.
const (
	FieldText    FieldType = "text"
	FieldNumber  FieldType = "number"
	FieldBoolean FieldType = "boolean"
	FieldTime    FieldType = "time"
)

// Terms are what expressions are made of. A program has those that its own use, so
// that a version of it means the same for ever.
type Terms struct {
	// Fields are types by path: account.tier, event.order.express.
	Fields map[string]FieldType `json:"fields,omitempty" yaml:"-"`
	// Segments are expressions by name.
	Segments map[string]string `json:"segments,omitempty" yaml:"-"`
}

// Verdict is what an expression said of a contact. It names fields and holds none of
// their values.
type Verdict struct {
	Holds bool `json:"holds"`
	// Missing are the fields without a value, where that kept the expression from an
	// answer; Invalid those whose value is not of the type that was asked for.
	Missing []string `json:"missing,omitempty"`
	Invalid []string `json:"invalid,omitempty"`
}

// Unanswered reports whether a field kept the expression from an answer, and why:
// missing, invalid, or "".
func (v Verdict) Unanswered() (reason string) {
	switch {
	case len(v.Invalid) > 0:
		return "invalid"
	case len(v.Missing) > 0:
		return "missing"
	}
	return ""
}

// holds is true of what was not asked.
func (v *Verdict) holds() bool { return v == nil || v.Holds }

// Verdicts are what a program's expressions said; nil are those that it lacks.
type Verdicts struct {
	Condition *Verdict `json:"condition,omitempty"`
	Audience  *Verdict `json:"audience,omitempty"`
}
