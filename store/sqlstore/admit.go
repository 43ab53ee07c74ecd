package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// stepAdmit names Admit's entry in batch_results. Its result is the invitations
// themselves.
const stepAdmit = "admit"

// Admit implements store.Invitations. It returns the invitations in order of id.
func (s *Store) Admit(ctx context.Context, req store.AdmitRequest) ([]store.Invitation, error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return nil, err
	}
	req.Candidates = slices.Clone(req.Candidates)
	for i := range req.Candidates {
		req.Candidates[i].ContactKey = hash.reference(req.Candidates[i].ContactKey)
	}
	var made []store.Invitation
	err = s.write(ctx, func(q session) error {
		_, first, err := q.once(ctx, req.Batch, stepAdmit, req.Now)
		if err != nil {
			return err
		}
		if !first {
			made, err = collect(ctx, q, scanInvitation,
				`SELECT `+invitationColumns+` FROM invitations i WHERE i.batch = ? ORDER BY i.id`, req.Batch)
			return err
		}
		made, err = q.decide(ctx, req)
		if err != nil {
			return err
		}
		if err := q.insertInvitations(ctx, made); err != nil {
			return err
		}
		return q.finishItems(ctx, req.Batch, req.Now)
	})
	if err != nil {
		return nil, fmt.Errorf("admit batch %s: %w", req.Batch, err)
	}
	return made, nil
}

// decide asks for each candidate in order. An admitted one counts for those of
// the same contact that follow.
func (q session) decide(ctx context.Context, req store.AdmitRequest) ([]store.Invitation, error) {
	keys := candidateKeys(req.Candidates)
	people, err := q.people(ctx, keys, "{lock}")
	if err != nil {
		return nil, err
	}
	asked, err := q.lastAsked(ctx, keys, req.Program, req.Now)
	if err != nil {
		return nil, err
	}
	made := make([]store.Invitation, 0, len(req.Candidates))
	for _, candidate := range req.Candidates {
		p, found := people[candidate.ContactKey]
		last := asked[candidate.ContactKey]
		facts := survey.AdmissionFacts{
			Found: found, HasAddress: p.Email != "", Unsubscribed: p.unsubscribed,
			LastInvited: last.byAny, LastByThis: last.byThis, Verdicts: candidate.Verdicts,
		}
		rule := req.Decide(candidate, facts)
		invitation, err := newInvitation(req, candidate, p.Contact, facts, rule)
		if err != nil {
			return nil, err
		}
		if rule == "" {
			at := countsFrom(invitation)
			asked[candidate.ContactKey] = invited{byAny: at, byThis: at}
		}
		made = append(made, invitation)
	}
	slices.SortFunc(made, func(a, b store.Invitation) int { return strings.Compare(a.ID, b.ID) })
	return made, nil
}

func candidateKeys(candidates []store.Candidate) []string {
	keys := make([]string, 0, len(candidates))
	for _, c := range candidates {
		keys = append(keys, c.ContactKey)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// invited is when a contact was last invited.
type invited struct{ byAny, byThis time.Time }

// lastAsked reads when contacts were last invited, by any program and by one.
// What was never mailed and never will be does not count; what is admitted may be
// mailed at any moment from when it is due.
func (q session) lastAsked(ctx context.Context, keys []string, program string, now time.Time) (map[string]invited, error) {
	type row struct {
		key string
		invited
	}
	rows, err := collect(ctx, q, func(columns scanner) (r row, err error) {
		err = columns.Scan(&r.key, moment{&r.byAny}, moment{&r.byThis})
		return r, err
	}, `SELECT contact_key, MAX(at), MAX(CASE WHEN program = ? THEN at END) FROM (
			SELECT contact_key, program, CASE WHEN state = ? AND asked_at < ? THEN ? ELSE asked_at END AS at
			FROM invitations WHERE contact_key {any} AND state NOT IN (?, ?)) invited
		GROUP BY contact_key`,
		program, survey.InvitationAdmitted, now.UnixMilli(), now.UnixMilli(), q.list(keys),
		survey.InvitationSuppressed, survey.InvitationCancelled)
	if err != nil {
		return nil, fmt.Errorf("read last invitations: %w", err)
	}
	out := make(map[string]invited, len(rows))
	for _, r := range rows {
		out[r.key] = r.invited
	}
	return out, nil
}

func newInvitation(req store.AdmitRequest, c store.Candidate, contact survey.Contact, facts survey.AdmissionFacts, rule survey.Rule) (store.Invitation, error) {
	text, err := json.Marshal(facts)
	if err != nil {
		return store.Invitation{}, fmt.Errorf("facts of item %d: %w", c.ItemID, err)
	}
	invitation := store.Invitation{
		ID: req.NewID(), Program: req.Program, Version: req.Version, Batch: req.Batch, ItemID: c.ItemID,
		ContactKey: c.ContactKey, AccountKey: contact.AccountKey, State: survey.InvitationAdmitted, Rule: rule,
		Facts: text, Locale: req.Locale(contact), DueAt: toMillis(req.DueAt(c)), CreatedAt: toMillis(req.Now),
	}
	if rule != "" {
		invitation.State, invitation.EndedAt = survey.InvitationSuppressed, invitation.CreatedAt
	}
	return invitation, nil
}

// toMillis cuts a moment to what the database keeps.
func toMillis(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

// countsFrom is the moment from which the gaps to other invitations are counted
// until the mail is sent: when it is due, so that two mails whose delays differ
// keep their distance too.
func countsFrom(i store.Invitation) time.Time {
	if i.DueAt.After(i.CreatedAt) {
		return i.DueAt
	}
	return i.CreatedAt
}

func (q session) insertInvitations(ctx context.Context, made []store.Invitation) error {
	rows := make([][]any, 0, len(made))
	for _, i := range made {
		rows = append(rows, []any{
			i.ID, i.Program, i.Version, i.Batch, i.ItemID, i.ContactKey, i.AccountKey, string(i.State), string(i.Rule),
			string(i.Facts), i.Locale, millis(i.DueAt), millis(i.CreatedAt), millis(countsFrom(i)), millis(i.EndedAt),
		})
	}
	_, err := q.insert(ctx, `INSERT INTO invitations (id, program, version, batch, item_id, contact_key, account_key,
		state, rule, facts, locale, due_at, created_at, asked_at, ended_at)`, rows, "")
	if err != nil {
		return fmt.Errorf("insert invitations: %w", err)
	}
	return nil
}

// finishItems marks all items of a batch done.
func (q session) finishItems(ctx context.Context, batch string, now time.Time) error {
	_, err := q.exec(ctx, `UPDATE inbox SET done_at = ?, payload = NULL WHERE batch = ? AND done_at IS NULL`, now.UnixMilli(), batch)
	if err != nil {
		return fmt.Errorf("finish items: %w", err)
	}
	return nil
}
