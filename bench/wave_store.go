package bench

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // to count in the store
	_ "modernc.org/sqlite"

	"github.com/cxloop/cxloop/survey"
)

// waveStore is cxloop's database, in which a wave's invitations are counted.
type waveStore struct{ *sql.DB }

func openWaveStore(url string) (*waveStore, error) {
	driver, address := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, address)
	return &waveStore{db}, err
}

func (s *waveStore) close() { _ = s.Close() } // nothing of it is to be kept

// progress is how far a wave has come.
type progress struct {
	invitations int
	// waiting are those that were admitted and are not yet mailed.
	waiting int
}

func (s *waveStore) progress(ctx context.Context) (p progress, err error) {
	err = s.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(CASE WHEN state = 'admitted' THEN 1 END) FROM invitations`).Scan(&p.invitations, &p.waiting)
	return p, err
}

type waveInvitation struct {
	id, contact, rule string
	state             survey.InvitationState
}

func (s *waveStore) invitations(ctx context.Context) (found []waveInvitation, err error) {
	rows, err := s.QueryContext(ctx, `SELECT id, contact_key, state, rule FROM invitations`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		var i waveInvitation
		if err := rows.Scan(&i.id, &i.contact, &i.state, &i.rule); err != nil {
			return nil, err
		}
		found = append(found, i)
	}
	return found, nil
}

// pending returns the effects that were begun between two moments and are in doubt.
func (s *waveStore) pending(ctx context.Context, from, to time.Time) (keys []string, err error) {
	rows, err := s.QueryContext(ctx, `SELECT key FROM effects WHERE state = 'pending' AND tried_at BETWEEN $1 AND $2`, from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// age makes an effect older.
func (s *waveStore) age(ctx context.Context, key string, by time.Duration) error {
	_, err := s.ExecContext(ctx, `UPDATE effects SET tried_at = tried_at - $1 WHERE key = $2 AND state = 'pending'`, by.Milliseconds(), key)
	return err
}
