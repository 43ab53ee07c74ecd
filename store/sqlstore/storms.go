package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// lockOfStorms begins the row of caps that those lock who count the cases of a channel. No
// program has such an id.
const lockOfStorms = "/storms/"

// PlaceCase implements store.Storms.
func (s *Store) PlaceCase(ctx context.Context, req store.PlaceCaseRequest) (storm string, err error) {
	err = s.write(ctx, func(q session) error {
		storm, err = q.placeCase(ctx, req)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("place case %s: %w", req.Case, err)
	}
	return storm, nil
}

func (q session) placeCase(ctx context.Context, req store.PlaceCaseRequest) (storm string, err error) {
	if err := q.lockCaps(ctx, []string{lockOfStorms + req.Channel}); err != nil {
		return "", err
	}
	var channel string
	err = q.row(ctx, `SELECT channel, storm FROM case_places WHERE case_id = ?`, req.Case).Scan(&channel, &storm)
	switch {
	case err == nil && channel == req.Channel:
		return storm, nil
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return "", err
	}
	since := req.At.Add(-req.Rule.Within.Std())
	if storm, err = q.stormOf(ctx, req, since); err != nil {
		return "", err
	}
	_, err = q.exec(ctx, `INSERT INTO case_places (case_id, channel, at, storm, weight, threaded) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (case_id) DO UPDATE SET channel = excluded.channel, at = excluded.at, storm = excluded.storm, weight = excluded.weight`,
		req.Case, req.Channel, req.At.UnixMilli(), storm, req.Weight, false)
	return storm, err
}

// stormOf is the storm that a case belongs to which comes to a channel: the one that is
// under way there, or one that it begins.
func (q session) stormOf(ctx context.Context, req store.PlaceCaseRequest, since time.Time) (storm string, err error) {
	err = q.row(ctx, stormUnderWay, req.Channel, since.UnixMilli()).Scan(&storm)
	if err == nil {
		_, err = q.exec(ctx, `UPDATE storms SET last_at = ? WHERE id = ? AND last_at < ?`, req.At.UnixMilli(), storm, req.At.UnixMilli())
		return storm, err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	var before int
	var first sql.NullInt64
	if err := q.row(ctx, casesBefore, req.Channel, since.UnixMilli()).Scan(&before, &first); err != nil {
		return "", err
	}
	if before < req.Rule.After {
		return "", nil
	}
	storm = req.NewID()
	_, err = q.exec(ctx, `INSERT INTO storms (id, channel, message_ts, shown, opened_at, last_at) VALUES (?, ?, '', '', ?, ?)`,
		storm, req.Channel, first.Int64, req.At.UnixMilli())
	if err == nil {
		_, err = q.exec(ctx, `UPDATE case_places SET storm = ? WHERE channel = ? AND at > ? AND storm = ''`,
			storm, req.Channel, since.UnixMilli())
	}
	return storm, err
}

const (
	stormUnderWay = `SELECT id FROM storms WHERE channel = ? AND last_at > ? ORDER BY last_at DESC LIMIT 1`
	casesBefore   = `SELECT COUNT(*), MIN(at) FROM case_places WHERE channel = ? AND at > ? AND storm = ''`
	worstCases    = `SELECT p.case_id FROM case_places p JOIN cases c ON c.id = p.case_id
		WHERE p.storm = ? AND p.storm <> '' AND c.ended_at IS NULL ORDER BY p.weight DESC, p.case_id LIMIT ?`
	unpostedCases = `SELECT p.case_id FROM case_places p JOIN cases c ON c.id = p.case_id
		WHERE p.storm = ? AND p.storm <> '' AND c.message_ts = '' ORDER BY p.weight DESC, p.case_id LIMIT ?`
)

// Storm implements store.Storms.
func (s *Store) Storm(ctx context.Context, id string, worst int) (store.Storm, error) {
	q := s.read()
	storm := store.Storm{ID: id, States: map[survey.CaseState]int{}}
	err := q.row(ctx, `SELECT channel, message_ts, shown, opened_at, last_at FROM storms WHERE id = ?`, id).
		Scan(&storm.Channel, &storm.MessageTS, &storm.Shown, moment{&storm.OpenedAt}, moment{&storm.LastAt})
	if err != nil {
		return store.Storm{}, missing(err, "storm", id)
	}
	type count struct {
		state       survey.CaseState
		n, unposted int
	}
	counts, err := collect(ctx, q, func(row scanner) (c count, err error) {
		err = row.Scan(&c.state, &c.n, &c.unposted)
		return c, err
	}, `SELECT c.state, COUNT(*), SUM(CASE WHEN c.message_ts = '' THEN 1 ELSE 0 END) FROM case_places p
		JOIN cases c ON c.id = p.case_id WHERE p.storm = ? AND p.storm <> '' GROUP BY c.state`, id)
	if err != nil {
		return store.Storm{}, fmt.Errorf("count the cases of storm %s: %w", id, err)
	}
	for _, c := range counts {
		storm.States[c.state] = c.n
		storm.Unposted += c.unposted
	}
	storm.Worst, err = collect(ctx, q, scanOne[string], worstCases, id, worst)
	return storm, err
}

// UnpostedCases implements store.Storms.
func (s *Store) UnpostedCases(ctx context.Context, storm string, limit int) ([]string, error) {
	ids, err := collect(ctx, s.read(), scanOne[string], unpostedCases, storm, limit)
	if err != nil {
		return nil, fmt.Errorf("cases of storm %s: %w", storm, err)
	}
	return ids, nil
}

// ThreadCase implements store.Storms.
func (s *Store) ThreadCase(ctx context.Context, id string) (threaded bool, err error) {
	err = s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `UPDATE case_places SET threaded = ? WHERE case_id = ? AND storm <> '' AND NOT EXISTS
			(SELECT 1 FROM effects WHERE key = ?)`, true, id, store.CaseEffect(id))
		if err == nil {
			err = q.row(ctx, `SELECT threaded FROM case_places WHERE case_id = ?`, id).Scan(&threaded)
		}
		return err
	})
	return threaded, missing(err, "storm of case", id)
}

// StormShown implements store.Storms.
func (s *Store) StormShown(ctx context.Context, id, messageTS, shown string) error {
	return s.write(ctx, func(q session) error {
		n, err := q.exec(ctx, `UPDATE storms SET message_ts = ?, shown = ? WHERE id = ?`, messageTS, shown, id)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("storm %s: %w", id, err)
		}
		return nil
	})
}

// threadOf is the storm that a case belongs to, and the ts of the digest whose thread its
// message is in; each "" for none.
func (q session) threadOf(ctx context.Context, caseID string) (storm, thread string, err error) {
	err = q.row(ctx, `SELECT p.storm, CASE WHEN p.threaded THEN s.message_ts ELSE '' END FROM case_places p
		JOIN storms s ON s.id = p.storm WHERE p.case_id = ?`, caseID).Scan(&storm, &thread)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return storm, thread, err
}
