package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

const askColumns = `k.id, k.batch, k.response_id, k.program, k.version, k.contact_key, k.account_key, k.kind, k.state, k.rule,
	k.created_at, k.due_at, k.sent_at, k.clicked_at`

func askFields(k *store.Ask) []any {
	return []any{
		&k.ID, &k.Batch, &k.ResponseID, &k.Program, &k.Version, &k.ContactKey, &k.AccountKey, &k.Kind, &k.State, &k.Rule,
		moment{&k.CreatedAt}, moment{&k.DueAt}, moment{&k.SentAt}, moment{&k.ClickedAt},
	}
}

// WaitingAsks implements store.Asks.
func (s *Store) WaitingAsks(ctx context.Context, batch string) ([]store.AskRecipient, error) {
	found, err := s.read().askRecipients(ctx, `WHERE k.batch = ? AND k.state = ? ORDER BY k.id`, batch, survey.AskWaiting)
	if err != nil {
		return nil, fmt.Errorf("asks of batch %s: %w", batch, err)
	}
	out := make([]store.AskRecipient, len(found))
	for i, r := range found {
		out[i] = r.AskRecipient
	}
	return out, nil
}

// askRecipient is an ask with what decides about it.
type askRecipient struct {
	store.AskRecipient
	// begun is set when its mail may be under way: nothing is decided any more.
	begun bool
}

// selectAskRecipients reads asks with their facts. An open case is one of the
// account, or one of the contact from before the CRM knew an account.
var selectAskRecipients = `SELECT ` + askColumns + `, CASE WHEN r.state = 'withdrawn' THEN '' ELSE r.band END,
	` + hasLeftProgram("k.program") + `, EXISTS (SELECT 1 FROM effects e WHERE e.key = 'mail/ask/' || k.id), ` + contactColumns + `, ` + accountColumns + `,
	EXISTS (SELECT 1 FROM cases o WHERE o.account_key = k.account_key AND o.account_key <> '' AND o.ended_at IS NULL)
		OR EXISTS (SELECT 1 FROM cases o WHERE o.contact_key = k.contact_key AND o.account_key = '' AND o.ended_at IS NULL),
	(SELECT MAX(p.asked_at) FROM asks p WHERE p.contact_key = k.contact_key AND p.kind = k.kind AND p.id <> k.id AND p.state <> 'suppressed')
	FROM asks k
	JOIN responses r ON r.id = k.response_id
	LEFT JOIN contacts c ON c.key = k.contact_key
	LEFT JOIN accounts a ON a.key = k.account_key `

// askRecipients reads what a query of selectAskRecipients finds.
func (q session) askRecipients(ctx context.Context, where string, args ...any) ([]askRecipient, error) {
	type row struct {
		askRecipient
		leftProgram bool
		person      person
		company     company
	}
	rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
		fields := append(askFields(&r.Ask), &r.Facts.Band, &r.leftProgram, &r.begun)
		fields = slices.Concat(fields, r.person.columns(), r.company.columns())
		err = sc.Scan(append(fields, &r.Facts.OpenCase, moment{&r.Facts.LastAsked})...)
		return r, err
	}, selectAskRecipients+where, args...)
	if err != nil {
		return nil, err
	}
	var parts []sealedPart
	for i := range rows {
		parts = append(parts, rows[i].person.part(), rows[i].company.part())
	}
	if err := q.open(ctx, parts); err != nil {
		return nil, err
	}
	out := make([]askRecipient, len(rows))
	for i, r := range rows {
		r.Contact, r.Account = r.person.Contact, r.company.Account
		r.Facts.HasAddress, r.Facts.Bounced, r.Facts.Unsubscribed = r.Contact.Email != "", r.person.bounced, r.person.unsubscribed || r.leftProgram
		out[i] = r.askRecipient
	}
	return out, nil
}

// AdmitAsks implements store.Asks.
func (s *Store) AdmitAsks(ctx context.Context, batch string, now time.Time, decide func(*store.AskRecipient) survey.Rule) ([]store.AskRecipient, error) {
	var admitted []store.AskRecipient
	err := s.write(ctx, func(q session) error {
		admitted = nil
		waiting, err := q.lockedAsks(ctx, batch)
		if err != nil {
			return err
		}
		type request struct {
			contact string
			kind    survey.AskKind
		}
		last := map[request]bool{} // what this batch asks
		decided := map[askDecision][]string{}
		for _, r := range waiting {
			if !r.begun {
				of := request{r.Ask.ContactKey, r.Ask.Kind}
				if last[of] {
					r.Facts.LastAsked = toMillis(now)
				}
				rule := decide(&r.AskRecipient)
				facts, err := json.Marshal(r.Facts)
				if err != nil {
					return err
				}
				made := askDecision{rule, string(facts)}
				if decided[made] = append(decided[made], r.Ask.ID); rule != "" {
					continue
				}
				last[of] = true
			}
			admitted = append(admitted, r.AskRecipient)
		}
		return q.noteDecisions(ctx, decided, now)
	})
	if err != nil {
		return nil, fmt.Errorf("admit asks of batch %s: %w", batch, err)
	}
	return admitted, nil
}

// lockedAsks reads the waiting asks of a batch under the locks of their contacts.
func (q session) lockedAsks(ctx context.Context, batch string) ([]askRecipient, error) {
	contacts, err := collect(ctx, q, scanOne[string],
		`SELECT DISTINCT contact_key FROM asks WHERE batch = ? AND state = ?`, batch, survey.AskWaiting)
	if err != nil {
		return nil, err
	}
	if err := q.lockContacts(ctx, contacts); err != nil {
		return nil, err
	}
	return q.askRecipients(ctx, `WHERE k.batch = ? AND k.state = ? ORDER BY k.id`, batch, survey.AskWaiting)
}

// askDecision is what a rule said, "" for none, and what the rules saw, as JSON.
type askDecision struct {
	rule  survey.Rule
	facts string
}

// noteDecisions keeps what was decided of asks: of many it is the same.
func (q session) noteDecisions(ctx context.Context, decided map[askDecision][]string, now time.Time) error {
	for made, ids := range decided {
		var err error
		if made.rule != "" {
			_, err = q.exec(ctx, `UPDATE asks SET state = ?, rule = ?, facts = ? WHERE id {any}`, survey.AskSuppressed, made.rule, made.facts, q.list(ids))
		} else {
			_, err = q.exec(ctx, `UPDATE asks SET asked_at = ?, facts = ? WHERE id {any}`, now.UnixMilli(), made.facts, q.list(ids))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// MarkAsked implements store.Asks. A click that came before this note stays; the
// first time of sending counts.
func (s *Store) MarkAsked(ctx context.Context, ids []string, state survey.AskState, at time.Time) error {
	var sentAt any
	if state == survey.AskSent {
		sentAt = at.UnixMilli()
	}
	return s.mark(ctx, "mark asks "+string(state), ids, `
		UPDATE asks SET sent_at = COALESCE(sent_at, ?), state = CASE WHEN state IN (?, ?) THEN ? ELSE state END
		WHERE id {any} AND state <> ?`,
		[]any{sentAt, survey.AskWaiting, survey.AskUnknown, state}, []any{survey.AskSuppressed})
}

// Ask implements store.Asks.
func (s *Store) Ask(ctx context.Context, id string) (store.AskRecipient, error) {
	found, err := s.read().askRecipients(ctx, `WHERE k.id = ?`, id)
	r, err := single(found, err, "ask", id)
	return r.AskRecipient, err
}

// ResponseOfAsk implements store.Asks.
func (s *Store) ResponseOfAsk(ctx context.Context, id string) (survey.Response, error) {
	found, err := s.read().responses(ctx, `SELECT `+responseColumns+` FROM responses r JOIN asks k ON k.response_id = r.id WHERE k.id = ?`, id)
	return single(found, err, "response of ask", id)
}

// AskSeen implements store.Asks. The first time counts.
func (s *Store) AskSeen(ctx context.Context, id string, at time.Time) error {
	return s.noteAsk(ctx, id, `UPDATE asks SET seen_at = COALESCE(seen_at, ?) WHERE id = ?`, at.UnixMilli(), id)
}

// cameOf are the states of asks of which more came than a click.
const cameOf = `'referred', 'converted'`

// AskClicked implements store.Asks. The first time counts.
func (s *Store) AskClicked(ctx context.Context, id string, at time.Time) error {
	return s.noteAsk(ctx, id, `UPDATE asks SET state = CASE WHEN state IN (`+cameOf+`) THEN state ELSE ? END,
		clicked_at = COALESCE(clicked_at, ?) WHERE id = ?`, survey.AskClicked, at.UnixMilli(), id)
}

func (s *Store) noteAsk(ctx context.Context, id, update string, args ...any) error {
	return s.write(ctx, func(q session) error {
		n, err := q.exec(ctx, update, args...)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("ask %s: %w", id, err)
		}
		return nil
	})
}
