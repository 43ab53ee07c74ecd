package sqlstore

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// reading reads the column of what a comment says.
type reading struct{ into *survey.Reading }

// Scan implements sql.Scanner.
func (r reading) Scan(column any) error {
	*r.into = survey.Reading{}
	if column == nil {
		return nil
	}
	return asJSON{r.into}.Scan(column)
}

// readingColumn is null of what nothing has read.
func readingColumn(r survey.Reading) any {
	if !r.Read() {
		return nil
	}
	return plainJSON(r)
}

// readBy reads the comment of a response; without one, or a reader, nothing is read.
func readBy(read func(comment, locale string) survey.Reading, r survey.Response) survey.Reading {
	if read == nil || r.Comment == "" {
		return survey.Reading{}
	}
	return read(r.Comment, r.Locale)
}

// readAll reads the comments of responses that nothing has read, and returns the ids of
// these.
func readAll(read func(comment, locale string) survey.Reading, responses []survey.Response) map[string]bool {
	now := map[string]bool{}
	for i := range responses {
		r := &responses[i]
		if r.Reading.Read() {
			continue
		}
		r.Reading = readBy(read, *r)
		now[r.ID] = r.Reading.Read()
	}
	return now
}

func (q session) putReading(ctx context.Context, update, id string, r survey.Reading) error {
	_, err := q.exec(ctx, update, readingColumn(r), id)
	return err
}

// TextVersion implements store.Comments.
func (s *Store) TextVersion(ctx context.Context) (string, error) {
	found, err := collect(ctx, s.read(), scanOne[string], `SELECT version FROM text_models ORDER BY at DESC LIMIT 1`)
	if err != nil {
		return "", fmt.Errorf("read the version of what reads comments: %w", err)
	}
	return firstOf(found), nil
}

// TextModel implements store.Comments.
func (s *Store) TextModel(ctx context.Context) ([]byte, error) {
	found, err := collect(ctx, s.read(), scanOne[string], `SELECT body FROM text_models WHERE body IS NOT NULL ORDER BY at DESC LIMIT 1`)
	if err != nil {
		return nil, fmt.Errorf("read what reads comments: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return []byte(found[0]), nil
}

func firstOf(found []string) string {
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

// TextTrainings implements store.Comments.
func (s *Store) TextTrainings(ctx context.Context, limit int) ([]store.TextTraining, error) {
	found, err := collect(ctx, s.read(), func(row scanner) (t store.TextTraining, err error) {
		var trials string
		err = row.Scan(moment{&t.At}, &t.Version, &t.Comments, &trials)
		t.Trials = []byte(trials)
		return t, err
	}, `SELECT at, version, comments, trials FROM text_models ORDER BY at DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("read how comments were trained on: %w", err)
	}
	return found, nil
}

// bodiesKept is how many models are kept whole, which may be some megabytes each.
const bodiesKept = 3

// SaveTextTraining implements store.Comments.
func (s *Store) SaveTextTraining(ctx context.Context, t store.TextTraining) error {
	var body any
	if t.Model != nil {
		body = string(t.Model)
	}
	err := s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `INSERT INTO text_models (at, version, comments, trials, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			t.At.UnixMilli(), t.Version, t.Comments, string(t.Trials), body)
		if err != nil || body == nil {
			return err
		}
		_, err = q.exec(ctx, `UPDATE text_models SET body = NULL WHERE body IS NOT NULL AND at NOT IN
			(SELECT at FROM text_models WHERE body IS NOT NULL ORDER BY at DESC LIMIT ?)`, bodiesKept)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep what was trained on comments: %w", err)
	}
	return nil
}

const latestComments = `SELECT ` + responseColumns + ` FROM responses r WHERE r.reading IS NOT NULL AND r.recorded > 0
	AND r.state <> 'withdrawn' AND r.band NOT IN ('failed', 'weak', 'passed') ORDER BY r.answered_at DESC, r.id DESC LIMIT ?`

// LatestComments implements store.Comments. Anonymous answers are no responses.
func (s *Store) LatestComments(ctx context.Context, limit int) ([]survey.Response, error) {
	found, err := s.read().responses(ctx, latestComments, limit)
	if err != nil {
		return nil, fmt.Errorf("read the latest comments: %w", err)
	}
	return found, nil
}

// RatedFeedback implements store.Comments.
func (s *Store) RatedFeedback(ctx context.Context, limit int) ([]survey.Feedback, error) {
	found, err := s.read().feedback(ctx, `SELECT `+feedbackColumns+` FROM feedback WHERE rating > 0 ORDER BY at DESC, id LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("read feedback with a rating: %w", err)
	}
	return found, nil
}

// settingReadBy names by what all comments were read.
const settingReadBy = "comments_read_by"

// CommentsReadBy implements store.Comments.
func (s *Store) CommentsReadBy(ctx context.Context) (string, error) {
	found, err := collect(ctx, s.read(), scanOne[string], `SELECT value FROM settings WHERE name = ?`, settingReadBy)
	if err != nil {
		return "", fmt.Errorf("read by what comments were read: %w", err)
	}
	return firstOf(found), nil
}

// SaveCommentsReadBy implements store.Comments.
func (s *Store) SaveCommentsReadBy(ctx context.Context, by string) error {
	err := s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, settingReadBy, by)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep by what comments were read: %w", err)
	}
	return nil
}

// CommentPage implements store.Comments.
func (s *Store) CommentPage(ctx context.Context, page store.CommentPage) (comments []store.KeptComment, next string, err error) {
	q := s.read()
	if page.Feedback {
		var found []survey.Feedback
		found, err = q.feedback(ctx, `SELECT `+feedbackColumns+` FROM feedback WHERE id > ? ORDER BY id LIMIT ?`, page.After, page.Limit)
		for _, f := range found {
			comments = append(comments, store.KeptComment{ID: f.ID, Comment: f.Text, Locale: f.Language, Reading: f.Reading})
		}
	} else {
		var found []survey.Response
		found, err = q.responses(ctx, `SELECT `+responseColumns+` FROM responses r WHERE r.id > ? AND (r.sealed IS NOT NULL OR r.reading IS NOT NULL)
			ORDER BY r.id LIMIT ?`, page.After, page.Limit)
		for _, r := range found {
			comments = append(comments, store.KeptComment{ID: r.ID, Comment: r.Comment, Locale: r.Locale, Reading: r.Reading})
		}
	}
	if err != nil {
		return nil, "", fmt.Errorf("read comments: %w", err)
	}
	if n := len(comments); n == page.Limit {
		next = comments[n-1].ID
	}
	return comments, next, nil
}

// SaveReadings implements store.Comments.
func (s *Store) SaveReadings(ctx context.Context, feedback bool, read []store.KeptComment) error {
	err := s.write(ctx, func(q session) error {
		ids, now := make([]string, len(read)), map[string]string{}
		for i, c := range read {
			ids[i] = c.ID
		}
		update := `UPDATE responses SET reading = ? WHERE id = ?`
		if feedback {
			update = `UPDATE feedback SET reading = ? WHERE id = ?`
			found, err := q.feedback(ctx, `SELECT `+feedbackColumns+` FROM feedback WHERE id {any} ORDER BY id {lock}`, q.list(ids))
			if err != nil {
				return err
			}
			for _, f := range found {
				now[f.ID] = f.Text
			}
		} else {
			found, err := q.responses(ctx, `SELECT `+responseColumns+` FROM responses r WHERE r.id {any} ORDER BY r.id {lock}`, q.list(ids))
			if err != nil {
				return err
			}
			for _, r := range found {
				now[r.ID] = r.Comment
			}
		}
		for _, c := range read {
			if text, there := now[c.ID]; !there || text != c.Comment {
				continue
			}
			if err := q.putReading(ctx, update, c.ID, c.Reading); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep what comments say: %w", err)
	}
	return nil
}

const (
	readResponses = `SELECT band, answered_at, reading FROM responses WHERE program = ? AND reading IS NOT NULL AND recorded > 0
		AND state <> 'withdrawn' AND answered_at >= ? AND answered_at < ?`
	readFeedback = `SELECT '', at, reading FROM feedback WHERE reading IS NOT NULL AND at >= ? AND at < ?`
)

// EachReading implements store.Comments.
func (s *Store) EachReading(ctx context.Context, filter store.CommentFilter, do func(store.ReadComment)) error {
	text, args := readFeedback, []any{millisOr(filter.From, math.MinInt64), millisOr(filter.To, math.MaxInt64)}
	if filter.Program != "" {
		text, args = readResponses, append([]any{filter.Program}, args...)
	}
	q := s.read()
	rows, err := q.q.QueryContext(ctx, q.sql(text), storable(args)...)
	if err != nil {
		return fmt.Errorf("read what comments say: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c store.ReadComment
		if err := rows.Scan(&c.Band, moment{&c.At}, reading{&c.Reading}); err != nil {
			return fmt.Errorf("read what a comment says: %w", err)
		}
		do(c)
	}
	return rows.Err()
}

func millisOr(t time.Time, otherwise int64) int64 {
	if t.IsZero() {
		return otherwise
	}
	return t.UnixMilli()
}
