package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
)

// SaveModelVersion implements store.Models.
func (s *Store) SaveModelVersion(ctx context.Context, v store.ModelVersion) (store.ModelVersion, error) {
	err := s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `INSERT INTO model_versions (id, kind, fitted_at, published, status, model, card, drift, stale)
			VALUES (?, ?, ?, ?, ?, ?, ?, '', FALSE) ON CONFLICT DO NOTHING`,
			v.ID, v.Kind, v.FittedAt.UnixMilli(), v.Published, v.Status, string(v.Model), string(v.Card))
		return err
	})
	if err != nil {
		return store.ModelVersion{}, fmt.Errorf("save model %s: %w", v.ID, err)
	}
	return s.ModelVersion(ctx, v.ID)
}

// NoteModelDrift implements store.Models.
func (s *Store) NoteModelDrift(ctx context.Context, id string, drift []byte, stale bool) error {
	err := s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `UPDATE model_versions SET drift = ?, stale = ? WHERE id = ?`, string(drift), stale, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("note what changed since model %s: %w", id, err)
	}
	return nil
}

const modelColumns = `id, kind, fitted_at, published, status, stale, card, drift`

func scanModel(row scanner) (v store.ModelVersion, err error) {
	err = row.Scan(modelFields(&v)...)
	v.Drift = orNil(v.Drift)
	return v, err
}

func scanWholeModel(row scanner) (v store.ModelVersion, err error) {
	err = row.Scan(append(modelFields(&v), &v.Model)...)
	v.Drift = orNil(v.Drift)
	return v, err
}

func modelFields(v *store.ModelVersion) []any {
	return []any{&v.ID, &v.Kind, moment{&v.FittedAt}, &v.Published, &v.Status, &v.Stale, &v.Card, &v.Drift}
}

func orNil(text []byte) []byte {
	if len(text) == 0 {
		return nil
	}
	return text
}

// ModelVersion implements store.Models.
func (s *Store) ModelVersion(ctx context.Context, id string) (store.ModelVersion, error) {
	found, err := collect(ctx, s.read(), scanWholeModel, `SELECT `+modelColumns+`, model FROM model_versions WHERE id = ?`, id)
	return single(found, err, "model", id)
}

// ModelVersions implements store.Models.
func (s *Store) ModelVersions(ctx context.Context, limit int) ([]store.ModelVersion, error) {
	found, err := collect(ctx, s.read(), scanModel, `SELECT `+modelColumns+` FROM model_versions ORDER BY fitted_at DESC, id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list models: %w", err)
	}
	return found, nil
}

const publishedModel = `SELECT ` + modelColumns + `, model FROM model_versions WHERE kind = ? AND published
	ORDER BY fitted_at DESC, id DESC LIMIT 1`

// PublishedModel implements store.Models.
func (s *Store) PublishedModel(ctx context.Context, kind string) (store.ModelVersion, error) {
	found, err := collect(ctx, s.read(), scanWholeModel, publishedModel, kind)
	return single(found, err, "published model of", kind)
}

// BeginModelRun implements store.Models.
func (s *Store) BeginModelRun(ctx context.Context, run store.ModelRun) (store.ModelRun, error) {
	err := s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `INSERT INTO model_runs (id, at, settings, object_type, cursor, scored, written)
			VALUES (?, ?, ?, ?, '', 0, 0) ON CONFLICT DO NOTHING`, run.ID, run.At.UnixMilli(), run.Settings, run.ObjectType)
		return err
	})
	if err != nil {
		return store.ModelRun{}, fmt.Errorf("begin run %s of models: %w", run.ID, err)
	}
	return s.ModelRun(ctx, run.ID)
}

const selectModelRuns = `SELECT id, at, settings, object_type, cursor, scored, written, ended_at FROM model_runs `

func scanModelRun(row scanner) (r store.ModelRun, err error) {
	err = row.Scan(&r.ID, moment{&r.At}, &r.Settings, &r.ObjectType, &r.Cursor, &r.Scored, &r.Written, moment{&r.EndedAt})
	return r, err
}

// ModelRun implements store.Models.
func (s *Store) ModelRun(ctx context.Context, id string) (store.ModelRun, error) {
	return s.read().modelRun(ctx, id, "")
}

func (q session) modelRun(ctx context.Context, id, lock string) (store.ModelRun, error) {
	found, err := collect(ctx, q, scanModelRun, selectModelRuns+`WHERE id = ? `+lock, id)
	return single(found, err, "run of models", id)
}

// ModelRuns implements store.Models.
func (s *Store) ModelRuns(ctx context.Context, limit int) ([]store.ModelRun, error) {
	found, err := collect(ctx, s.read(), scanModelRun, selectModelRuns+`ORDER BY at DESC, id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list runs of models: %w", err)
	}
	return found, nil
}

// EndModelRun implements store.Models.
func (s *Store) EndModelRun(ctx context.Context, id string, at time.Time) (crms []string, err error) {
	err = s.write(ctx, func(q session) error {
		if _, err := q.exec(ctx, `UPDATE model_runs SET ended_at = ? WHERE id = ? AND ended_at IS NULL`, at.UnixMilli(), id); err != nil {
			return err
		}
		crms, err = collect(ctx, q, scanOne[string], `SELECT DISTINCT dirty_in FROM signals WHERE dirty_in IS NOT NULL ORDER BY dirty_in`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("end run %s of models: %w", id, err)
	}
	return crms, nil
}

// purgedModels are what PurgeModels forgets, each with a moment and a limit. The latest
// training is known in any case: the next one is a week after it.
var purgedModels = []string{
	`DELETE FROM model_runs WHERE id IN (SELECT id FROM model_runs WHERE at < ? LIMIT ?)`,
	`DELETE FROM model_versions WHERE id IN (SELECT id FROM model_versions WHERE fitted_at < ? AND NOT published LIMIT ?)`,
	`UPDATE model_versions SET model = '' WHERE id IN (SELECT v.id FROM model_versions v WHERE v.fitted_at < ? AND v.published AND v.model <> ''
		AND EXISTS (SELECT 1 FROM model_versions n WHERE n.kind = v.kind AND n.published AND n.fitted_at > v.fitted_at) LIMIT ?)`,
	`DELETE FROM text_models WHERE at IN (SELECT at FROM text_models WHERE at < ? AND body IS NULL
		AND at < (SELECT MAX(at) FROM text_models) LIMIT ?)`,
}

// PurgeModels implements store.Models.
func (s *Store) PurgeModels(ctx context.Context, before time.Time) (purged int, err error) {
	err = s.write(ctx, func(q session) error {
		purged = 0
		for _, statement := range purgedModels {
			n, err := q.exec(ctx, statement, before.UnixMilli(), purgeAtOnce)
			if err != nil {
				return err
			}
			purged += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("purge models: %w", err)
	}
	return purged, nil
}
