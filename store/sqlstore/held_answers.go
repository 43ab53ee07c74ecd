package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// givenAnswer is what a visit seals: all that its visitor had answered.
type givenAnswer struct {
	Score   int            `json:"score"`
	Band    survey.Band    `json:"band"`
	Comment string         `json:"comment,omitempty"`
	Answers survey.Answers `json:"answers,omitempty"`
	Done    bool           `json:"done,omitempty"`
}

func (g givenAnswer) answer() survey.Answer {
	return survey.Answer{Score: g.Score, Comment: g.Comment, Answers: g.Answers, Done: g.Done}
}

// subject is whose key seals what a visitor answered.
func (v *visit) subject() string {
	return answererSubject(survey.Response{InvitationID: v.item, ContactKey: v.contact})
}

// keepGiven keeps a response as what a visitor answered.
func (q session) keepGiven(ctx context.Context, v *visit, r survey.Response) error {
	plain, err := json.Marshal(givenAnswer{r.Score, r.Band, r.Comment, r.Answers, r.Done})
	if err != nil {
		return err
	}
	subject := v.subject()
	keys, err := q.keys.get(ctx, []string{subject})
	if err != nil {
		return err
	}
	v.sealed, v.answeredAt = keys[subject].seal(visitPlace(v.item, v.visitor), plain), r.ChangedAt
	return nil
}

// given opens what visitors answered.
func (q session) given(ctx context.Context, visits []*visit) ([]givenAnswer, error) {
	out := make([]givenAnswer, len(visits))
	parts := make([]sealedPart, len(visits))
	for i, v := range visits {
		parts[i] = sealedPart{v.subject(), visitPlace(v.item, v.visitor), v.sealed, func(plain []byte) error {
			return json.Unmarshal(plain, &out[i])
		}}
	}
	return out, q.open(ctx, parts)
}

// holdAnswer keeps a machine's answer apart from all that counts. The response
// returned is what its page shows.
func (q session) holdAnswer(ctx context.Context, all mailVisits, v *visit, req store.SaveAnswerRequest, i store.Invitation) (survey.Response, error) {
	r := survey.Response{
		InvitationID: i.ID, Program: i.Program, Version: i.Version, ContactKey: i.ContactKey, AccountKey: i.AccountKey,
		State: survey.Held, Band: req.Band, AnsweredAt: toMillis(req.Now), ChangedAt: toMillis(req.Now),
	}
	before, err := q.given(ctx, []*visit{v})
	if err != nil {
		return r, err
	}
	if v.sealed != nil {
		r.Take(before[0].answer())
	}
	r.Take(req.Answer)
	// What the visitor gave before may count until now: it is taken back first.
	if err := q.hold(ctx, all, v, req.Now); err != nil {
		return r, err
	}
	if err := q.keepGiven(ctx, v, r); err != nil {
		return r, err
	}
	return r, q.saveVisit(ctx, v)
}

// HeldAnswers implements store.Visits.
func (s *Store) HeldAnswers(ctx context.Context, limit int) ([]store.HeldAnswer, error) {
	q := s.read()
	visits, err := q.visits(ctx, `WHERE v.state = 'held' ORDER BY v.posted_at DESC, v.item LIMIT `+strconv.Itoa(limit))
	if err != nil {
		return nil, fmt.Errorf("look for held answers: %w", err)
	}
	given, err := q.given(ctx, visits)
	if err != nil {
		return nil, err
	}
	held := make([]store.HeldAnswer, len(visits))
	for i, v := range visits {
		held[i] = store.HeldAnswer{
			Item: v.item, Program: v.program, At: latest(v.answeredAt, v.leftAt), Answered: v.sealed != nil, Score: given[i].Score,
			Comment: given[i].Comment, Unsubscribed: !v.leftAt.IsZero(), Visit: v.Visit,
		}
	}
	return held, nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// AcceptHeld implements store.Visits.
func (s *Store) AcceptHeld(ctx context.Context, req store.AcceptRequest) error {
	err := s.write(ctx, func(q session) error {
		all, _, err := q.visitsOf(ctx, req.Item, "")
		if err != nil {
			return err
		}
		v := all.latestHeld()
		if v == nil {
			return fmt.Errorf("held answer to %s: %w", req.Item, store.ErrNotFound)
		}
		if v.state == visitRejected && v.sealed != nil {
			// Its reader's answer replaced it.
			found, err := q.responsesTo(ctx, req.Item, "{lock}")
			if err != nil {
				return err
			}
			if len(found) > 0 && found[0].State != survey.Withdrawn {
				return fmt.Errorf("held answer to %s: %w", req.Item, store.ErrNotFound)
			}
		}
		v.state = visitAccepted
		if v.sealed != nil {
			if err := q.acceptAnswer(ctx, v, req); err != nil {
				return err
			}
		}
		if !v.leftAt.IsZero() {
			if err := q.leave(ctx, []string{v.contact}, v.leftProgram, req.At); err != nil {
				return err
			}
		}
		if err := q.saveVisit(ctx, v); err != nil {
			return err
		}
		return q.noteVerdict(ctx, req.Verdict)
	})
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	return nil
}

// latestHeld is the latest visit that is held, or was rejected where none is.
func (all mailVisits) latestHeld() (latest *visit) {
	for _, v := range all {
		if v.state != visitHeld && v.state != visitRejected {
			continue
		}
		switch {
		case latest == nil, latest.state == visitRejected && v.state == visitHeld,
			latest.state == v.state && v.postedAt.After(latest.postedAt):
			latest = v
		}
	}
	return latest
}

func (q session) acceptAnswer(ctx context.Context, v *visit, req store.AcceptRequest) error {
	given, err := q.given(ctx, []*visit{v})
	if err != nil {
		return err
	}
	saved, err := q.saveAnswer(ctx, store.SaveAnswerRequest{
		InvitationID: v.item, Answer: given[0].answer(), Band: given[0].Band, Now: req.At, DueAt: req.DueAt, NewID: req.NewID,
	}, v.visitor, true)
	if err != nil {
		return err
	}
	return q.keepGiven(ctx, v, saved)
}

// RejectHeld implements store.Visits.
func (s *Store) RejectHeld(ctx context.Context, d store.Verdict) error {
	err := s.write(ctx, func(q session) error {
		all, _, err := q.visitsOf(ctx, d.Item, "")
		if err != nil {
			return err
		}
		rejected := false
		for _, v := range all {
			if v.state == visitHeld {
				v.state, rejected = visitRejected, true
				if err := q.saveVisit(ctx, v); err != nil {
					return err
				}
			}
		}
		if !rejected {
			return fmt.Errorf("held answer to %s: %w", d.Item, store.ErrNotFound)
		}
		return q.noteVerdict(ctx, d)
	})
	if err != nil {
		return fmt.Errorf("reject: %w", err)
	}
	return nil
}

// ExcludeAnswer implements store.Visits.
func (s *Store) ExcludeAnswer(ctx context.Context, d store.Verdict) error {
	err := s.write(ctx, func(q session) error {
		all, _, err := q.visitsOf(ctx, d.Item, "")
		if err != nil {
			return err
		}
		if err := q.exclude(ctx, all, d); err != nil {
			return err
		}
		return q.noteVerdict(ctx, d)
	})
	if err != nil {
		return fmt.Errorf("exclude: %w", err)
	}
	return nil
}

// noteVerdict keeps what was decided.
func (q session) noteVerdict(ctx context.Context, d store.Verdict) error {
	_, err := q.exec(ctx, `INSERT INTO verdicts (item, at, what, who, why) VALUES (?, ?, ?, ?, ?)`, d.Item, d.At.UnixMilli(), d.What, d.Who, d.Why)
	if err != nil {
		return fmt.Errorf("note verdict: %w", err)
	}
	return nil
}

// Verdicts implements store.Visits.
func (s *Store) Verdicts(ctx context.Context, item string) ([]store.Verdict, error) {
	return collect(ctx, s.read(), func(row scanner) (d store.Verdict, err error) {
		err = row.Scan(&d.Item, moment{&d.At}, &d.What, &d.Who, &d.Why)
		return d, err
	}, `SELECT item, at, what, who, why FROM verdicts WHERE item = ? ORDER BY id`, item)
}
