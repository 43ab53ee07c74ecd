package activities

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/condition"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// On the next business day of each: Tokyo's comes first.
func TestAsksGoOutOnTheNextBusinessDayOfEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program.FollowUp.Referral.AskTiming = survey.AskTiming{
		NextBusinessDay: true, AgainAfter: survey.Span(180 * day),
		Window: &survey.Calendar{ID: "week", Timezone: "UTC", Days: []string{"mon", "tue", "wed", "thu", "fri"}, Hours: "09:00-17:00"},
	}
	w.must(w.store.SaveProgram(t.Context(), w.program))
	berlin, tokyo := person(0, "en"), person(6, "en")
	berlin.Timezone, tokyo.Timezone = "Europe/Berlin", "Asia/Tokyo"
	batch, _ := w.admitWindowed([]survey.Contact{berlin, tokyo})
	unsent, err := w.store.Unsent(t.Context(), batch.Batch, w.clock.Now().Add(day))
	w.must(err)
	for _, r := range unsent {
		w.answer(r.Invitation.ID, survey.Answer{Score: 10, Done: true})
	}
	asks, _ := w.record()
	planned := w.plan(asks)
	require.Equal(t, PlannedAsks{Asks: 2, At: time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)}, planned, "nine in Tokyo")
	w.moment.Store(int64(planned.At.Sub(start)))
	asked, err := run[Asked](w, w.mail().SendAsks, asks)
	w.must(err)
	require.Equal(t, Asked{Again: time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)}, asked, "nine in Berlin")
	require.Equal(t, []string{tokyo.Email}, w.mailed())
	w.moment.Store(int64(asked.Again.Sub(start)))
	asked, err = run[Asked](w, w.mail().SendAsks, asks)
	w.must(err)
	require.Zero(t, asked)
	require.Equal(t, []string{tokyo.Email, berlin.Email}, w.mailed())
}

// consenting are rules by which a contact's attribute has to say yes.
func consenting(t *testing.T) condition.AskRules {
	t.Helper()
	language, err := condition.New(survey.Terms{Fields: map[string]survey.FieldType{"contact.opted_in": survey.FieldBoolean}})
	require.NoError(t, err)
	e, err := language.Compile(condition.OfSegment, "contact.opted_in")
	require.NoError(t, err)
	return condition.AskRules{Consent: e}
}

// knowingCRM tells of contacts what it knows now.
type knowingCRM struct {
	crm.CRM
	contacts map[string]survey.Contact
	asked    []survey.Object
}

func (c *knowingCRM) Resolve(_ context.Context, objects []survey.Object) (crm.Resolution, error) {
	c.asked = append(c.asked, objects...)
	var out crm.Resolution
	for _, object := range objects {
		out.Contacts = append(out.Contacts, c.contacts[object.ID])
	}
	return out, nil
}

func TestConsentIsReadBeforeTheAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gives, takesBack := person(0, "en"), person(6, "en")
	takesBack.Attributes = map[string]string{"opted_in": "true"}
	batch := w.promote(gives, takesBack)
	asks := w.asks()
	asks.Rules = consenting(t)
	planned, err := asks.PlanAsks(t.Context(), batch)
	w.must(err)
	require.Empty(t, planned.CRMs, "it cannot be asked")
	asks.Reads = []string{crmID}
	planned, err = asks.PlanAsks(t.Context(), batch)
	w.must(err)
	require.Equal(t, []string{crmID}, planned.CRMs)
	w.pass(day)
	gives.Attributes, takesBack.Attributes = map[string]string{"opted_in": "true"}, map[string]string{"opted_in": "false"}
	gives.RefreshedAt, takesBack.RefreshedAt = w.clock.Now(), w.clock.Now()
	knows := &knowingCRM{contacts: map[string]survey.Contact{gives.ID: gives, takesBack.ID: takesBack}}
	read := &Contacts{Store: w.store, CRMs: map[string]crm.CRM{crmID: knows}}
	_, err = run[any](w, read.ReadAsked, ResolveInput{Batch: batch.Batch, CRM: crmID})
	w.must(err)
	require.Len(t, knows.asked, 2)
	n, err := asks.AdmitAsks(t.Context(), batch)
	w.must(err)
	require.Equal(t, 1, n)
	mail := w.mail()
	mail.AskRules = asks.Rules
	_, err = run[any](w, mail.SendAsks, batch)
	w.must(err)
	require.Equal(t, []string{gives.Email}, w.mailed())
	outcomes, err := w.store.AskOutcomes(t.Context(), "")
	w.must(err)
	for _, o := range outcomes {
		require.Equal(t, o.State == survey.AskSuppressed, o.Facts.NoConsent)
	}
	_, err = run[any](w, read.ReadAsked, ResolveInput{Batch: batch.Batch, CRM: crmID})
	w.must(err)
	require.Len(t, knows.asked, 2, "nothing waits any more")
}

// A detractor is asked for a review by mail as a promoter is, with the words and the link
// of reviews.
func TestReviewIsMailedToEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program.FollowUp.Review = &survey.ReviewRule{AskTiming: survey.AskTiming{AgainAfter: survey.Span(180 * day)}, Sites: []survey.ReviewSite{{URL: "https://reviews.example"}}}
	w.program.FollowUp.Asks.Order = []survey.AskKind{survey.AskReview, survey.AskReferral}
	texts := w.program.Texts["en"]
	texts.ReviewSubject, texts.ReviewBody, texts.ReviewButton = "Review {brand}?", "Whatever you think of {brand}.", "Write about {brand}"
	w.program.Texts["en"] = texts
	programs, err := NewPrograms(t.Context(), w.store, []survey.Program{w.program})
	w.must(err)
	w.programs = programs
	_, ids := w.admit(person(0, "en"), person(6, "en"))
	for i, id := range ids {
		w.answer(id, survey.Answer{Score: 10 * i, Done: true})
	}
	batch, recorded := w.record()
	require.Equal(t, 2, recorded.Asks)
	require.Len(t, recorded.Cases, 1)
	_, err = run[any](w, w.mail().SendAsks, batch)
	w.must(err)
	mails := w.box.Snapshot().Mails
	require.Len(t, mails, 2)
	for _, m := range mails {
		require.Equal(t, "Review Nordwind?", m.Subject)
		require.Contains(t, m.Text(), "Whatever you think of Nordwind.")
		require.Regexp(t, `Write about Nordwind: https://\S+/a/`, m.Text())
		require.Equal(t, store.MailAsk, m.CustomArgs["cxloop_kind"])
	}
}
