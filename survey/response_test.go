package survey

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"
)

var followUp = FollowUp{FinalAfter: Span(time.Hour), Case: CaseRule{AlertAfter: Span(2 * time.Minute)}}

func TestResponseIsDue(t *testing.T) {
	t.Parallel()
	program := Program{Metric: NPS, FollowUp: followUp}
	noCases := program
	noCases.FollowUp.Case.Off = true
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	for name, c := range map[string]struct {
		program Program
		r       Response
		want    time.Time
	}{
		"a passive's, an hour after":               {program, Response{ContactKey: "shop/1", Band: Passive, AnsweredAt: noon, ChangedAt: noon}, at(time.Hour)},
		"done is at once":                          {program, Response{ContactKey: "shop/1", Band: Passive, Done: true, AnsweredAt: noon, ChangedAt: at(time.Minute)}, at(time.Minute)},
		"a detractor's first alert":                {program, Response{ContactKey: "shop/1", Band: Detractor, AnsweredAt: noon, ChangedAt: at(time.Minute)}, at(2 * time.Minute)},
		"a detractor's after the alert":            {program, Response{ContactKey: "shop/1", Band: Detractor, AnsweredAt: noon, ChangedAt: at(time.Minute), Alerted: at(2 * time.Minute)}, at(61 * time.Minute)},
		"of nobody who could be told":              {program, Response{Band: Detractor, AnsweredAt: noon, ChangedAt: noon}, at(time.Hour)},
		"a detractor's of a program without cases": {noCases, Response{ContactKey: "shop/1", Band: Detractor, AnsweredAt: noon, ChangedAt: noon}, at(time.Hour)},
	} {
		if got := c.program.DueAt(c.r); !got.Equal(c.want) {
			t.Errorf("%s: due at %v, want %v", name, got, c.want)
		}
	}
}

func TestResponseBecomesFinal(t *testing.T) {
	t.Parallel()
	program := Program{FollowUp: followUp}
	r := Response{ChangedAt: noon}
	if program.IsFinal(r, noon.Add(time.Hour-1)) {
		t.Error("final before its hour is over")
	}
	if !program.IsFinal(r, noon.Add(time.Hour)) {
		t.Error("not final when its hour is over")
	}
	r.Done = true
	if !program.IsFinal(r, noon) {
		t.Error("not final when the customer is done")
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	program := Program{FollowUp: followUp}
	off := Program{FollowUp: followUp}
	off.FollowUp.Case.Off, off.FollowUp.Referral.Off = true, true
	for name, c := range map[string]struct {
		program Program
		band    Band
		done    bool
		want    NextStep
	}{
		"a detractor, at once":            {program, Detractor, false, NextStep{Case: true, Origin: OriginUnhappy, Priority: PriorityNormal}},
		"a passive":                       {program, Passive, true, NextStep{Ask: true}},
		"a promoter still at it":          {program, Promoter, false, NextStep{}},
		"a promoter who is done":          {program, Promoter, true, NextStep{Ask: true}},
		"dissatisfied":                    {program, Dissatisfied, true, NextStep{Case: true, Origin: OriginUnhappy, Priority: PriorityNormal, Ask: true}},
		"easy":                            {program, Easy, true, NextStep{Ask: true}},
		"a detractor, follow-ups are off": {off, Detractor, true, NextStep{}},
		"a promoter, follow-ups are off":  {off, Promoter, true, NextStep{}},
	} {
		if got := c.program.Next(Response{ContactKey: "shop/1", Band: c.band, Done: c.done, ChangedAt: noon}, false, noon); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if got := c.program.Next(Response{Band: c.band, Done: c.done, ChangedAt: noon}, false, noon); got != (NextStep{}) {
			t.Errorf("%s, by nobody in particular: %+v", name, got)
		}
	}
}

func TestCheckComment(t *testing.T) {
	t.Parallel()
	if err := CheckComment(strings.Repeat("é", MaxComment)); err != nil {
		t.Errorf("the longest comment: %v", err)
	}
	if CheckComment(strings.Repeat("é", MaxComment+1)) == nil {
		t.Error("a longer comment was taken")
	}
	if CheckComment("caf\xe9") == nil {
		t.Error("a comment that is not text was taken")
	}
}

func TestResponseTakesAnAnswer(t *testing.T) {
	t.Parallel()
	first := Response{Score: 3, Comment: "slow"}
	for name, c := range map[string]struct {
		answer  Answer
		want    Response
		changed bool
	}{
		"the same again":              {Answer{Score: 3, Comment: "slow"}, first, false},
		"another score, comment kept": {Answer{Score: 9, KeepComment: true}, Response{Score: 9, Comment: "slow"}, true},
		"the comment is taken back":   {Answer{Score: 3}, Response{Score: 3}, true},
		"a question": {Answer{Score: 3, KeepComment: true, Answers: Answers{"q": {Text: "x"}}},
			Response{Score: 3, Comment: "slow", Answers: Answers{"q": {Text: "x"}}}, true},
		"done": {Answer{Score: 3, KeepComment: true, Done: true}, Response{Score: 3, Comment: "slow", Done: true}, true},
	} {
		r := first
		if changed := r.Take(c.answer); changed != c.changed || !reflect.DeepEqual(r, c.want) {
			t.Errorf("%s: %+v, changed %v", name, r, changed)
		}
	}
	done := Response{Score: 3, Done: true}
	if done.Take(Answer{Score: 3}) || !done.Done {
		t.Error("an old page sent again takes \"done\" back")
	}
}

func TestAnswersOfOtherQuestionsStay(t *testing.T) {
	t.Parallel()
	var r Response
	for _, step := range []struct {
		answers Answers
		want    Answers
		changed bool
	}{
		{Answers{"a": {Chosen: []string{"x"}}}, Answers{"a": {Chosen: []string{"x"}}}, true},
		{Answers{"a": {Chosen: []string{"x"}}}, Answers{"a": {Chosen: []string{"x"}}}, false},
		{Answers{"b": {}}, Answers{"a": {Chosen: []string{"x"}}, "b": {}}, true},
		{Answers{"b": {}}, Answers{"a": {Chosen: []string{"x"}}, "b": {}}, false},
		{Answers{"a": {}}, Answers{"a": {}, "b": {}}, true},
		{nil, Answers{"a": {}, "b": {}}, false},
	} {
		before := maps.Clone(r.Answers)
		copied := r
		if changed := r.Take(Answer{Answers: step.answers}); changed != step.changed || !reflect.DeepEqual(r.Answers, step.want) {
			t.Errorf("%+v: %+v, changed %v", step.answers, r.Answers, changed)
		}
		if !reflect.DeepEqual(copied.Answers, before) {
			t.Error("a copy of the response changed with it")
		}
	}
}
