package survey

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// branching asks detractors how serious it is, and whoever found that serious or
// chose the price for more.
func branching() Program {
	return Program{Metric: NPS, Questions: []Question{
		CausesQuestion(Words{"en": "Why?"}, []Option{{ID: "price"}, {ID: "speed"}}),
		{ID: "serious", Type: ScaleChoice, From: 1, To: 5, When: &Condition{Bands: []Band{Detractor}}},
		{ID: "call", Type: SingleChoice, Options: []Option{{ID: "yes"}, {ID: "no"}}, When: &Condition{Answers: map[string][]string{"serious": {"4", "5"}}}},
		{ID: "fair", Type: FreeText, When: &Condition{Score: &ScoreRange{0, 8}, Answers: map[string][]string{Causes: {"price", OptionOther}}}},
	}}
}

func chosen(ids ...string) QuestionAnswer { return QuestionAnswer{Chosen: ids} }

func TestWhoIsAskedWhat(t *testing.T) {
	t.Parallel()
	p := branching()
	for name, c := range map[string]struct {
		score   int
		answers Answers
		asked   []string
		next    string // "" for none
	}{
		"a promoter at first":                {10, nil, []string{"causes"}, "causes"},
		"a promoter who chose":               {10, Answers{"causes": chosen("speed")}, []string{"causes"}, ""},
		"a promoter about the price":         {9, Answers{"causes": chosen("price")}, []string{"causes"}, ""},
		"a passive about the price":          {8, Answers{"causes": chosen("price")}, []string{"causes", "fair"}, "fair"},
		"a passive about something else":     {7, Answers{"causes": chosen("other")}, []string{"causes", "fair"}, "fair"},
		"a detractor at first":               {0, nil, []string{"causes", "serious"}, "causes"},
		"a detractor who passed over":        {0, Answers{"causes": {}}, []string{"causes", "serious"}, "serious"},
		"a serious detractor":                {6, Answers{"causes": {}, "serious": chosen("4")}, []string{"causes", "serious", "call"}, "call"},
		"one who is not so serious":          {6, Answers{"causes": {}, "serious": chosen("3")}, []string{"causes", "serious"}, ""},
		"answered out of order":              {2, Answers{"serious": chosen("1")}, []string{"causes", "serious"}, "causes"},
		"serious before the score was fixed": {9, Answers{"causes": {}, "serious": chosen("5")}, []string{"causes"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Response{Score: c.score, Band: p.BandOf(c.score), Answers: c.answers}
			var ids []string
			for _, q := range p.Asked(r) {
				ids = append(ids, q.ID)
			}
			require.Equal(t, c.asked, ids)
			next, more := p.NextQuestion(r, "", false)
			require.Equal(t, c.next, next.ID)
			require.Equal(t, c.next != "", more)
		})
	}
}

func TestGoingThroughAllAgain(t *testing.T) {
	t.Parallel()
	p := branching()
	r := Response{Score: 3, Band: Detractor, Answers: Answers{"causes": chosen("price"), "serious": chosen("1"), "fair": {Text: "half"}}}
	var shown []string
	for after := ""; ; {
		q, more := p.NextQuestion(r, after, true)
		if !more {
			break
		}
		shown, after = append(shown, q.ID), q.ID
	}
	require.Equal(t, []string{"causes", "serious", "fair"}, shown)
}

func TestGivenLeavesOutWhatWasNotAsked(t *testing.T) {
	t.Parallel()
	p := branching()
	r := Response{Score: 10, Band: Promoter, Answers: Answers{"causes": chosen("speed", OptionOther), "serious": chosen("5"), "call": chosen("yes")}}
	given := p.Given(r)
	require.Len(t, given, 1)
	given[0].Question.Options[1].Text = Words{"en": "Speed", "fr": "Vitesse"}
	require.Equal(t, []string{"Vitesse"}, given[0].Labels("fr-CA"))
	require.Equal(t, []string{"Speed"}, given[0].Labels("de"))
	require.Equal(t, []string{"4"}, Given{p.Questions[1], chosen("4")}.Labels("fr"))
	require.Empty(t, Program{}.Given(r))
}

func TestQuestionReadsItsAnswer(t *testing.T) {
	t.Parallel()
	options := []Option{{ID: "a"}, {ID: "b"}}
	single := Question{ID: "q", Type: SingleChoice, Options: options, Other: true}
	multiple := Question{ID: "q", Type: MultipleChoice, Options: options, Other: true}
	scale := Question{ID: "q", Type: ScaleChoice, From: 0, To: 10}
	text := Question{ID: "q", Type: FreeText}
	required := func(q Question) Question { q.Required = true; return q }
	for name, c := range map[string]struct {
		question Question
		chosen   []string
		text     string
		want     QuestionAnswer
		err      string
	}{
		"one":                              {single, []string{"b"}, "", chosen("b"), ""},
		"one of two":                       {single, []string{"a", "b"}, "", QuestionAnswer{}, "2 answers are chosen"},
		"the same twice":                   {single, []string{"b", "b"}, "", chosen("b"), ""},
		"none":                             {single, nil, "", QuestionAnswer{}, ""},
		"none of a choice that is wanted":  {required(single), []string{""}, " ", QuestionAnswer{}, ErrRequired.Error()},
		"other":                            {single, []string{"other"}, " c ", QuestionAnswer{[]string{"other"}, "c"}, ""},
		"other without words":              {single, []string{"other"}, "", chosen("other"), ""},
		"words choose other":               {single, nil, "c", QuestionAnswer{[]string{"other"}, "c"}, ""},
		"words beside a single choice":     {single, []string{"a"}, "c", chosen("a"), ""},
		"words beside a multiple choice":   {multiple, []string{"a"}, "c", QuestionAnswer{[]string{"a", "other"}, "c"}, ""},
		"many, in their own order":         {multiple, []string{"other", "b", "a"}, "", chosen("a", "b", "other"), ""},
		"one that is not offered":          {multiple, []string{"a", "c"}, "", QuestionAnswer{}, `answer "c" is none of those offered`},
		"other where it is not offered":    {Question{Type: MultipleChoice, Options: options}, []string{"other"}, "c", QuestionAnswer{}, "none of those offered"},
		"words where no other is offered":  {Question{Type: MultipleChoice, Options: options}, []string{"a"}, "c", chosen("a"), ""},
		"long words":                       {multiple, nil, strings.Repeat("é", MaxOther+1), QuestionAnswer{}, "501 characters: at most 500"},
		"the lowest number":                {scale, []string{"0"}, "", chosen("0"), ""},
		"no number of the scale":           {scale, []string{"11"}, "", QuestionAnswer{}, "none of those offered"},
		"a number written otherwise":       {scale, []string{"07"}, "", QuestionAnswer{}, "none of those offered"},
		"a text":                           {text, []string{"a"}, " two\nlines ", QuestionAnswer{Text: "two\nlines"}, ""},
		"no text":                          {text, nil, " ", QuestionAnswer{}, ""},
		"no text where it is wanted":       {required(text), nil, "\n", QuestionAnswer{}, ErrRequired.Error()},
		"a text that is too long":          {text, nil, strings.Repeat("x", MaxComment+1), QuestionAnswer{}, "5001 characters: at most 5000"},
		"a text that is none":              {text, nil, "\xff", QuestionAnswer{}, "not valid UTF-8"},
		"an option that is no text at all": {single, []string{"\xff"}, "", QuestionAnswer{}, "none of those offered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.question.Answer(c.chosen, c.text)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				require.Equal(t, c.err == ErrRequired.Error(), errors.Is(err, ErrRequired))
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestShownIsTheSameForAReader(t *testing.T) {
	t.Parallel()
	causes := make([]Option, MaxCauses)
	for i := range causes {
		causes[i].ID = string(rune('a' + i))
	}
	q := CausesQuestion(nil, causes)
	first := map[string]int{}
	for reader := range 2000 {
		shown := q.Shown(string(rune(reader + 1000)))
		require.Equal(t, shown, q.Shown(string(rune(reader+1000))))
		require.ElementsMatch(t, causes, shown)
		first[shown[0].ID]++
	}
	for id, n := range first { // 200 expected; 5 standard deviations are 67
		require.InDelta(t, 200, n, 67, id)
	}
	q.Shuffle = false
	require.Equal(t, causes, q.Shown("x"))
}

func FuzzQuestionAnswer(f *testing.F) {
	f.Add(uint8(0), "a", "b", "text", true)
	f.Add(uint8(1), "other", "", "é\x00", false)
	f.Add(uint8(2), "3", "\xff", "", true)
	f.Add(uint8(3), "", "", "words", true)
	types := []QuestionType{SingleChoice, MultipleChoice, ScaleChoice, FreeText}
	f.Fuzz(func(t *testing.T, kind uint8, one, two, text string, other bool) {
		q := Question{ID: "q", Type: types[int(kind)%len(types)], Options: []Option{{ID: "a"}, {ID: "b"}}, Other: other, Required: len(text)%2 == 0}
		if q.Type == ScaleChoice {
			q.Options, q.Other, q.From, q.To = nil, false, 1, 5
		}
		a, err := q.Answer([]string{one, two}, text)
		if err != nil {
			if !a.Empty() || !utf8.ValidString(err.Error()) {
				t.Fatalf("refused with %v and taken as %+v", err, a)
			}
			return
		}
		values := q.Values()
		for _, id := range a.Chosen {
			if !slices.Contains(values, id) {
				t.Fatalf("took %q, which is not offered", id)
			}
		}
		if q.Required && a.Empty() || q.Type != MultipleChoice && len(a.Chosen) > 1 || CheckComment(a.Text) != nil {
			t.Fatalf("took %+v", a)
		}
		if again, err := q.Answer(a.Chosen, a.Text); err != nil || again.Text != a.Text || !slices.Equal(again.Chosen, a.Chosen) {
			t.Fatalf("%+v is read as %+v, %v", a, again, err)
		}
	})
}
