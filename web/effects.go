package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Decider takes an operator's decisions about unknown effects. What it returns says
// what happens now. The errors are those of store.Effects.
type Decider interface {
	// Repeat has a call made again.
	Repeat(ctx context.Context, key string) (said string, err error)
	// TakeAsDone has a mail count as sent.
	TakeAsDone(ctx context.Context, key string) (said string, err error)
}

// shownEffects is how many effects the page lists at most.
const shownEffects = 100

// The decisions, as the page's buttons post them.
const (
	decideRepeat = "repeat"
	decideDone   = "done"
)

// showEffects lists what an operator has to decide, and changes nothing.
func (s *Server) showEffects(w http.ResponseWriter, r *http.Request, _ string) error {
	effects, err := s.opt.Store.UnknownEffects(r.Context(), shownEffects+1)
	if err != nil {
		return fmt.Errorf("list unknown effects: %w", err)
	}
	more := len(effects) > shownEffects
	effects = effects[:min(len(effects), shownEffects)]
	keys := make([]string, len(effects))
	for i, e := range effects {
		keys[i] = e.Key
	}
	subjects, err := s.opt.Store.EffectSubjects(r.Context(), keys)
	if err != nil {
		return err
	}
	shown := &effectsView{More: more, Most: shownEffects}
	for _, e := range effects {
		about, known := subjects[e.Key]
		shown.Rows = append(shown.Rows, s.effectRow(e, about, known))
	}
	s.pages.render(w, http.StatusOK, "effects", view{
		Lang: survey.DefaultLocale, Title: "Unknown effects", Operator: true, Effects: shown,
	})
	return nil
}

// decideEffect takes a decision. One that was taken before, by a second click or by
// somebody else, changes nothing.
func (s *Server) decideEffect(w http.ResponseWriter, r *http.Request, name string) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	key, _, err := field(form, "key")
	if err != nil {
		return err
	}
	decision, _, err := field(form, "decision")
	if err != nil {
		return err
	}
	decide := map[string]func(context.Context, string) (string, error){
		decideRepeat: s.opt.Decider.Repeat, decideDone: s.opt.Decider.TakeAsDone,
	}[decision]
	if decide == nil {
		return &formProblem{status: http.StatusUnprocessableEntity, text: "decision: want " + decideRepeat + " or " + decideDone}
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	said, err := decide(ctx, key)
	status, title := http.StatusOK, "Decided"
	switch {
	case errors.Is(err, store.ErrNotFound):
		status, title = http.StatusNotFound, "Nothing was changed"
		said = "This is not to be decided any more: somebody did, this was a second click, or an event proved it meanwhile."
	case errors.Is(err, store.ErrNotRepeated):
		status, title = http.StatusConflict, "Nothing was changed"
		said = "This is not repeated: what it is about has moved on, or its reader has unsubscribed. Take it as sent instead."
	case err != nil:
		return fmt.Errorf("decide effect: %w", err)
	default:
		s.log(r.Context()).Info("an operator decided about an unknown effect", "operator", name, "effect", key, "decision", decision)
	}
	s.pages.render(w, status, "decided", view{
		Lang: survey.DefaultLocale, Title: title, Text: said, Operator: true, Effect: clip(key),
	})
	return nil
}
