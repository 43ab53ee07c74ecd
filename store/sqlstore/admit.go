package sqlstore

import (
	"cmp"
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
	req.Touchpoint = cmp.Or(req.Touchpoint, req.Program)
	req.Candidates = slices.Clone(req.Candidates)
	for i := range req.Candidates {
		req.Candidates[i].ContactKey = hash.reference(req.Candidates[i].ContactKey)
		req.Candidates[i].AccountKey = hash.reference(req.Candidates[i].AccountKey)
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
		if req.Campaign != "" {
			cancelled, err := q.campaignCancelled(ctx, req.Campaign)
			if err != nil {
				return err
			}
			if cancelled {
				made = nil
				return nil
			}
		}
		l, err := q.openLedger(ctx, req)
		if err != nil {
			return err
		}
		made, err = q.decide(ctx, req, l)
		if err != nil {
			return err
		}
		groups, err := q.groupInvitations(ctx, made, req, l)
		if err != nil {
			return err
		}
		if err := q.insertInvitations(ctx, made, groups, req); err != nil {
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
// the same person that follow.
func (q session) decide(ctx context.Context, req store.AdmitRequest, l *ledger) ([]store.Invitation, error) {
	made := make([]store.Invitation, 0, len(req.Candidates))
	var outranked []string
	for _, candidate := range req.Candidates {
		applicant := l.applicant(candidate)
		verdict := req.Decide(applicant)
		invitation, err := newInvitation(req, candidate, applicant.Contact, verdict)
		if err != nil {
			return nil, err
		}
		if verdict.Rule == "" {
			outranked = append(outranked, verdict.Facts.Outranks...)
			l.strike(candidate.ContactKey, verdict.Facts.Outranks)
			l.enter(invitation)
		}
		made = append(made, invitation)
	}
	if err := q.outrank(ctx, outranked, req); err != nil {
		return nil, err
	}
	if err := q.noteRechecks(ctx, made, l); err != nil {
		return nil, err
	}
	slices.SortFunc(made, func(a, b store.Invitation) int { return strings.Compare(a.ID, b.ID) })
	return made, nil
}

// outrank suppresses reservations that a better program takes over, whose locks this
// transaction has. The next step of their workflows passes over them.
func (q session) outrank(ctx context.Context, ids []string, req store.AdmitRequest) error {
	if len(ids) == 0 {
		return nil
	}
	taken, err := collect(ctx, q, scanInvitation, `SELECT `+invitationColumns+` FROM invitations i WHERE i.id {any} ORDER BY i.id`, q.list(ids))
	if err != nil {
		return fmt.Errorf("read outranked invitations: %w", err)
	}
	for _, i := range taken {
		var facts survey.AdmissionFacts
		if err := json.Unmarshal(i.Facts, &facts); err != nil {
			return fmt.Errorf("facts of invitation %s: %w", i.ID, err)
		}
		facts.OutrankedBy = req.Program
		text, err := json.Marshal(facts)
		if err != nil {
			return fmt.Errorf("facts of invitation %s: %w", i.ID, err)
		}
		_, err = q.exec(ctx, `UPDATE invitations SET state = ?, rule = ?, facts = ?, ended_at = ? WHERE id = ?`,
			survey.InvitationSuppressed, survey.RuleOutranked, string(text), req.Now.UnixMilli(), i.ID)
		if err != nil {
			return fmt.Errorf("suppress outranked invitation: %w", err)
		}
	}
	return nil
}

func candidateKeys(candidates []store.Candidate) []string {
	keys := make([]string, 0, len(candidates))
	for _, c := range candidates {
		keys = append(keys, c.ContactKey)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func newInvitation(req store.AdmitRequest, c store.Candidate, contact survey.Contact, verdict survey.Ruling) (store.Invitation, error) {
	text, err := json.Marshal(verdict.Facts)
	if err != nil {
		return store.Invitation{}, fmt.Errorf("facts of item %d: %w", c.ItemID, err)
	}
	invitation := store.Invitation{
		ID: req.NewID(), Program: req.Program, Version: req.Version, Batch: req.Batch, ItemID: c.ItemID,
		Recheck: c.Recheck, ContactKey: c.ContactKey, AccountKey: accountAsked(req, c, contact.AccountKey), State: survey.InvitationAdmitted, Rule: verdict.Rule,
		Channel: cmp.Or(req.Channel, survey.ChannelMail), Facts: text, Locale: req.Locale(contact), DueAt: toMillis(req.DueAt(c, contact)), CreatedAt: toMillis(req.Now),
	}
	if req.NoAccount {
		invitation.AccountKey = ""
	}
	if !req.OpenUntil.IsZero() {
		invitation.Channel = survey.ChannelLink
	}
	if verdict.Rule == "" && req.Variant != nil {
		invitation.Variant = req.Variant(contact)
	}
	switch {
	case verdict.Rule != "":
		invitation.State, invitation.EndedAt = survey.InvitationSuppressed, invitation.CreatedAt
	case invitation.Channel == survey.ChannelLink:
		invitation.State, invitation.SentAt, invitation.ExpiresAt = survey.InvitationSent, invitation.CreatedAt, toMillis(req.OpenUntil)
	}
	return invitation, nil
}

// accountAsked is the account that a candidate is asked about, by that of its contact.
func accountAsked(req store.AdmitRequest, c store.Candidate, ofContact string) string {
	if req.Audit {
		return c.AccountKey
	}
	return ofContact
}

// toMillis cuts a moment to what the database keeps.
func toMillis(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

// countsFrom is the moment from which the gaps to other invitations are counted
// until the mail is sent: when it is due, so that two mails whose delays differ
// keep their distance too.
func countsFrom(i store.Invitation) time.Time { return dueFrom(i.DueAt, i.CreatedAt) }

// dueFrom is when a mail goes out that is due at a moment, and not before another.
func dueFrom(due, now time.Time) time.Time {
	if due.After(now) {
		return due
	}
	return now
}

func (q session) insertInvitations(ctx context.Context, made []store.Invitation, groups map[string]int64, req store.AdmitRequest) error {
	rows := make([][]any, 0, len(made))
	for _, i := range made {
		rows = append(rows, []any{
			i.ID, i.Program, i.Version, i.Batch, i.ItemID, i.ContactKey, i.AccountKey, string(i.State), string(i.Rule),
			string(i.Facts), i.Locale, millis(i.DueAt), millis(i.CreatedAt), millis(countsFrom(i)), millis(i.EndedAt),
			string(req.Kind), req.Touchpoint, req.Priority, string(i.Channel), millis(i.SentAt), millis(i.ExpiresAt), i.Variant, req.Campaign, req.Audit, i.Recheck, groups[i.ID],
		})
	}
	_, err := q.insert(ctx, `INSERT INTO invitations (id, program, version, batch, item_id, contact_key, account_key,
		state, rule, facts, locale, due_at, created_at, asked_at, ended_at, kind, touchpoint, priority,
		channel, sent_at, expires_at, variant, campaign, audit, recheck, score_group)`, rows, "")
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
