package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/cxloop/cxloop/survey"
)

// Owner implements store.Owners.
func (s *Store) Owner(ctx context.Context, crm, id string) (survey.Owner, error) {
	return s.read().owner(ctx, crm, id)
}

func (q session) owner(ctx context.Context, crm, id string) (survey.Owner, error) {
	owner := survey.Owner{ID: id}
	if id == "" {
		return owner, nil
	}
	err := q.row(ctx, `SELECT slack_user, zone, away, at FROM owner_people WHERE crm = ? AND owner_id = ?`, crm, id).
		Scan(&owner.User, &owner.Zone, &owner.Away, moment{&owner.At})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return owner, fmt.Errorf("owner %s of %s: %w", id, crm, err)
	}
	return owner, nil
}

// SaveOwner implements store.Owners.
func (s *Store) SaveOwner(ctx context.Context, crm string, owner survey.Owner) error {
	return s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `INSERT INTO owner_people (crm, owner_id, slack_user, zone, away, at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (crm, owner_id) DO UPDATE SET slack_user = excluded.slack_user, zone = excluded.zone, away = excluded.away, at = excluded.at`,
			crm, owner.ID, owner.User, owner.Zone, owner.Away, owner.At.UnixMilli())
		if err != nil {
			return fmt.Errorf("keep owner %s of %s: %w", owner.ID, crm, err)
		}
		return nil
	})
}
