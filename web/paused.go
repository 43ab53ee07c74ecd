package web

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// pauseRow is one paused program.
type pauseRow struct {
	Program string
	// Paused is when it stopped, in scaled time, as people and as programs read it.
	Paused, PausedAt string
	Why              string
}

// showPaused lists the programs that stopped themselves or were stopped, and changes nothing.
func (s *Server) showPaused(w http.ResponseWriter, r *http.Request, _ string) error {
	return s.renderPaused(w, r, http.StatusOK, "")
}

func (s *Server) renderPaused(w http.ResponseWriter, r *http.Request, status int, said string) error {
	pauses, err := s.opt.Store.Pauses(r.Context())
	if err != nil {
		return err
	}
	var rows []pauseRow
	for _, p := range pauses {
		rows = append(rows, pauseRow{
			p.Program, p.At.UTC().Format("2 January 2006, 15:04:05 UTC"), p.At.UTC().Format(time.RFC3339), whyPaused(p),
		})
	}
	s.pages.render(w, status, "paused", view{
		Lang: survey.DefaultLocale, Title: "Paused programs", Text: said, Operator: true, Pauses: rows,
	})
	return nil
}

func whyPaused(p store.Pause) string {
	if p.Why == store.PausedByOperator {
		return "An operator paused it."
	}
	what := "came back for good"
	if p.Why == survey.MailComplaint {
		what = "were reported as spam"
	}
	return fmt.Sprintf("Of the last %d mails, %d %s.", p.Mails, p.Events, what)
}

// resumeProgram has a program mail again.
func (s *Server) resumeProgram(w http.ResponseWriter, r *http.Request, name string) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	program, _, err := field(form, "program")
	if err != nil {
		return err
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	err = s.opt.Store.Resume(ctx, program, s.opt.Clock.Now())
	switch {
	case errors.Is(err, store.ErrNotFound):
		return s.renderPaused(w, r, http.StatusNotFound, "Nothing was changed: that program is not paused. Somebody resumed it, or this was a second click.")
	case err != nil:
		return err
	}
	s.log(r.Context()).Info("an operator resumed a program", "operator", name, "program", program)
	return s.renderPaused(w, r, http.StatusOK, "The program mails again, within five minutes. Only mails from now on are counted.")
}
