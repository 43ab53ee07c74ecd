package activities

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/store/sqlstore"
	"github.com/cxloop/cxloop/store/storetest"
	"github.com/cxloop/cxloop/survey"
)

// hurry is how much faster than in life Slack's limits run here, and the pace with them.
const hurry = 100

// storm is a world whose Slack holds cxloop to its limits.
type storm struct {
	*world
	cases *Cases
	slack *Slack
}

func newStorm(t *testing.T, database store.Store) *storm {
	t.Helper()
	w := newWorldIn(t, database)
	began := time.Now()
	box, err := sandbox.New(sandbox.Options{
		Slack: sandbox.SlackOptions{BotToken: secret, SigningSecret: secret}, SpecsDir: specs(), Logger: silent,
		// Ahead of cxloop's clock, which stands still: what was posted is looked for from then on.
		Now: func() time.Time { return start.Add(2*day + hurry*time.Since(began)) },
	})
	w.must(err)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	w.box, w.url = box, server.URL
	client, err := slack.New(slack.Options{BaseURL: w.url + "/slack", BotToken: secret, PerChannel: hurry * slack.PerChannel})
	w.must(err)
	s := &storm{world: w, cases: w.cases(), slack: w.slack()}
	s.slack.Client = client
	s.cases.Storm = survey.StormRule{After: 20, Within: survey.Span(10 * time.Minute)}
	s.cases.NewID, s.cases.Programs = w.newID, w.programs
	return s
}

// detractors makes a case of each of so many accounts, their scores in turn from 0 to 6.
func (s *storm) detractors(n int) []string {
	s.Helper()
	var contacts []survey.Contact
	for i := range n {
		contacts = append(contacts, person(5*i, "en"))
	}
	var ids []string
	for i := 0; i < n; i += store.MaxBatch {
		_, invited := s.admit(contacts[i:min(i+store.MaxBatch, n)]...)
		for j, id := range invited {
			s.answer(id, survey.Answer{Score: (i + j) % 7, Comment: fmt.Sprintf("Number %d.", i+j), Done: true})
		}
		_, recorded := s.record()
		ids = append(ids, recorded.Cases...)
	}
	require.Len(s.T, ids, n)
	return ids
}

// advance does what the workflow of a case does.
func (s *storm) advance(id string) Advanced {
	s.Helper()
	advanced, err := s.cases.AdvanceCase(s.Context(), CaseRef{Case: id})
	s.must(err)
	if advanced.Show {
		s.again(func() error {
			_, err := run[any](s.world, s.slack.ShowCase, CaseRef{Case: id})
			return err
		})
	}
	return advanced
}

// again does something until it is not to be tried again.
func (s *storm) again(do func() error) (tries int) {
	s.Helper()
	for {
		tries++
		err := do()
		failed, ok := errors.AsType[*temporal.ApplicationError](err)
		if !ok || failed.NonRetryable() {
			s.must(err)
			return tries
		}
		s.pass(failed.NextRetryDelay()) // its post is looked for in a while
	}
}

// tell does what the storm's workflow does.
func (s *storm) tell(id string) (tries int) {
	s.Helper()
	for more := true; more; {
		tries += s.again(func() error {
			told, err := run[StormTold](s.world, s.slack.TellStorm, StormRef{Storm: id})
			more = err != nil || told.More
			return err
		})
	}
	return tries
}

// posted are the messages of the channel itself, and the replies to its digest.
func (s *storm) posted() (digests, alone, replies []*sandbox.Message) {
	for _, m := range s.box.Snapshot().Messages(channel) {
		var metadata struct {
			EventType string `json:"event_type"`
		}
		s.must(json.Unmarshal(m.Metadata, &metadata))
		switch {
		case metadata.EventType == stormEventType:
			digests = append(digests, m)
		case metadata.EventType != CaseEventType:
			require.NotEqual(s.T, storyEventType, metadata.EventType, "no story among so many")
		case m.ThreadTS != "":
			replies = append(replies, m)
		default:
			alone = append(alone, m)
		}
	}
	return digests, alone, replies
}

func TestAStormOfFiveHundredCases(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) store.Store{
		"SQLite":   func(t *testing.T) store.Store { return storetest.SQLite(t) },
		"Postgres": openPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStorm(t, open(t))
			const all, early = 500, 3
			ids := s.detractors(all)
			for _, id := range ids[:early] { // shown before it is known that there is a storm
				require.Empty(t, s.advance(id).Storm)
			}
			var began string
			for _, id := range ids[early:] {
				advanced, err := s.cases.AdvanceCase(t.Context(), CaseRef{Case: id})
				s.must(err)
				began = advanced.Storm
			}
			for _, id := range ids[early:] { // those that were on their way are taken along
				_, err := run[any](s.world, s.slack.ShowCase, CaseRef{Case: id})
				s.must(err)
			}
			_, alone, _ := s.posted()
			require.Len(t, alone, early)

			s.box.SetFaults(sandbox.Slack, sandbox.Faults{Rate: 0.02, Path: "chat.", Seed: 7, Kinds: []sandbox.FaultKind{
				sandbox.FaultCut, sandbox.FaultServerError, sandbox.FaultRateLimitRetryAfter,
			}})
			tries := s.tell(began)
			require.Greater(t, tries, 5, "some calls failed")
			s.box.SetFaults(sandbox.Slack, sandbox.Faults{})
			s.tell(began)
			s.isTold(ids, early)
			s.changes(began, ids[400])
			s.passes(all)
		})
	}
}

// isTold requires that a storm's cases are in the thread of one digest, each once, the
// worst first.
func (s *storm) isTold(ids []string, early int) {
	s.Helper()
	digests, alone, replies := s.posted()
	require.Len(s.T, digests, 1)
	require.Len(s.T, alone, early)
	require.Len(s.T, replies, len(ids)-early)
	shown := map[string]bool{}
	before := 0
	for _, m := range append(alone, replies...) {
		var metadata struct {
			Payload struct {
				Case string `json:"case"`
			} `json:"event_payload"`
		}
		s.must(json.Unmarshal(m.Metadata, &metadata))
		id := metadata.Payload.Case
		require.False(s.T, shown[id], "once")
		shown[id] = true
		require.Contains(s.T, string(m.Blocks), id+".1", "its buttons")
		if m.ThreadTS == "" {
			continue
		}
		require.Equal(s.T, digests[0].TS, m.ThreadTS)
		require.False(s.T, m.Broadcast)
		score := s.caseOf(id).Responses[0].Score
		require.GreaterOrEqual(s.T, score, before, "the worst first")
		before = score
	}
	require.Equal(s.T, "500 cases at once", digests[0].Text)
	require.Contains(s.T, string(digests[0].Blocks), "*500 open*")
	require.Equal(s.T, digestCases, strings.Count(string(digests[0].Blocks), "• "))
	limited := 0
	for _, r := range s.box.Snapshot().Refusals {
		require.Equal(s.T, 429, r.Status, r.Detail)
		limited++
	}
	require.Less(s.T, limited, 10, "no storm of refusals")
}

// changes requires that a click on a case of a storm shows in its message and the digest.
func (s *storm) changes(id, caseID string) {
	s.Helper()
	s.click("k1", caseID, survey.ActionAcknowledge, "U0AMELIE")
	s.must(s.store.SaveSlackUsers(s.Context(), map[string]bool{"U0AMELIE": true}, time.Now()))
	require.Equal(s.T, id, s.advance(caseID).Storm, "the digest tells of it")
	s.tell(id)
	require.Empty(s.T, s.advance(caseID).Storm, "there is nothing new")
	digests, _, replies := s.posted()
	require.Contains(s.T, string(digests[0].Blocks), "499 open · 1 acknowledged")
	edited := 0
	for _, m := range replies {
		if strings.Contains(string(m.Blocks), "U0AMELIE") {
			edited++
		}
	}
	require.Equal(s.T, 1, edited)
}

// passes requires that the next case after a quiet span is posted by itself.
func (s *storm) passes(n int) {
	s.Helper()
	s.pass(s.cases.Storm.Within.Std())
	_, invited := s.admit(person(5*n, "en"))
	s.answer(invited[0], survey.Answer{Score: 1, Done: true})
	_, recorded := s.record()
	require.Empty(s.T, s.advance(recorded.Cases[0]).Storm)
	_, alone, _ := s.posted()
	require.Equal(s.T, s.caseOf(recorded.Cases[0]).Case.MessageTS, alone[len(alone)-1].TS)
}

func openPostgres(t *testing.T) store.Store {
	t.Helper()
	url := localtest.PostgresForTests(t)
	s, err := sqlstore.Open(url, storetest.Keys(t), sqlstore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	_, err = s.Migrate(t.Context())
	require.NoError(t, err)
	return s
}
