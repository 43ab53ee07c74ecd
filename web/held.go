package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The decisions about held answers, as the page's buttons post them.
const (
	decideAccept  = "accept"
	decideReject  = "reject"
	decideExclude = "exclude"
)

// maxWhy is the longest reason that is kept of an operator, in characters.
const maxWhy = 500

// heldRow is one held answer.
type heldRow struct {
	Item, Program string
	// At is in scaled time, as people and as programs read it.
	At, AtISO string
	Answered  bool
	Score     int
	Comment   string
	Left      bool
	Why       string
}

// heldView is what the page of held answers shows.
type heldView struct {
	Rows []heldRow
	More bool
	Most int
}

// showHeld lists the answers that look like machines', and changes nothing.
func (s *Server) showHeld(w http.ResponseWriter, r *http.Request, _ string) error {
	return s.renderHeld(w, r, http.StatusOK, "")
}

func (s *Server) renderHeld(w http.ResponseWriter, r *http.Request, status int, said string) error {
	held, err := s.opt.Store.HeldAnswers(r.Context(), shownEffects+1)
	if err != nil {
		return err
	}
	shown := &heldView{More: len(held) > shownEffects, Most: shownEffects}
	for _, h := range held[:min(len(held), shownEffects)] {
		shown.Rows = append(shown.Rows, heldRow{
			Item: h.Item, Program: h.Program, At: h.At.UTC().Format("2 January 2006, 15:04:05 UTC"), AtISO: h.At.UTC().Format(time.RFC3339),
			Answered: h.Answered, Score: h.Score, Comment: h.Comment, Left: h.Unsubscribed, Why: whyHeld(h.Visit),
		})
	}
	s.pages.render(w, status, "held", view{
		Lang: survey.DefaultLocale, Title: "Held answers", Text: said, Operator: true, Held: shown,
	})
	return nil
}

// signTexts say what a sign saw.
var signTexts = map[survey.Sign]func(survey.Visit) string{
	survey.SignLinks: func(v survey.Visit) string {
		return fmt.Sprintf("it opened %d of the mail's %d links", len(v.Links), v.Of)
	},
	survey.SignScores:     func(survey.Visit) string { return "it sent several scores within seconds" },
	survey.SignUnrendered: func(survey.Visit) string { return "it sent a form of a page that was never shown" },
	survey.SignNetwork:    func(survey.Visit) string { return "it came from a network of mail scanners" },
	survey.SignBurst: func(v survey.Visit) string {
		return fmt.Sprintf("its source answered for %d contacts within a minute", v.Burst)
	},
	survey.SignPrefetch: func(survey.Visit) string { return "it opened links ahead of any reader" },
}

func whyHeld(v survey.Visit) string {
	var why []string
	for _, sign := range v.Signs {
		if text := signTexts[sign]; text != nil {
			why = append(why, text(v))
		}
	}
	return strings.Join(why, "; ")
}

// decideHeld takes an operator's word for an answer, or against it.
func (s *Server) decideHeld(w http.ResponseWriter, r *http.Request, name string) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	item, _, err := field(form, "item")
	if err != nil {
		return err
	}
	why, _, err := field(form, "why")
	if err != nil {
		return err
	}
	if err := survey.CheckText("why", why, maxWhy); err != nil {
		return refused(err)
	}
	ctx, cancel := unbroken(r)
	defer cancel()
	verdict := store.Verdict{Item: item, At: s.opt.Clock.Now(), Who: name, Why: cmp.Or(strings.TrimSpace(why), "no reason given")}
	said := ""
	switch decision := form.Get("decision"); decision {
	case decideAccept:
		verdict.What, said = store.VerdictAccepted, "It is taken as a person's, and goes on as if it had come now."
		err = s.acceptHeld(ctx, verdict)
	case decideReject:
		verdict.What, said = store.VerdictRejected, "It counts nowhere."
		err = s.opt.Store.RejectHeld(ctx, verdict)
	case decideExclude:
		verdict.What, said = store.VerdictRejected, "It counts nowhere."
		err = s.opt.Store.ExcludeAnswer(ctx, verdict)
	default:
		return &formProblem{
			status: http.StatusUnprocessableEntity, text: "decision: want " + decideAccept + ", " + decideReject + " or " + decideExclude,
		}
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return s.renderHeld(w, r, http.StatusNotFound, "Nothing was changed: there is no such answer. Somebody decided, or its reader has answered meanwhile.")
	case err != nil:
		return fmt.Errorf("decide about a held answer: %w", err)
	}
	s.log(ctx).Info("an operator decided about an answer", "operator", name, "item", item, "verdict", verdict.What)
	return s.renderHeld(w, r, http.StatusOK, said)
}

// acceptHeld takes what was held of a mail as a person's.
func (s *Server) acceptHeld(ctx context.Context, verdict store.Verdict) error {
	err := AcceptHeld(ctx, s.opt.Store, s.opt.Program, s.opt.NewID, verdict)
	if err == nil {
		s.opt.Notify(store.TopicAnswer)
	}
	return err
}

// AcceptHeld takes what was held of a mail as a person's, as if it came now. program
// returns any version of a program. The errors are those of store.Visits.
func AcceptHeld(ctx context.Context, db store.Store, program func(ctx context.Context, id, version string) (survey.Program, error),
	newID func() string, verdict store.Verdict) error {
	req := store.AcceptRequest{Verdict: verdict, NewID: newID}
	if !strings.HasPrefix(verdict.Item, survey.UnsubscribeAsk) {
		found, err := db.Invitation(ctx, verdict.Item)
		if err != nil {
			return err
		}
		p, err := program(ctx, found.Invitation.Program, found.Invitation.Version)
		if err != nil {
			return err
		}
		req.DueAt = p.DueAt
	}
	return db.AcceptHeld(ctx, req)
}
