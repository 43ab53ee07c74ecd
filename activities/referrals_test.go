package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// withThanks gives the world's program the words of a page for friends.
func withThanks(w *world) {
	p := w.program
	p.FollowUp.Referral.URL, p.FollowUp.Referral.Page, p.FollowUp.Referral.ShowName = "", survey.PageBuiltIn, true
	for locale, texts := range p.Texts {
		texts.ThankedSubject, texts.ThankedBody, texts.ThankedBodyNamed = "Thanks from {brand}", "Somebody came.", "{friend} came."
		p.Texts[locale] = texts
	}
	var err error
	w.program = p
	w.programs, err = NewPrograms(w.Context(), w.store, []survey.Program{p})
	w.must(err)
}

func (w *world) sentMails() []sandbox.Mail {
	var mails []sandbox.Mail
	w.box.Read(func(st *sandbox.State) {
		for _, m := range st.Mails {
			mails = append(mails, *m)
		}
	})
	return mails
}

func TestPromoterIsThankedOnceADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	withThanks(w)
	asks := w.promoters(person(0, "en"), person(6, "en"))
	first := w.befriend(asks[:1], buddy(0), buddy(2))
	n, err := w.referrals().AdmitLeadThanks(t.Context(), first)
	w.must(err)
	require.Equal(t, 1, n)
	for range 2 {
		_, err = run[LeadThanked](w, w.mail().SendLeadThanks, first)
		w.must(err)
	}
	second := w.befriend(asks[1:], buddy(1))
	_, err = run[LeadThanked](w, w.mail().SendLeadThanks, second)
	w.must(err)
	mails := w.sentMails()
	require.Len(t, mails, 2)
	require.Equal(t, "Thanks from Nordwind", mails[0].Subject)
	require.Contains(t, mails[0].Text(), "Somebody came.")
	require.Contains(t, mails[0].Text(), testComposer(t).PublicURL+"/r/"+testComposer(t).Tokens.Seal(survey.TokenReferral, asks[0]))
	require.Contains(t, mails[1].Text(), "Grace came.", "who allowed it")
	require.Equal(t, 2, w.figure().Thanked)
}

func TestThanksUnderEveryFault(t *testing.T) {
	t.Parallel()
	for kind, mails := range map[sandbox.FaultKind]int{sandbox.FaultCut: 1, sandbox.FaultCutBefore: 0, sandbox.FaultRateLimit: 1} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			withThanks(w)
			batch := w.befriend(w.promoters(person(0, "en")), buddy(0))
			w.box.SetFaults(sandbox.SendGrid, fault(kind))
			for range 3 {
				if _, err := run[LeadThanked](w, w.mail().SendLeadThanks, batch); err != nil {
					fails(t, FailureRetryAfter, err)
				}
			}
			require.Len(t, w.mailed(), mails)
			n, err := w.referrals().AdmitLeadThanks(t.Context(), batch)
			w.must(err)
			require.Zero(t, n)
			if kind != sandbox.FaultRateLimit {
				require.Len(t, w.unknownEffects(), 1, "nobody knows what became of it")
			}
		})
	}
}

func TestThanksWaitForTheWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.program.FollowUp.Referral.Window = &survey.Calendar{ID: "tuesdays", Timezone: "UTC", Days: []string{"tue"}, Hours: "09:00-17:00"}
	withThanks(w) // it is Monday
	asks := w.promoters(person(0, "en"))
	batch := w.befriend(asks, buddy(0))
	thanked, err := run[LeadThanked](w, w.mail().SendLeadThanks, batch)
	w.must(err)
	require.Empty(t, w.mailed())
	require.False(t, thanked.Again.IsZero())
	require.Equal(t, time.Tuesday, thanked.Again.Weekday())
	w.pass(w.clock.Scaled(thanked.Again).Sub(w.clock.Now()))
	// The friend of Monday and one of today: one mail.
	late := w.befriend(asks, buddy(2))
	for _, b := range []LeadsRef{batch, late} {
		_, err = run[LeadThanked](w, w.mail().SendLeadThanks, b)
		w.must(err)
	}
	require.Len(t, w.mailed(), 1)
}

func TestWhoUnsubscribedIsNotThanked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	withThanks(w)
	batch := w.befriend(w.promoters(person(0, "en")), buddy(0))
	n, err := w.referrals().AdmitLeadThanks(t.Context(), batch)
	w.must(err)
	require.Equal(t, 1, n)
	w.must(w.store.Unsubscribe(t.Context(), person(0, "").Key, w.clock.Now()))
	_, err = run[LeadThanked](w, w.mail().SendLeadThanks, batch)
	w.must(err)
	require.Empty(t, w.mailed())
	require.Equal(t, map[survey.LeadState]int{survey.LeadNew: 1}, w.figure().Leads, "the friend counts")
}
