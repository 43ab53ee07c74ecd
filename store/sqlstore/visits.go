package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// visitorSubject is the key of a day by which visitors' sources are hashed.
func visitorSubject(day uint16) string { return fmt.Sprintf("visitors/%d", day) }

// visitPlace is where the answer of a visitor stands.
func visitPlace(item, visitor string) string { return "visit/" + item + "/" + visitor }

// The states of a visit's answer.
const (
	visitCounts   = ""
	visitHeld     = "held"
	visitRejected = "rejected"
	visitAccepted = "accepted"
)

// visitor is the hash of where a request came from, "" for none.
func (s *Store) visitor(ctx context.Context, v store.VisitNote) (string, error) {
	if v.Source == "" {
		return "", nil
	}
	subject := visitorSubject(today(v.At))
	keys, err := s.keys.ensure(ctx, []string{subject})
	if err != nil {
		return "", err
	}
	return hasher{keys[subject]}.hash("visitor", v.Source), nil
}

// visit is a row.
type visit struct {
	item, visitor, contact, program, state string
	survey.Visit
	postedAt, answeredAt, leftAt time.Time
	leftProgram                  string
	sealed                       []byte
	// new says that there is no row yet.
	new bool
}

const visitColumns = `v.item, v.visitor, v.contact_key, v.program, v.state, v.evidence, v.posted_at, v.sealed, v.answered_at,
	v.left_at, v.left_program`

func (q session) visits(ctx context.Context, where string, args ...any) ([]*visit, error) {
	return collect(ctx, q, func(row scanner) (*visit, error) {
		var v visit
		var evidence []byte
		err := row.Scan(&v.item, &v.visitor, &v.contact, &v.program, &v.state, &evidence, moment{&v.postedAt}, &v.sealed,
			moment{&v.answeredAt}, moment{&v.leftAt}, &v.leftProgram)
		if err == nil {
			err = json.Unmarshal(evidence, &v.Visit)
		}
		return &v, err
	}, `SELECT `+visitColumns+` FROM visits v `+where, args...)
}

// mailVisits are all visits of one mail, whose lock this transaction has.
type mailVisits []*visit

// visitsOf locks a mail and reads its visits, among them that of a visitor.
func (q session) visitsOf(ctx context.Context, item, visitor string) (mailVisits, *visit, error) {
	table, id := "invitations", item
	for _, prefix := range []string{survey.UnsubscribeAsk, survey.VisitFriend} {
		if ask, ok := strings.CutPrefix(item, prefix); ok {
			table, id = "asks", ask
		}
	}
	var contact, program string
	err := q.row(ctx, `SELECT contact_key, program FROM `+table+` WHERE id = ? {lock}`, id).Scan(&contact, &program)
	if err != nil {
		return nil, nil, missing(err, "mail", item)
	}
	all, err := q.visits(ctx, `WHERE v.item = ? ORDER BY v.visitor`, item)
	if err != nil {
		return nil, nil, fmt.Errorf("visits of %s: %w", item, err)
	}
	if visitor == "" {
		return all, nil, nil
	}
	at := slices.IndexFunc(all, func(v *visit) bool { return v.visitor == visitor })
	if at < 0 {
		all = append(all, &visit{item: item, visitor: visitor, contact: contact, program: program, new: true})
		at = len(all) - 1
	}
	return all, all[at], nil
}

// shown reports whether a page was shown to any visitor of the mail.
func (all mailVisits) shown(page string) bool {
	return slices.ContainsFunc(all, func(v *visit) bool { return slices.Contains(v.Pages, page) })
}

// latestCounted is the visit whose answer counts last, but one; nil for none.
func (all mailVisits) latestCounted(but *visit) (latest *visit) {
	for _, v := range all {
		if v != but && v.sealed != nil && (v.state == visitCounts || v.state == visitAccepted) &&
			(latest == nil || v.answeredAt.After(latest.answeredAt)) {
			latest = v
		}
	}
	return latest
}

// note takes what a request tells besides a form.
func (v *visit) note(n store.VisitNote) {
	if n.Link != "" {
		v.Open(n.Link, n.Links, n.At)
	}
	if n.Shown {
		v.Show(n.Page, n.At)
	}
	v.Network, v.Prefetch = v.Network || n.Network, v.Prefetch || n.Prefetch
}

// send takes a form and judges it. What an operator accepted is not held again.
func (q session) send(ctx context.Context, all mailVisits, v *visit, n store.VisitNote, score string) (held bool, err error) {
	v.note(n)
	var burst int
	err = q.row(ctx, `SELECT COUNT(*) FROM visits WHERE visitor = ? AND posted_at IS NOT NULL AND posted_at > ? AND item <> ?`,
		v.visitor, n.At.Add(-survey.BurstWithin).UnixMilli(), v.item).Scan(&burst)
	if err != nil {
		return false, fmt.Errorf("count answers of one source: %w", err)
	}
	v.Send(survey.SentForm{At: toMillis(n.At), Score: score, Page: n.Page}, burst+1)
	v.postedAt = n.At
	return v.judge(all), nil
}

// judge reports whether the visitor's answer is to be held, and keeps why.
func (v *visit) judge(all mailVisits) bool {
	signs, held := v.Judge(all.shown)
	if held && v.state != visitAccepted {
		v.Signs, v.Held = signs, v.Last
		return true
	}
	return false
}

// saveVisit keeps a visit.
func (q session) saveVisit(ctx context.Context, v *visit) error {
	evidence, err := json.Marshal(v.Visit)
	if err != nil {
		return err
	}
	var sealed any
	if v.sealed != nil {
		sealed = v.sealed
	}
	_, err = q.exec(ctx, `INSERT INTO visits (item, visitor, contact_key, program, state, evidence, seen_at, posted_at, sealed,
			answered_at, left_at, left_program) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (item, visitor) DO UPDATE SET state = excluded.state, evidence = excluded.evidence, seen_at = excluded.seen_at,
			posted_at = excluded.posted_at, sealed = excluded.sealed, answered_at = excluded.answered_at,
			left_at = excluded.left_at, left_program = excluded.left_program`,
		v.item, v.visitor, v.contact, v.program, v.state, string(evidence), v.Last.UnixMilli(), millis(v.postedAt), sealed,
		millis(v.answeredAt), millis(v.leftAt), v.leftProgram)
	if err != nil {
		return fmt.Errorf("keep visit to %s: %w", v.item, err)
	}
	return nil
}

// NoteVisit implements store.Visits.
func (s *Store) NoteVisit(ctx context.Context, n store.VisitNote, now time.Time) error {
	visitor, err := s.visitor(ctx, n)
	if err != nil || visitor == "" {
		return err
	}
	return s.write(ctx, func(q session) error {
		all, v, err := q.visitsOf(ctx, n.Item, visitor)
		if err != nil || v.new && len(all) > survey.MaxVisitors {
			return err
		}
		v.note(n)
		return q.settleVisit(ctx, all, v, now)
	})
}

// NoteForm implements store.Visits.
func (s *Store) NoteForm(ctx context.Context, n store.VisitNote) (machine bool, err error) {
	visitor, err := s.visitor(ctx, n)
	if err != nil || visitor == "" {
		return false, err
	}
	err = s.write(ctx, func(q session) error {
		all, v, err := q.visitsOf(ctx, n.Item, visitor)
		if err != nil {
			return err
		}
		posted := v.postedAt
		if machine, err = q.send(ctx, all, v, n, ""); err != nil {
			return err
		}
		v.postedAt = posted // nothing that could be held came with it
		return q.saveVisit(ctx, v)
	})
	return machine, err
}

// settleVisit keeps a visit, and holds what counted of it where it is a machine's by now.
func (q session) settleVisit(ctx context.Context, all mailVisits, v *visit, now time.Time) error {
	if v.state == visitCounts && !v.postedAt.IsZero() && v.judge(all) {
		return q.hold(ctx, all, v, now)
	}
	return q.saveVisit(ctx, v)
}

// hold holds what a visitor did, and takes back what counted of it.
func (q session) hold(ctx context.Context, all mailVisits, v *visit, now time.Time) error {
	if v.state == visitHeld {
		return q.saveVisit(ctx, v)
	}
	what := store.VerdictHeld
	if v.sealed != nil {
		took, err := q.withdraw(ctx, all, v, now)
		if err != nil {
			return err
		}
		if took {
			what = store.VerdictWithdrawn
		}
	}
	if err := q.resubscribe(ctx, v); err != nil {
		return err
	}
	v.state = visitHeld
	if err := q.saveVisit(ctx, v); err != nil {
		return err
	}
	return q.noteVerdict(ctx, store.Verdict{Item: v.item, At: now, What: what, Why: signNames(v.Signs)})
}

func signNames(signs []survey.Sign) string {
	names := make([]string, len(signs))
	for i, s := range signs {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

// rejudge looks again at what a source sent for others just before: a burst shows only
// after its first answers.
func (s *Store) rejudge(ctx context.Context, n store.VisitNote, visitor string, now time.Time) error {
	since := n.At.Add(-survey.BurstWithin).UnixMilli()
	items, err := collect(ctx, s.read(), scanOne[string], `SELECT item FROM visits
		WHERE visitor = ? AND posted_at IS NOT NULL AND posted_at > ? AND state = ? AND item <> ? ORDER BY item`,
		visitor, since, visitCounts, n.Item)
	if err != nil || len(items) < survey.BurstMost {
		return err
	}
	for _, item := range items {
		err = errors.Join(err, s.write(ctx, func(q session) error {
			all, v, err := q.visitsOf(ctx, item, visitor)
			if err != nil || v.new || v.state != visitCounts || v.Burst > survey.BurstMost {
				return err
			}
			v.Burst = len(items) + 1
			return q.settleVisit(ctx, all, v, now)
		}))
	}
	return err
}

// PurgeVisits implements store.Visits.
func (s *Store) PurgeVisits(ctx context.Context, before time.Time) (deleted int, err error) {
	deleted, err = s.purge(ctx, `DELETE FROM visits WHERE (item, visitor) IN
		(SELECT item, visitor FROM visits WHERE seen_at < ? AND state <> 'held' LIMIT ?)`, before)
	if err != nil {
		return 0, fmt.Errorf("purge visits: %w", err)
	}
	if deleted == purgeAtOnce {
		return deleted, nil
	}
	return deleted, s.keys.forgetVisitors(ctx, s.now())
}
