package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// teams is a routing by language and to owners, with storms of more than three cases.
const teams = `
  default: {channel: C0CX00001}
  storm: {after: 3, within: 20d}
  rules:
    - {if: contact.locale.startsWith('fr') && response.score <= 3, channel: C0CX00002, language: fr, personal_data: false}
    - {when: account.tier == 'enterprise', to: owner, channel: C0CX00003}
`

// Amélie and Jonas have accounts in the stand-in for the CRM, and are in that for Slack.
const (
	amelieOwns, amelieReads = "41629779", "D0AMELIE"
	jonasOwns, jonasReads   = "41629780", "D0JONAS"
)

func startRouted(t *testing.T, kind database) *world {
	t.Helper()
	w := newWorld(t, kind)
	before, rest, _ := strings.Cut(string(w.yaml), "\n  default: C0CX00001\n")
	_, after, _ := strings.Cut(rest, "\n")
	w.yaml = []byte(before + teams + after)
	c, err := config.LoadBytes("cxloop.yaml", w.yaml, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	c.Temporal.Local = true
	w.config = c
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)
	return w
}

// unhappy has a customer of a company answer.
func (w *world) unhappy(t *testing.T, name, language, tier, owner string) customer {
	t.Helper()
	company, err := w.sandbox.CreateCompany(map[string]string{"name": name + " Ltd", "tier": tier, "hubspot_owner_id": owner})
	require.NoError(t, err)
	c := w.customer(t, company.ID, name, language)
	w.win(t, c.deal)
	w.give(t, w.mail(t, c.email, "invite"), "2", "Too slow, says "+name)
	return c
}

// TestRouting follows cases to where the rules send them: by language, to the owner, to the
// fallback of owners who are not known, and with an account to its next owner.
func TestRouting(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := startRouted(t, kind)
			w.unhappy(t, "Chantal", "fr", "growth", "")
			m := w.message(t, escalationsChannel, "Chantal Ltd", "in French", contains("Prendre en charge"))
			require.NotContains(t, readable(m.Blocks), "says Chantal", "the channel may not see comments")

			owned := w.unhappy(t, "Otto", "en", "enterprise", amelieOwns)
			w.message(t, amelieReads, "Otto", "to the owner", contains("Acknowledge"))
			w.unhappy(t, "Nora", "en", "enterprise", "1")
			w.message(t, "C0CX00003", "Nora", "nobody knows the owner", contains("Acknowledge"))

			require.NoError(t, w.sandbox.SetProperty(sandbox.Companies, owned.company, "hubspot_owner_id", jonasOwns, sandbox.SourceUser))
			w.message(t, jonasReads, "Otto", "to the new owner", contains("Acknowledge"))
			w.message(t, amelieReads, "moved", "the old message says so", func(blocks string) bool { return !strings.Contains(blocks, "Otto") })
			require.Equal(t, 1, w.number(t, `SELECT count(*) FROM case_events WHERE what = 'owner' AND target = 'U0JONAS'`))
			for _, row := range w.texts(t, `SELECT owner_id || slack_user || zone FROM owner_people`) {
				require.NotContains(t, row, "@", "addresses are not kept")
			}
		})
	}
}

// TestStorm has more customers complain at once than a channel reads one by one.
func TestStorm(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := startRouted(t, kind)
			const all = 8
			for i := range all {
				w.complain(t, fmt.Sprintf("person%d", i))
			}
			w.awaitNumber(t, all, "all have a message", `SELECT count(*) FROM cases WHERE message_ts <> ''`)
			w.await(t, "the digest counts them", func(st *sandbox.State) bool {
				digest, _ := stormIn(st)
				return digest != nil && strings.Contains(readable(digest.Blocks), fmt.Sprintf("*%d open*", all))
			})
			var digest *sandbox.Message
			var replies []*sandbox.Message
			w.sandbox.Read(func(st *sandbox.State) { digest, replies = stormIn(st) })
			require.NotEmpty(t, replies)
			for _, m := range replies {
				require.Equal(t, digest.TS, m.ThreadTS)
			}
			w.click(t, replies[0], survey.ActionResolve, "U0AMELIE")
			w.await(t, "the digest tells of it", func(st *sandbox.State) bool {
				digest, _ := stormIn(st)
				return strings.Contains(readable(digest.Blocks), fmt.Sprintf("*%d open · 1 resolved*", all-1))
			})
			w.sandbox.Read(func(st *sandbox.State) {
				require.Zero(t, st.Counts.RateLimited)
				require.Len(t, st.Messages(casesChannel), all+1, "each once, and one digest")
			})
		})
	}
}

// stormIn are the digest of a storm and the replies to it.
func stormIn(st *sandbox.State) (digest *sandbox.Message, replies []*sandbox.Message) {
	for _, m := range st.Messages(casesChannel) {
		var metadata struct {
			EventType string `json:"event_type"`
		}
		if json.Unmarshal(m.Metadata, &metadata) == nil && metadata.EventType == "cxloop_storm" {
			digest = m
		} else if m.ThreadTS != "" {
			replies = append(replies, m)
		}
	}
	return digest, replies
}
