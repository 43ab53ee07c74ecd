package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cxloop/cxloop/survey"
)

const settingClock = "clock"

// ClockState implements store.Settings.
func (s *Store) ClockState(ctx context.Context) (*survey.ClockState, error) {
	var state survey.ClockState
	err := s.read().row(ctx, `SELECT value FROM settings WHERE name = ?`, settingClock).Scan(jsonText{&state})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the clock: %w", err)
	}
	return &state, nil
}

// SaveClockState implements store.Settings.
func (s *Store) SaveClockState(ctx context.Context, state survey.ClockState) error {
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("save the clock: %w", err)
	}
	return s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			settingClock, string(text))
		return err
	})
}

// SaveProgram implements store.Settings.
func (s *Store) SaveProgram(ctx context.Context, p survey.Program) error {
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("save program %s: %w", p.ID, err)
	}
	return s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `INSERT INTO programs (id, version, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, p.ID, p.Version(), string(text))
		return err
	})
}

// Program implements store.Settings.
func (s *Store) Program(ctx context.Context, id, version string) (survey.Program, error) {
	var p survey.Program
	err := s.read().row(ctx, `SELECT body FROM programs WHERE id = ? AND version = ?`, id, version).Scan(jsonText{&p})
	return p, missing(err, "program", id+"@"+version)
}
