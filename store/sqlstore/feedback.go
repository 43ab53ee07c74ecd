package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/cxloop/cxloop/survey"
)

func feedbackSubject(id string) string { return "feedback/" + id }

// feedbackBody is what a comment's row seals, as JSON.
type feedbackBody struct {
	Source   string `json:"source"`
	SourceID string `json:"source_id"`
	Text     string `json:"text"`
	URL      string `json:"url,omitempty"`
}

const feedbackColumns = `id, kind, contact_key, account_key, rating, language, sealed, reading, at, revision`

// SaveFeedback implements store.Feedback.
func (s *Store) SaveFeedback(ctx context.Context, f survey.Feedback) (survey.Feedback, error) {
	kept, err := s.saveFeedback(ctx, f)
	if err != nil {
		return survey.Feedback{}, fmt.Errorf("save feedback %s: %w", f.ID, err)
	}
	return kept, nil
}

func (s *Store) saveFeedback(ctx context.Context, f survey.Feedback) (survey.Feedback, error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return f, err
	}
	f.ContactKey, f.AccountKey, f.At = hash.reference(f.ContactKey), hash.reference(f.AccountKey), toMillis(f.At)
	f.Source, f.SourceID, f.Text, f.URL = storableText(f.Source), storableText(f.SourceID), storableText(f.Text), storableText(f.URL)
	if f.ContactKey == "" {
		if _, err := s.keys.ensure(ctx, []string{feedbackSubject(f.ID)}); err != nil {
			return f, err
		}
	}
	kept := f
	err = s.write(ctx, func(q session) error {
		before, err := q.feedback(ctx, `SELECT `+feedbackColumns+` FROM feedback WHERE id = ? {lock}`, f.ID)
		if err != nil {
			return err
		}
		kept = f
		kept.Revision = 1
		if len(before) > 0 {
			// Whose it is was said first, and decides by which key it is sealed.
			kept.ContactKey, kept.AccountKey, kept.Revision = before[0].ContactKey, before[0].AccountKey, before[0].Revision
			if reflect.DeepEqual(kept, before[0]) {
				return nil
			}
			kept.Revision++
		}
		return q.putFeedback(ctx, kept)
	})
	return kept, err
}

func (q session) putFeedback(ctx context.Context, f survey.Feedback) error {
	plain, err := json.Marshal(feedbackBody{f.Source, f.SourceID, f.Text, f.URL})
	if err != nil {
		return err
	}
	subject := feedbackOwner(f)
	keys, err := q.keys.get(ctx, []string{subject})
	if err != nil {
		return err
	}
	_, err = q.insert(ctx, `INSERT INTO feedback (`+feedbackColumns+`)`, [][]any{{
		f.ID, string(f.Kind), f.ContactKey, f.AccountKey, f.Rating, f.Language, keys[subject].seal(feedbackSubject(f.ID), plain), readingColumn(f.Reading), millis(f.At), f.Revision,
	}}, `ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, rating = excluded.rating, language = excluded.language,
		sealed = excluded.sealed, reading = excluded.reading, at = excluded.at, revision = excluded.revision`)
	return err
}

// feedbackOwner is whose key seals a comment.
func feedbackOwner(f survey.Feedback) string {
	if f.ContactKey == "" {
		return feedbackSubject(f.ID)
	}
	return contactSubject(f.ContactKey)
}

// feedback reads what a query of feedbackColumns finds.
func (q session) feedback(ctx context.Context, query string, args ...any) ([]survey.Feedback, error) {
	var seals [][]byte
	found, err := collect(ctx, q, func(row scanner) (f survey.Feedback, err error) {
		var sealed []byte
		err = row.Scan(&f.ID, &f.Kind, &f.ContactKey, &f.AccountKey, &f.Rating, &f.Language, &sealed, reading{&f.Reading}, moment{&f.At}, &f.Revision)
		seals = append(seals, sealed)
		return f, err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	parts := make([]sealedPart, len(found))
	for i := range found {
		f := &found[i]
		parts[i] = sealedPart{feedbackOwner(*f), feedbackSubject(f.ID), seals[i], func(plain []byte) error {
			var b feedbackBody
			err := json.Unmarshal(plain, &b)
			f.Source, f.SourceID, f.Text, f.URL = b.Source, b.SourceID, b.Text, b.URL
			return err
		}}
	}
	return found, q.open(ctx, parts)
}

// LatestFeedback implements store.Feedback.
func (s *Store) LatestFeedback(ctx context.Context, kind survey.FeedbackKind, limit int) ([]survey.Feedback, error) {
	found, err := s.read().feedback(ctx, `SELECT `+feedbackColumns+` FROM feedback WHERE kind = ? OR ? = ''
		ORDER BY at DESC, id LIMIT ?`, string(kind), string(kind), limit)
	if err != nil {
		return nil, fmt.Errorf("read feedback: %w", err)
	}
	return found, nil
}
