package assist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// shelf holds what customers wrote, by program.
type shelf map[string][]store.Quote

func (s shelf) Quotes(_ context.Context, program string, _, _ time.Time, limit int) ([]store.Quote, error) {
	return s[program][:min(limit, len(s[program]))], nil
}

// parrot notes what it is shown.
type parrot struct {
	says              string
	err               error
	instruction, text string
}

func (p *parrot) Ask(_ context.Context, instruction, text string) (string, error) {
	p.instruction, p.text = instruction, text
	return p.says, p.err
}

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func quote(program string, i int, comment string) store.Quote {
	key := fmt.Sprintf("k%d", i)
	return store.Quote{
		Response: survey.Response{ID: key, Program: program, ContactKey: key, Band: survey.Detractor, Comment: comment, AnsweredAt: monday.Add(time.Duration(i) * time.Minute)},
		Contact:  survey.Contact{Key: key, FirstName: "Anna", LastName: "Nowak"}, Account: survey.Account{Name: "Acme Ltd"},
	}
}

func several(program string, n int) (out []store.Quote) {
	for i := range n {
		out = append(out, quote(program, i, fmt.Sprintf("Anna of Acme, 0171 123456 is too slow: %d", i)))
	}
	return out
}

var programs = []survey.Program{
	{ID: "nps"}, {ID: "csat"}, {ID: "team", Of: survey.Employees}, {ID: "visits", Of: survey.Auditors}, anonymous(survey.Program{ID: "hidden"}),
}

func anonymous(p survey.Program) survey.Program {
	p.Anonymous = true
	return p
}

func TestSummary(t *testing.T) {
	t.Parallel()
	model := &parrot{says: "• Slow: about 12. See https://evil.example/x"}
	a := Assistant{Model: model, Programs: programs, Store: shelf{
		"nps": several("nps", 9), "csat": several("csat", 3), "team": several("team", 30), "visits": several("visits", 30), "hidden": several("hidden", 30),
	}}
	got, err := a.Summary(t.Context(), "", monday, monday.Add(time.Hour), "fr")
	require.NoError(t, err)
	require.Equal(t, Summary{From: monday, To: monday.Add(time.Hour), Comments: 12, Read: 12, Text: "• Slow: about 12. See [link]"}, got)
	require.Contains(t, model.instruction, "in the language fr")
	var shown []told
	require.NoError(t, json.Unmarshal([]byte(model.text), &shown))
	require.Len(t, shown, 12)
	require.Equal(t, told{"nps", survey.Detractor, "[name] of [company], [number] is too slow: 8"}, shown[0], "the newest first")
	for _, secret := range []string{"Anna", "Acme", "0171", "team", "visits", "hidden"} {
		require.NotContains(t, model.text, secret)
	}

	got, err = a.Summary(t.Context(), "nps", monday, monday.Add(time.Hour), "en")
	require.NoError(t, err)
	require.Equal(t, []any{9, 0, ""}, []any{got.Comments, got.Read, got.Text}, "of nine there is none")
	got, err = a.Summary(t.Context(), "team", monday, monday.Add(time.Hour), "en")
	require.NoError(t, err)
	require.Zero(t, got.Comments, "of employees nothing is shown")
}

func TestSummaryOfMany(t *testing.T) {
	t.Parallel()
	many := several("nps", 500)
	many[499].Response.Comment = strings.Repeat("ö", 10_000)
	model := &parrot{says: strings.Repeat("x", 10_000)}
	a := Assistant{Model: model, Programs: programs, Store: shelf{"nps": many}}
	got, err := a.Summary(t.Context(), "nps", monday, monday.Add(time.Hour), "en")
	require.NoError(t, err)
	require.Equal(t, []int{500, mostComments}, []int{got.Comments, got.Read})
	require.Len(t, []rune(got.Text), mostSummary+1)
	require.Less(t, len(model.text), mostComments*200+2*mostOfOne)

	model.err = errors.New("busy")
	_, err = a.Summary(t.Context(), "nps", monday, monday.Add(time.Hour), "en")
	require.ErrorContains(t, err, "sum up comments: busy")
}

func detail(q store.Quote, others ...survey.Response) store.CaseDetail {
	return store.CaseDetail{Contact: q.Contact, Account: q.Account, Responses: append(others, q.Response)}
}

func TestDraft(t *testing.T) {
	t.Parallel()
	model := &parrot{says: "Dear [name] of [company], we are sorry."}
	a := Assistant{Model: model, Programs: programs}
	q := quote("nps", 1, "Anna here, of Acme Ltd: too slow. Mail anna@acme.example")
	q.Contact.Locale = "de-AT"
	silent, withdrawn := q.Response, q.Response
	silent.Comment = ""
	withdrawn.State, withdrawn.Comment = survey.Withdrawn, "Not that"
	colleague := quote("nps", 2, "What a colleague wrote").Response
	got, err := a.Draft(t.Context(), detail(q, colleague, silent, withdrawn))
	require.NoError(t, err)
	require.Equal(t, "Dear Anna of Acme Ltd, we are sorry.", got)
	require.Equal(t, `{"survey":"nps","rated":"detractor","comment":"[name] here, of [company]: too slow. Mail [mail]"}`, model.text)
	require.Contains(t, model.instruction, "in the language de-AT")

	q.Contact = survey.Contact{Key: q.Contact.Key}
	got, err = a.Draft(t.Context(), detail(q))
	require.NoError(t, err)
	require.Equal(t, "Dear [name] of Acme Ltd, we are sorry.", got, "of whom no name is known")

	for _, program := range []string{"team", "visits", "hidden", "gone"} {
		d := detail(quote(program, 1, "Too slow"))
		require.False(t, a.Drafts(d), program)
		_, err = a.Draft(t.Context(), d)
		require.ErrorIs(t, err, ErrNothing)
	}
	require.False(t, a.Drafts(store.CaseDetail{}))
	model.err = errors.New("busy")
	_, err = a.Draft(t.Context(), detail(quote("nps", 1, "Too slow")))
	require.ErrorContains(t, err, "draft a reply: busy")
}
