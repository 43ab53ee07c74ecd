package activities

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// watchedCRM notes what is pushed, a few records at a time.
type watchedCRM struct {
	crm.CRM
	pushes []string
	before func(push int) error
}

func (c *watchedCRM) BatchSize() int { return 2 }

func (c *watchedCRM) Push(ctx context.Context, objectType string, updates []crm.Update) ([]crm.Refusal, error) {
	c.pushes = append(c.pushes, fmt.Sprint(objectType, updates))
	if c.before != nil {
		if err := c.before(len(c.pushes)); err != nil {
			return nil, err
		}
	}
	if c.CRM == nil {
		return nil, nil
	}
	return c.CRM.Push(ctx, objectType, updates)
}

func (w *world) push(client crm.CRM) (Pushed, error) {
	return run[Pushed](w, w.signals(client).PushSignals, CRMRef{CRM: crmID})
}

// crmContact is a contact that the stand-in's CRM has.
func (w *world) crmContact(n int) survey.Contact {
	w.Helper()
	c := person(n, "en")
	record, err := w.box.CreateContact(map[string]string{"email": c.Email, "firstname": c.FirstName}, "")
	w.must(err)
	c.ID, c.Key = record.ID, survey.RecordKey(crmID, record.ID)
	return c
}

func TestWhatChangedIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.hubspot()
	_, err := client.EnsureProperties(t.Context(), false)
	w.must(err)
	c := w.crmContact(0)
	company, err := w.box.CreateCompany(map[string]string{"name": "Ångström"})
	w.must(err)
	c.AccountKey = survey.RecordKey(crmID, "a"+company.ID)

	_, ids := w.admit(c)
	w.answer(ids[0], survey.Answer{Score: 10, Done: true})
	w.record()
	answered := w.clock.Now().Format(time.RFC3339)
	watched := &watchedCRM{CRM: client}
	got, err := w.push(watched)
	w.must(err)
	require.Equal(t, Pushed{Records: 2}, got)
	record := w.box.Record(sandbox.Contacts, c.ID)
	for name, want := range map[string]string{
		survey.SignalNPSLast: "10", survey.SignalNPSBand: "promoter",
	} {
		require.Equal(t, want, record.Get(name), name)
	}

	w.pass(time.Minute)
	w.answer(ids[0], survey.Answer{Score: 9, Done: true})
	w.record()
	watched.pushes = nil
	_, err = w.push(watched)
	w.must(err)
	require.Equal(t, []string{fmt.Sprint(survey.ObjectContact, []crm.Update{{ID: c.ID, Values: map[string]string{survey.SignalNPSLast: "9"}}})},
		watched.pushes, "the band and the moment, %s, are as they were", answered)
	require.Equal(t, "9", w.box.Record(sandbox.Contacts, c.ID).Get(survey.SignalNPSLast))

	watched.pushes = nil
	got, err = w.push(watched)
	w.must(err)
	require.Zero(t, got)
	require.Empty(t, watched.pushes)
}

func TestRefusedRecordIsParked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.hubspot()
	_, err := client.EnsureProperties(t.Context(), false)
	w.must(err)
	known, gone := w.crmContact(0), person(1, "en")
	gone.ID, gone.Key = "404404", "hubspot/404404"
	known.AccountKey, gone.AccountKey = known.Key+"0", known.Key+"0"
	_, ids := w.admit(known, gone)
	for _, id := range ids {
		w.answer(id, survey.Answer{Score: 8, Done: true})
	}
	w.record()
	watched := &watchedCRM{CRM: client}
	_, err = w.push(watched)
	w.must(err)
	require.Equal(t, "8", w.box.Record(sandbox.Contacts, known.ID).Get(survey.SignalNPSLast), "the other's are taken")
	watched.pushes = nil
	_, err = w.push(watched)
	w.must(err)
	require.Empty(t, watched.pushes, "it is not offered again")
	w.pass(time.Minute)
	w.answer(ids[1], survey.Answer{Score: 7, Done: true})
	w.record()
	_, err = w.push(watched)
	w.must(err)
	require.Len(t, watched.pushes, 1, "until it changes")
}

func TestPushIsRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		delay time.Duration
	}{
		"ambiguous":   {&integrations.Error{Kind: integrations.Ambiguous, Err: errDied}, 0},
		"retry after": {&integrations.Error{Kind: integrations.RetryAfter, After: 10 * time.Second, Err: errDied}, 10 * time.Second},
		"no setup":    {&integrations.Error{Kind: integrations.Permanent, Hint: "run cxloop setup", Err: errDied}, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, ids := w.admit(person(0, "en"))
			w.answer(ids[0], survey.Answer{Score: 8, Done: true})
			w.record()
			vendor := &watchedCRM{before: func(push int) error {
				if push == 2 {
					return c.err
				}
				return nil
			}}
			_, err := w.push(vendor)
			require.Equal(t, c.delay, fails(t, FailureRetryAfter, err).NextRetryDelay())
			_, err = w.push(vendor)
			w.must(err)
			require.Len(t, vendor.pushes, 3)
			require.Equal(t, vendor.pushes[1], vendor.pushes[2], "the one that failed, not the one before")
		})
	}
}

// A CRM that refuses a call and does not say for which row holds up no others.
func TestRefusedCallIsParked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, ids := w.admit(person(0, "en"), person(1, "en"))
	for _, id := range ids {
		w.answer(id, survey.Answer{Score: 8, Done: true})
	}
	w.record()
	vendor := &watchedCRM{before: func(int) error {
		return &integrations.Error{Kind: integrations.Permanent, Code: "400", Err: errDied}
	}}
	var said strings.Builder
	signals := w.signals(vendor)
	signals.Log = slog.New(slog.NewTextHandler(&said, nil))
	for range 2 {
		_, err := run[Pushed](w, signals.PushSignals, CRMRef{CRM: crmID})
		w.must(err)
		require.Len(t, vendor.pushes, 2, "the contacts and their account")
		require.Equal(t, 2, strings.Count(said.String(), "\n"), "one line a call, however many records")
		require.Contains(t, said.String(), "type=contact code=400 records=2")
	}
}

func TestPushHasItsShare(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const records = 2*pushesAtOnce + 1 // with two a batch one is left
	contacts := people(records)
	for i := range contacts {
		contacts[i].AccountKey = "hubspot/a0"
	}
	_, ids := w.admit(contacts...)
	for _, id := range ids {
		w.answer(id, survey.Answer{Score: 8, Done: true})
	}
	w.record()
	vendor := &watchedCRM{}
	first, err := w.push(vendor)
	w.must(err)
	require.True(t, first.More)
	require.Len(t, vendor.pushes, pushesAtOnce)
	second, err := w.push(vendor)
	w.must(err)
	require.False(t, second.More)
	require.Equal(t, records+1, first.Records+second.Records, "the contacts and their account")
}
