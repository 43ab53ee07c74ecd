package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/store/sqlstore"
	"github.com/cxloop/cxloop/survey"
)

// followUpStore is a configuration with a store of its own, which is there.
func followUpStore(t *testing.T) (file string, c *config.Config, s *sqlstore.Store) {
	t.Helper()
	file = writeFile(t, validYAML+fmt.Sprintf("roi: {currency: EUR, licence: 10, operation: 20, case_minutes: 20, hour: 60, margin: 0.5, mail: 0.001}\nstore: {url: 'sqlite:%s'}\n",
		filepath.Join(t.TempDir(), "cxloop.db")))
	c, err := config.Load(file, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	s, err = openStore(c)
	require.NoError(t, err)
	_, err = s.Migrate(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return file, c, s
}

// surveyed asks customers, each of an account of their own, at a moment, has them answer, and
// records it. It returns the cases that it led to.
func surveyed(t *testing.T, s *sqlstore.Store, p survey.Program, at time.Time, scores []int) []string {
	t.Helper()
	ctx := t.Context()
	var contacts []survey.Contact
	var accounts []survey.Account
	for i := range scores {
		account := survey.Account{Key: fmt.Sprintf("shop/a%d", i), CRM: "shop", ID: fmt.Sprintf("a%d", i)}
		contacts = append(contacts, survey.Contact{Key: fmt.Sprintf("shop/c%d", i), CRM: "shop", ID: fmt.Sprintf("c%d", i), AccountKey: account.Key})
		accounts = append(accounts, account)
	}
	require.NoError(t, s.SaveContacts(ctx, contacts, accounts))
	for i, score := range scores {
		id := newID()
		_, err := s.AddAsked(ctx, store.AskedRequest{ID: id, Program: p, ContactKey: contacts[i].Key, Channel: survey.ChannelAPI, At: at, ExpiresAt: at.Add(14 * 24 * time.Hour)})
		require.NoError(t, err)
		_, err = s.SaveAnswer(ctx, store.SaveAnswerRequest{
			InvitationID: id, Answer: survey.Answer{Score: score, Done: true}, Band: p.BandOf(score), Now: at, DueAt: p.DueAt, NewID: newID,
		})
		require.NoError(t, err)
	}
	programs, err := activities.NewPrograms(ctx, s, []survey.Program{p})
	require.NoError(t, err)
	clock, err := survey.NewClock(nil, 1, func() time.Time { return at })
	require.NoError(t, err)
	var cases []string
	batches, err := s.ClaimBatches(ctx, store.TopicAnswer, at, time.Hour, nil)
	require.NoError(t, err)
	for _, b := range batches {
		answers := &activities.Responses{
			Store: s, Programs: programs, Clock: clock, NewID: newID,
			Comments: &activities.CommentReader{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler)},
		}
		recorded, err := answers.RecordResponses(ctx, activities.AnswersRef{Batch: b.ID})
		require.NoError(t, err)
		cases = append(cases, recorded.Cases...)
	}
	return cases
}

// The commands themselves, over customers half of whom were called within a day, and of whom
// most are content later, whether called or not.
func TestEffectAndROIOfCustomers(t *testing.T) {
	t.Parallel()
	file, c, s := followUpStore(t)
	got := cxloop(t, "effect", "-c", file)
	require.Equal(t, "0 customers had a case in the last 365d, each account counted once.\n", got.out, got.errOut)

	opened := time.Now().Add(-150 * 24 * time.Hour)
	const n = 60
	unhappy, content := make([]int, n), make([]int, n)
	for i := range n {
		unhappy[i], content[i] = 1+i%2, 4+i%2
	}
	cases := surveyed(t, s, c.Programs[0], opened, unhappy)
	require.Len(t, cases, n)
	for i, id := range cases {
		if i%2 == 0 {
			continue
		}
		_, err := s.AdvanceCase(t.Context(), id, opened, func(k *survey.Case, _ []survey.Click) store.Advance {
			at := opened.Add(20 * time.Hour)
			_, err := k.Apply(survey.Click{Action: survey.ActionContacted, User: "U1", At: at})
			require.NoError(t, err)
			return store.Advance{History: []store.CaseEvent{{At: at, What: string(survey.ActionContacted), User: "U1"}}}
		})
		require.NoError(t, err)
	}
	surveyed(t, s, c.Programs[0], opened.Add(60*24*time.Hour), content)

	got = cxloop(t, "effect", "--json", "-c", file)
	require.Zero(t, got.code, got.errOut)
	var report struct {
		Cases struct {
			Customers  int
			CalledSoon int `json:"called_soon"`
			Left       int
			Outcomes   []struct{ Outcome, Verdict string }
			ChangeLeft struct{ N int } `json:"change_left"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.out), &report))
	require.Equal(t, []int{n, n / 2, n / 2, n / 2}, []int{report.Cases.Customers, report.Cases.CalledSoon, report.Cases.Left, report.Cases.ChangeLeft.N})
	for _, o := range report.Cases.Outcomes {
		require.Equal(t, "no_difference", o.Verdict, o.Outcome)
	}
	got = cxloop(t, "effect", "-c", file)
	require.Contains(t, got.out, "30 were called within 2d, 30 were left for more than 7d. Compared are those of the same score, segment, value.")

	got = cxloop(t, "roi", "--last", "200d", "--set", "kept=0.1", "--set", "customer_value=900..1100", "-c", file)
	require.Zero(t, got.code, got.errOut)
	for _, want := range []string{"Return of the last 200d, in EUR.", "customers called           30 ", "work on cases", "ROI "} {
		require.Contains(t, got.out, want)
	}
	got = cxloop(t, "roi", "--set", "hour=much", "-c", file)
	require.Equal(t, exitUsage, got.code)
}
