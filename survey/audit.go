package survey

// Item is one point of an audit's checklist, answered with one of its answers.
type Item struct {
	// ID names the item for good, and its answer.
	ID   string `json:"id" yaml:"id"`
	Text Words  `json:"text" yaml:"text"`
	// Weight is how much the item counts beside the others, from 1.
	Weight int `json:"weight" yaml:"weight"`
}

// The answers to an item of a checklist.
const (
	ItemPassed        = "yes"
	ItemFailed        = "no"
	ItemNotApplicable = "not_applicable"
)

// AuditBands are the lowest scores of two bands, in per cent: what is below Weak is
// Failed, what is below Passed is Weak.
type AuditBands struct {
	Weak   int `json:"weak" yaml:"weak"`
	Passed int `json:"passed" yaml:"passed"`
}

func (b AuditBands) of(score int) Band {
	switch {
	case score >= b.Passed:
		return Passed
	case score >= b.Weak:
		return Weak
	}
	return Failed
}

// ItemQuestions are the items of the checklist as questions, in order: a choice of their
// answers, in the words of each language.
func (p Program) ItemQuestions() []Question {
	words := func(of func(Texts) string) Words {
		out := Words{}
		for locale, texts := range p.Texts {
			out[locale] = of(texts)
		}
		return out
	}
	answers := []Option{
		{ID: ItemPassed, Text: words(func(t Texts) string { return t.Yes })},
		{ID: ItemFailed, Text: words(func(t Texts) string { return t.No })},
		{ID: ItemNotApplicable, Text: words(func(t Texts) string { return t.NotApplicable })},
	}
	questions := make([]Question, 0, len(p.Checklist))
	for _, item := range p.Checklist {
		questions = append(questions, Question{ID: item.ID, Type: SingleChoice, Text: item.Text, Options: answers, Required: true})
	}
	return questions
}

// ScoreChecklist is the score of an audit, 0 to 100: the weight of the items that passed
// by that of all that apply (design.md, Metrics), in per cent and rounded down, so that
// a threshold is reached by nothing less. It returns ErrRequired where an item has no
// answer, or none applies.
func (p Program) ScoreChecklist(answers Answers) (score int, err error) {
	var passed, applies int
	for _, item := range p.Checklist {
		switch answer := answers[item.ID]; {
		case answer.Has(ItemPassed):
			passed += item.Weight
			applies += item.Weight
		case answer.Has(ItemFailed):
			applies += item.Weight
		case !answer.Has(ItemNotApplicable):
			return 0, ErrRequired
		}
	}
	if applies == 0 {
		return 0, ErrRequired
	}
	return 100 * passed / applies, nil
}

// FailedItems are the items of the checklist that a response says no to, in order.
func (p Program) FailedItems(r Response) []Item {
	var failed []Item
	for _, item := range p.Checklist {
		if r.Answers[item.ID].Has(ItemFailed) {
			failed = append(failed, item)
		}
	}
	return failed
}

// For are the rules that hold for those whom a program asks. The gaps and caps that
// spare customers are not for auditors, who are asked because it is their work.
func (r ContactRules) For(p Program) ContactRules {
	if p.Of != Auditors {
		return r
	}
	r.Quarantine, r.TouchpointAgain, r.PerMonth, r.PerYear = 0, 0, 0, 0
	r.Quarantines, r.PerAccount, r.NotDuringCase = nil, AccountCap{}, false
	return r
}
