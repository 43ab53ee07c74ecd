package survey

import (
	"maps"
	"slices"
	"time"
)

// AskHistory is what a contact was asked before an answer, by all programs.
type AskHistory struct {
	// Turns are when each kind last had its turn after an answer, whatever came of it.
	Turns map[AskKind]time.Time
	// Asked are when the contact was last asked for each kind.
	Asked map[AskKind]time.Time
	// Turn is the kind that had its turn after this very answer, before it was changed;
	// "" where none had.
	Turn AskKind
}

// Add counts a turn that a contact had at a moment.
func (h *AskHistory) Add(turn AskKind, at time.Time) {
	if h.Turns == nil {
		h.Turns = map[AskKind]time.Time{}
	}
	if at.After(h.Turns[turn]) {
		h.Turns[turn] = at
	}
}

// AddAsked counts an ask that went out at a moment.
func (h *AskHistory) AddAsked(kind AskKind, at time.Time) {
	if h.Asked == nil {
		h.Asked = map[AskKind]time.Time{}
	}
	if at.After(h.Asked[kind]) {
		h.Asked[kind] = at
	}
}

// AskAnswer is what of an answer decides about the asks that are for promoters.
type AskAnswer struct {
	Band    Band
	Comment bool
	// Contradicted: the score is happy, and the comment angry.
	Contradicted bool
}

// AskAnswer is what of a response decides so.
func (p Program) AskAnswer(r Response) AskAnswer {
	return AskAnswer{Band: r.Band, Comment: r.Comment != "", Contradicted: p.Contradicted(r)}
}

// AskChoice says which ask follows an answer, and why. It is kept with the ask and holds
// nothing of the person.
type AskChoice struct {
	// Turn is the kind whose turn it is. It follows from the times of the turns before
	// it and from nothing of the answer.
	Turn AskKind `json:"turn"`
	// Kind is what is asked for: Turn, or where its rule says no another kind that is for
	// promoters too, never a review.
	Kind AskKind `json:"kind"`
	// Rule says no to all of them; "" asks.
	Rule Rule `json:"rule,omitempty"`
	// Turns are when each kind had its last turn before.
	Turns map[AskKind]time.Time `json:"turns,omitempty"`
	// Passed are the kinds that were passed over, and the rule of each.
	Passed []PassedAsk `json:"passed,omitempty"`
}

// PassedAsk is a kind that was passed over.
type PassedAsk struct {
	Kind AskKind `json:"kind"`
	Rule Rule    `json:"rule"`
}

// ChooseAsk says which ask follows an answer at a moment; ok is false where the program
// asks for nothing. First comes whose turn it is, blind to the answer: so a review is
// asked for as often after a low score as after a high one. Then, where it is not a
// review's turn, the rules of what is for promoters.
func (f FollowUp) ChooseAsk(answer AskAnswer, h AskHistory, now time.Time) (choice AskChoice, ok bool) {
	kinds := f.AskKinds()
	if len(kinds) == 0 {
		return AskChoice{}, false
	}
	choice = AskChoice{Turn: h.Turn, Turns: maps.Clone(h.Turns)}
	if !slices.Contains(kinds, choice.Turn) {
		choice.Turn = f.turn(kinds, h.Turns, now)
	}
	choice.Kind = choice.Turn
	if choice.Turn == AskReview {
		if f.resting(AskReview, h.Turns, now) && h.Turn == "" {
			choice.Rule = RuleAskedBefore
		}
		return choice, true
	}
	for _, kind := range f.promotersKinds(choice.Turn, kinds, h.Turns) {
		rule := f.promotersRule(kind, answer, h, now)
		if rule == "" {
			choice.Kind = kind
			return choice, true
		}
		choice.Passed = append(choice.Passed, PassedAsk{kind, rule})
	}
	choice.Rule = choice.Passed[0].Rule
	choice.Passed = choice.Passed[1:]
	return choice, true
}

// turn is the kind whose turn it is. That of a review, or by priority of any kind, waits
// until its gap is over, counted from its last turn.
func (f FollowUp) turn(kinds []AskKind, turns map[AskKind]time.Time, now time.Time) AskKind {
	rested := slices.DeleteFunc(slices.Clone(kinds), func(kind AskKind) bool {
		return (kind == AskReview || f.Asks.By == AskByPriority) && f.resting(kind, turns, now)
	})
	switch {
	case len(rested) == 0:
		return kinds[0]
	case f.Asks.By == AskByPriority:
		return rested[0]
	}
	return byLastTurn(rested, turns)[0]
}

func (f FollowUp) resting(kind AskKind, turns map[AskKind]time.Time, now time.Time) bool {
	last := turns[kind]
	return !last.IsZero() && now.Before(last.Add(f.AskTiming(kind).AgainAfter.Std()))
}

// byLastTurn sorts kinds by their last turns, those that had none first, in their order.
func byLastTurn(kinds []AskKind, turns map[AskKind]time.Time) []AskKind {
	kinds = slices.Clone(kinds)
	slices.SortStableFunc(kinds, func(a, b AskKind) int { return turns[a].Compare(turns[b]) })
	return kinds
}

// promotersKinds are the kinds for promoters, the one whose turn it is first.
func (f FollowUp) promotersKinds(turn AskKind, kinds []AskKind, turns map[AskKind]time.Time) []AskKind {
	others := slices.DeleteFunc(slices.Clone(kinds), func(kind AskKind) bool { return kind == AskReview || kind == turn })
	return append([]AskKind{turn}, byLastTurn(others, turns)...)
}

func (f FollowUp) promotersRule(kind AskKind, answer AskAnswer, h AskHistory, now time.Time) Rule {
	switch last := h.Asked[kind]; {
	case !answer.Band.Happy() || answer.Contradicted:
		return RuleNotHappy
	case kind == AskTestimonial && !answer.Comment:
		return RuleNoComment
	case !last.IsZero() && now.Before(last.Add(f.AskTiming(kind).AgainAfter.Std())):
		return RuleAskedBefore
	}
	return ""
}
