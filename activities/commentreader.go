package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/cxloop/cxloop/insight/text"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// CommentReader reads comments by the model in use. It may be used by several at once.
type CommentReader struct {
	Store store.Comments
	// Rules are the tenant's topics.
	Rules *text.Rules
	// Now is the wall clock.
	Now func() time.Time
	Log *slog.Logger

	mutex   sync.Mutex
	model   *text.Model
	checked time.Time
}

// modelChecked is how long a model is used without looking for a newer one.
const modelChecked = time.Minute

// Current returns the model in use. Where the store does not say which that is, the one of
// before reads on, or the lexicon.
func (r *CommentReader) Current(ctx context.Context) *text.Model {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if now := r.Now(); r.model == nil || now.Sub(r.checked) >= modelChecked {
		r.checked = now
		if err := r.load(ctx); err != nil {
			r.Log.Warn("comments are read by the model of before", "error", err)
		}
	}
	if r.model == nil {
		return &text.Model{Rules: r.Rules}
	}
	return r.model
}

// latest returns the model in use as the store has it now.
func (r *CommentReader) latest(ctx context.Context) (*text.Model, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	r.checked = r.Now()
	return r.model, nil
}

// load brings the model up to date.
func (r *CommentReader) load(ctx context.Context) error {
	version, err := r.Store.TextVersion(ctx)
	if err != nil || r.model != nil && r.model.Version == version {
		return err
	}
	body, err := r.Store.TextModel(ctx)
	if err != nil {
		return err
	}
	m := &text.Model{}
	if body != nil {
		if err := json.Unmarshal(body, m); err != nil {
			return fmt.Errorf("the model that reads comments: %w", err)
		}
	}
	m.Rules = r.Rules
	r.model = m
	return nil
}

// Reader returns what reads comments that were written in answer to a survey in a language.
func (r *CommentReader) Reader(ctx context.Context) func(comment, locale string) survey.Reading {
	m := r.Current(ctx)
	return func(comment, locale string) survey.Reading { return readComment(m, comment, locale) }
}

// readComment reads a comment: nothing where nothing is written.
func readComment(m *text.Model, comment, locale string) survey.Reading {
	if comment == "" {
		return survey.Reading{}
	}
	found := text.Read(m, comment, locale)
	out := survey.Reading{
		By: m.Reads(), Language: found.Language, Sentiment: rounded(found.Sentiment), Confidence: rounded(found.Confidence),
		Tone: survey.Tone(found.Tone), Topics: found.Topics,
	}
	for _, e := range found.Evidence {
		out.Marks = append(out.Marks, survey.Mark{From: e.From, To: e.To, Weight: rounded(e.Weight), Topic: e.Topic})
	}
	return out
}

// rounded keeps three digits behind the point.
func rounded(x float64) float64 { return math.Round(x*1000) / 1000 }
