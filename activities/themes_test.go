package activities

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/assist"
	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// blame has contacts give a low score and a cause for it.
func (w *world) blame(cause string, contacts ...survey.Contact) {
	w.Helper()
	_, ids := w.admit(contacts...)
	for _, id := range ids {
		w.answer(id, survey.Answer{Score: 2, Answers: survey.Answers{survey.Causes: {Chosen: []string{cause}}}, Done: true})
	}
	w.record()
}

// What is named more often than in the weeks before is told from what came by chance.
func TestThemes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	everybody := people(60)
	for week := range weeksBefore {
		w.blame("price", everybody[week])
		w.pass(themesWeek - w.program.Delay.Std())
	}
	w.blame("delivery", everybody[10:22]...)
	w.blame("price", everybody[30:32]...)
	w.pass(time.Minute)
	themes, err := ThemesOf(t.Context(), w.store, w.programs, nil, w.clock.Now())
	w.must(err)
	require.Len(t, themes, 2)
	delivery, price := themes[0], themes[1]
	require.Equal(t, []any{"delivery", 12, 0.0, true}, []any{delivery.Cause, delivery.Customers, delivery.Usual, delivery.Real})
	require.Less(t, delivery.Accounts, delivery.Customers, "five of them are of one account")
	require.Equal(t, "Livraison", delivery.Name("fr-CH"))
	require.Equal(t, []any{"price", 2, 1.0, false}, []any{price.Cause, price.Customers, price.Usual, price.Real}, "two in the place of one")
}

// What is written of counts beside what is ticked, where enough write of it.
func TestThemesInComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	topics, everybody := []string{"price"}, people(7)
	write := func(topics []string, causes []string, contacts ...survey.Contact) {
		_, ids := w.admit(contacts...)
		for _, id := range ids {
			_, err := w.store.SaveAnswer(t.Context(), store.SaveAnswerRequest{
				InvitationID: id, Answer: survey.Answer{Score: 2, Comment: "Hm", Answers: survey.Answers{survey.Causes: {Chosen: causes}}, Done: true},
				Band: survey.Detractor, Now: w.clock.Now(), DueAt: w.program.DueAt, NewID: w.newID,
				Read: func(string, string) survey.Reading { return survey.Reading{By: "test", Topics: topics} },
			})
			w.must(err)
		}
		w.record()
	}
	write(append(topics, "usability"), []string{"price"}, everybody[:2]...)
	write([]string{"parking"}, nil, everybody[2:5]...)
	w.pass(time.Minute)
	names := map[string]survey.Words{"parking": {"en": "Parking", "fr": "Stationnement"}}
	themes, err := ThemesOf(t.Context(), w.store, w.programs, names, w.clock.Now())
	w.must(err)
	require.Len(t, themes, 2, "two alone wrote of how it is to use")
	parking, price := themes[0], themes[1]
	require.Equal(t, []any{"parking", "Stationnement", 3, 3}, []any{parking.Cause, parking.Name("fr"), parking.Customers, parking.Written})
	require.Equal(t, []any{"price", "Prix", 2, 0}, []any{price.Cause, price.Name("fr"), price.Customers, price.Written}, "who ticks it and writes of it is one")
	message := themesMessage(casetext.For("en"), themes, func(string) string { return "" })
	text, err := json.Marshal(message.Blocks)
	w.must(err)
	require.Contains(t, string(text), `Customers: 3 (3 in their comments alone)`)
	require.Contains(t, string(text), `Customers: 2 · `)
}

func TestNoThemes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	themes, err := ThemesOf(t.Context(), w.store, w.programs, nil, w.clock.Now())
	w.must(err)
	require.Empty(t, themes)
}

// Whoever reads the channel sees causes, numbers and who has them, and no customer.
func TestThemesArePostedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.blame("delivery", people(6)...)
	w.pass(time.Minute)
	themes := &Themes{Slack: w.slack(), Channel: channel, Language: "fr", OwnerOf: func(cause string) string {
		return map[string]string{"delivery": "U0JONAS"}[cause]
	}}
	week, err := themes.BeginThemes(t.Context())
	w.must(err)
	for range 2 {
		_, err = run[any](w, themes.PostThemes, week)
		w.must(err)
	}
	messages := w.messages()
	require.Len(t, messages, 1)
	blocks := string(messages[0].Blocks)
	require.Contains(t, blocks, `*Livraison*: plus que d’habitude\nClients : 6 · Comptes : 2 · Cas résolus : 0 · Clients par semaine auparavant : 0\n\u003c@U0JONAS\u003e`)
	require.NotContains(t, blocks, "Brien")
}

// A message of which nobody knows whether it was posted is looked for, and not posted again.
func TestThemesInDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	themes := &Themes{Slack: w.slack(), Channel: channel, OwnerOf: func(string) string { return "" }}
	week, err := themes.BeginThemes(t.Context())
	w.must(err)
	_, err = run[any](w, themes.PostThemes, week)
	w.must(err)
	until := strconv.FormatInt(week.Until.UnixMilli(), 10)
	w.must(w.store.DropEffects(t.Context(), []string{store.ThemesEffect(until)}))
	_, err = w.store.BeginEffects(t.Context(), slackVendor, channel, []string{store.ThemesEffect(until)}, w.clock.Now(), w.clock.Now())
	w.must(err)
	_, err = run[any](w, themes.PostThemes, week)
	w.must(err)
	require.Len(t, w.messages(), 1)
}

// modelFunc is a language model.
type modelFunc func(instruction, text string) (string, error)

func (f modelFunc) Ask(_ context.Context, instruction, text string) (string, error) {
	return f(instruction, text)
}

// The summary of a week stands below its themes, and no name went to the model.
func TestThemesWithASummary(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says string
		err  error
		want string
	}{
		{says: "• Slow <!channel>", want: "Ce qu’ils ont écrit"},
		{err: errors.New("the server is busy")},
	} {
		w := newWorld(t)
		everybody := people(assist.MinComments)
		_, ids := w.admit(everybody...)
		for i, id := range ids {
			w.answer(id, survey.Answer{Score: 2, Comment: everybody[i].Name() + " waits too long", Done: true})
		}
		w.record()
		w.pass(time.Minute)
		var shown string
		themes := &Themes{Slack: w.slack(), Channel: channel, Language: "fr", OwnerOf: func(string) string { return "" }, Assistant: &assist.Assistant{
			Store: w.store, Programs: []survey.Program{w.program},
			Model: modelFunc(func(_, text string) (string, error) { shown = text; return c.says, c.err }),
		}}
		week, err := themes.BeginThemes(t.Context())
		w.must(err)
		_, err = run[any](w, themes.PostThemes, week)
		w.must(err)
		require.Equal(t, assist.MinComments, strings.Count(shown, `[name] waits too long`), shown)
		messages := w.messages()
		require.Len(t, messages, 1)
		blocks := string(messages[0].Blocks)
		if c.want == "" {
			require.NotContains(t, blocks, "langage", "the themes are told all the same")
			continue
		}
		require.Contains(t, blocks, c.want)
		require.Contains(t, blocks, `\u0026lt;!channel\u0026gt;`, "what a model writes calls nobody")
		require.Contains(t, blocks, "10 commentaires sur 10")
	}
}
