package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The fields of the form that permits to quote a comment.
const (
	fieldConsent  = "consent"
	fieldNamed    = "named"
	fieldCompany  = "company"
	fieldWithdraw = "withdraw"
)

// How somebody may be named, the values of fieldNamed.
const (
	namedInFull  = "full"
	namedByFirst = "first"
	namedNot     = "not"
)

// testimonialView is the page where somebody permits to quote them.
type testimonialView struct {
	Words string
	// Signed is below the words where the permission was given: how they are named.
	Signed string
	Given  bool

	Consent, NameLabel string
	Names              []nameView
	Company            string // "" where none is known
	Named              bool   // the company is chosen
}

// nameView is a name to choose.
type nameView struct {
	Value, Text string
	Chosen      bool
}

// showTestimonial shows the customer's own comment: to permit that it is quoted, or what
// was permitted.
func (s *Server) showTestimonial(ctx context.Context, w http.ResponseWriter, q request, page string) error {
	given, err := s.opt.Store.Testimonial(ctx, q.response.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	case given.WithdrawnAt.IsZero() && q.response.State != survey.Withdrawn:
		s.showGiven(w, q, given)
		return nil
	}
	if q.response.State == survey.Withdrawn || q.response.Comment == "" {
		s.showOver(w, q)
		return nil
	}
	s.askTestimonial(w, q, page, url.Values{}, nil)
	return nil
}

func (s *Server) askTestimonial(w http.ResponseWriter, q request, page string, sent url.Values, problem *problemView) {
	v := s.requestView(q, page)
	v.Button, v.Problem = q.fill(q.texts.TestimonialSend, s.opt.Brand), problem
	v.Testimonial = &testimonialView{
		Words: q.response.Comment, Consent: q.fill(q.texts.TestimonialConsent, s.opt.Brand),
		NameLabel: q.fill(q.texts.TestimonialName, s.opt.Brand), Names: s.names(q.letter, sent.Get(fieldNamed)), Named: sent.Has(fieldCompany),
	}
	if q.account.Name != "" {
		v.Testimonial.Company = q.fill(q.texts.TestimonialCompany, s.opt.Brand)
	}
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
	}
	s.pages.render(w, status, "testimonial", v)
}

// names are those that somebody may choose. None is chosen for them, unless there is one
// alone.
func (s *Server) names(l letter, chosen string) []nameView {
	all := []nameView{
		{Value: namedInFull, Text: l.contact.Name()}, {Value: namedByFirst, Text: l.contact.FirstName},
		{Value: namedNot, Text: l.fill(l.texts.TestimonialNoName, s.opt.Brand)},
	}
	var names []nameView
	for _, name := range all {
		if name.Text == "" || len(names) > 0 && name.Text == names[0].Text {
			continue
		}
		name.Chosen = name.Value == chosen
		names = append(names, name)
	}
	names[0].Chosen = names[0].Chosen || len(names) == 1
	return names
}

// takeTestimonial keeps a permission, or that it is withdrawn, which everybody may.
func (s *Server) takeTestimonial(ctx context.Context, w http.ResponseWriter, q request, form url.Values, person bool) error {
	now := s.opt.Clock.Now()
	if form.Has(fieldWithdraw) {
		if err := s.opt.Store.WithdrawTestimonial(ctx, q.response.ID, now); err != nil {
			return err
		}
		s.showOver(w, q)
		return nil
	}
	page := pageOf(form.Get(fieldPage))
	if q.response.State == survey.Withdrawn || q.response.Comment == "" {
		s.showOver(w, q)
		return nil
	}
	named := slices.ContainsFunc(s.names(q.letter, form.Get(fieldNamed)), func(n nameView) bool { return n.Chosen })
	if form.Get(fieldConsent) == "" || !named || !person {
		s.askTestimonial(w, q, page, form, &problemView{q.fill(q.texts.TestimonialRequired, s.opt.Brand), q.locale, direction(q.locale), fieldConsent})
		return nil
	}
	given := store.Testimonial{ResponseID: q.response.ID, Words: q.response.Comment, Locale: q.locale, GivenAt: now}
	switch form.Get(fieldNamed) {
	case namedInFull:
		given.Name = q.contact.Name()
	case namedByFirst:
		given.Name = q.contact.FirstName
	}
	if form.Has(fieldCompany) {
		given.Company = q.account.Name
	}
	err := s.opt.Store.GiveTestimonial(ctx, given)
	if errors.Is(err, store.ErrNotFound) {
		s.showOver(w, q)
		return nil
	}
	if err == nil {
		err = s.requestClicked(ctx, q)
	}
	if err != nil {
		return err
	}
	s.showGiven(w, q, given)
	return nil
}

func (s *Server) showGiven(w http.ResponseWriter, q request, given store.Testimonial) {
	v := s.requestView(q, "")
	v.Title = q.fill(q.texts.TestimonialGiven, s.opt.Brand)
	signed := given.Name
	if given.Company != "" && signed != "" {
		signed += ", "
	}
	v.Testimonial = &testimonialView{Words: given.Words, Signed: signed + given.Company, Given: true}
	v.Buttons = []buttonView{{Name: fieldWithdraw, Value: "1", Text: q.fill(q.texts.TestimonialWithdraw, s.opt.Brand)}}
	s.pages.render(w, http.StatusOK, "testimonial", v)
}

func (s *Server) showOver(w http.ResponseWriter, q request) {
	v := s.requestView(q, "")
	v.Title = q.fill(q.texts.TestimonialOver, s.opt.Brand)
	s.pages.render(w, http.StatusOK, "message", v)
}
