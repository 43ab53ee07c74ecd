package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// desk is a CRM by heart. Its errors come in turn: each call takes the next, nil for none,
// and does its work before one that is Ambiguous where works is set.
type desk struct {
	crm.CRM
	errs    []error
	works   bool
	gone    bool // whom it is about
	records []crm.CaseRecord
	states  map[string]survey.RecordState
	notes   []crm.Note
	calls   []string
}

func (d *desk) call(format string, args ...any) error {
	d.calls = append(d.calls, fmt.Sprintf(format, args...))
	if len(d.errs) == 0 {
		return nil
	}
	err := d.errs[0]
	d.errs = d.errs[1:]
	return err
}

func (d *desk) did(err error) bool { return err == nil || d.works }

func (d *desk) MakeRecord(_ context.Context, r crm.CaseRecord) (string, error) {
	err := d.call("make %s %s", r.Kind, r.Priority)
	if d.did(err) {
		d.records = append(d.records, r)
		if d.states == nil {
			d.states = map[string]survey.RecordState{}
		}
		d.states[fmt.Sprint(len(d.records))] = survey.RecordOpen
	}
	return fmt.Sprint(len(d.records)), err
}

func (d *desk) MakeNote(_ context.Context, n crm.Note) (string, error) {
	err := d.call("note %v", n.Lines)
	if d.did(err) {
		d.notes = append(d.notes, n)
	}
	return fmt.Sprint(len(d.notes)), err
}

func (d *desk) found(at int) (string, error) {
	if d.gone {
		return "", &integrations.Error{Kind: integrations.Permanent, Code: crm.CodeGone, Err: errors.New("gone")}
	}
	if at < 0 {
		return "", nil
	}
	return fmt.Sprint(at + 1), nil
}

func (d *desk) FindRecord(_ context.Context, r crm.CaseRecord, _ time.Time) (string, error) {
	d.calls = append(d.calls, "find record")
	return d.found(slices.IndexFunc(d.records, func(made crm.CaseRecord) bool { return made.Mark == r.Mark }))
}

func (d *desk) FindNote(_ context.Context, n crm.Note, _ time.Time) (string, error) {
	d.calls = append(d.calls, "find note")
	return d.found(slices.IndexFunc(d.notes, func(made crm.Note) bool { return made.Mark == n.Mark }))
}

func (d *desk) ChangeRecord(_ context.Context, _ survey.RecordKind, id string, change crm.RecordChange) error {
	err := d.call("change %s %v", id, change)
	if err == nil && change.State != "" {
		d.states[id] = change.State
	}
	return err
}

func (d *desk) ReadRecords(_ context.Context, _ survey.RecordKind, ids []string) (map[string]bool, error) {
	err := d.call("read %v", ids)
	closed := map[string]bool{}
	for _, id := range ids {
		closed[id] = d.states[id] == survey.RecordClosed
	}
	return closed, err
}

// took returns the calls since the last time.
func (d *desk) took() []string {
	calls := d.calls
	d.calls = nil
	return calls
}

func deskError(kind integrations.ErrorKind) error {
	return &integrations.Error{Vendor: "desk", Kind: kind, Code: "test", Err: errors.New("test")}
}

// filing is a case that a CRM is told of.
type filing struct {
	*world
	id string
	as CaseFiling
}

func newFiling(t *testing.T, kind survey.RecordKind) filing {
	t.Helper()
	w := newWorld(t)
	w.must(w.store.SaveSlackUsers(t.Context(), map[string]bool{"U1": true}, time.Now()))
	return filing{w, w.openCase(person(0, "en"), "Too slow."), CaseFiling{kind, kind != survey.RecordNone}}
}

// patient is an SLA whose clocks run for ever.
var patient = survey.SLA{Normal: survey.Promises{
	Acknowledge: survey.BusinessSpan{Off: true}, Contact: survey.BusinessSpan{Off: true}, Resolve: survey.BusinessSpan{Off: true},
}, Calendar: roundTheClock.Calendar}

// advance reports whether the CRM has to be told.
func (f filing) advance() bool {
	f.Helper()
	cases := f.cases()
	cases.Filing, cases.SLA = map[string]CaseFiling{crmID: f.as}, patient
	out, err := cases.AdvanceCase(f.Context(), CaseRef{Case: f.id})
	f.must(err)
	return out.File
}

func (f filing) act(n int, action survey.CaseAction, note string) {
	f.Helper()
	f.clickWith(f.id, survey.Click{ID: fmt.Sprint(n), Action: action, User: "U1", Seen: 99, Choice: "price", Note: note})
}

func (f filing) escalate(stage survey.EscalationStage) {
	f.Helper()
	_, err := f.store.AdvanceCase(f.Context(), f.id, f.clock.Now(), func(c *survey.Case, _ []survey.Click) store.Advance {
		c.Clocks.Stage = stage
		return store.Advance{History: []store.CaseEvent{{At: f.clock.Now(), What: eventEscalated, Target: strconv.Itoa(int(stage)), Choice: string(survey.ClockAcknowledge)}}}
	})
	f.must(err)
}

func (f filing) records(vendor crm.CRM) *CaseRecords {
	return &CaseRecords{
		Store: f.store, Programs: f.programs, OwnerOf: func(a survey.Account) string { return survey.OwnerOf(a, "") }, CRMs: map[string]crm.CRM{crmID: vendor}, Filing: map[string]CaseFiling{crmID: f.as}, Clock: f.clock, Log: silent,
		SLA: survey.SLA{Off: true}, Route: to(channel),
	}
}

func (f filing) tell(vendor crm.CRM) error {
	f.Helper()
	_, err := run[any](f.world, f.records(vendor).FileCase, CaseRef{Case: f.id})
	return err
}

func TestCaseIsFiled(t *testing.T) {
	t.Parallel()
	f, d := newFiling(t, survey.RecordTask), &desk{}
	require.True(t, f.advance())
	f.must(f.tell(d))
	require.Equal(t, []string{"make task normal", "note [The case was opened. Score: 2 of 10 (detractor) “Too slow.”]"}, d.took())
	require.Equal(t, crm.About{ContactID: "c0", AccountID: "a0"}, d.records[0].About)
	require.Equal(t, "Detractor: Zoë O'Brien, Ångström & Söhne", d.records[0].Subject)
	require.Equal(t, []string{
		"Score: 2 of 10 (detractor) “Too slow.”", "Contact: Zoë O'Brien", "Program: nps", "It is followed up in Slack. Closed here, the case is resolved there.",
	}, d.records[0].Lines)
	require.Equal(t, f.clock.Now().Add(day), d.records[0].Due)
	require.False(t, f.advance(), "the CRM knows")
	f.must(f.tell(d))
	require.Empty(t, d.took())

	f.escalate(survey.StageChannel)
	require.False(t, f.advance(), "others hear of that")
	f.escalate(survey.StageTask)
	require.True(t, f.advance())
	f.must(f.tell(d))
	require.Equal(t, []string{"change 1 { high }", "note [Overdue: acknowledge the case]"}, d.took())

	f.act(1, survey.ActionContacted, "Called Ana")
	f.act(2, survey.ActionResolve, "Refunded")
	require.True(t, f.advance())
	f.must(f.tell(d))
	require.Equal(t, []string{
		"change 1 {closed  }", "note [Somebody of the team contacted the customer. “Called Ana” Somebody of the team resolved the case. Cause: Price. “Refunded”]",
	}, d.took())
	f.act(3, survey.ActionAcknowledge, "")
	require.False(t, f.advance(), "a click in vain")
}

// A task is due when the customer is to be contacted.
func TestTaskIsDueAsPromised(t *testing.T) {
	t.Parallel()
	f, d := newFiling(t, survey.RecordTask), &desk{}
	_, err := f.promised().AdvanceCase(t.Context(), CaseRef{Case: f.id})
	f.must(err)
	records := f.records(d)
	records.SLA = roundTheClock
	records.SLA.Normal.Contact = hours(30)
	_, err = run[any](f.world, records.FileCase, CaseRef{Case: f.id})
	f.must(err)
	require.Equal(t, f.clock.Now().Add(30*time.Hour), d.records[0].Due)
}

// The CRM is told in the language of the case's team, and everything even where Slack's
// channel may see no names.
func TestCRMIsToldInTheLanguageOfTheTeam(t *testing.T) {
	t.Parallel()
	f, d := newFiling(t, survey.RecordTicket), &desk{}
	records := f.records(d)
	records.Route = func(store.CaseDetail) survey.CaseRoute {
		return survey.CaseRoute{Channel: channel, Language: "de", NoNames: true}
	}
	records.Page = func(id string) string { return "https://cx.example/c/" + id }
	_, err := run[any](f.world, records.FileCase, CaseRef{Case: f.id})
	f.must(err)
	require.Equal(t, "Kritiker: Zoë O'Brien, Ångström & Söhne", d.records[0].Subject)
	require.Equal(t, []string{
		"Note: 2 von 10 (Kritiker) “Too slow.”", "Kontakt: Zoë O'Brien", "Programm: nps",
		"Verfolgt wird er in Slack. Hier geschlossen, ist der Fall dort gelöst.", "Seite des Falls: https://cx.example/c/" + f.id,
	}, d.records[0].Lines)
	require.Equal(t, []string{"Der Fall wurde eröffnet. Note: 2 von 10 (Kritiker) “Too slow.”"}, d.notes[0].Lines)
}

func TestCaseIsFiledLate(t *testing.T) {
	t.Parallel()
	f, d := newFiling(t, survey.RecordNone), &desk{}
	require.False(t, f.advance())
	f.escalate(survey.StageTask)
	require.True(t, f.advance())
	f.must(f.tell(d))
	require.Equal(t, []string{"make task high"}, d.took())
	f.act(1, survey.ActionResolve, "")
	require.True(t, f.advance())
	f.must(f.tell(d))
	require.Equal(t, []string{"change 1 {closed  }"}, d.took())

	over := newFiling(t, survey.RecordTask)
	over.act(1, survey.ActionReject, "")
	require.False(t, over.advance(), "what ended before the CRM heard of it is none of its")
}

// Where the CRM cannot tell, an operator decides.
func TestOperatorDecidesWhereTheCRMCannotTell(t *testing.T) {
	t.Parallel()
	f, d := newFiling(t, survey.RecordTask), &desk{errs: []error{deskError(integrations.Ambiguous)}, gone: true}
	fails(t, FailureRetryAfter, f.tell(d))
	f.must(f.tell(d))
	key := store.RecordEffect(f.id)
	require.Equal(t, []string{key}, f.unknownEffects())
	require.Empty(t, d.records)
	require.False(t, f.advance(), "nobody tries any more")
	again, err := f.store.RepeatEffect(t.Context(), key, "b", f.clock.Now())
	f.must(err)
	require.Equal(t, []string{f.id}, again.Cases)
	require.True(t, f.advance())
	f.must(f.tell(d))
	require.Len(t, d.records, 1)
}

// What the CRM refuses holds up nothing, and is tried again when the case changes.
func TestRefusedRecordIsLeft(t *testing.T) {
	t.Parallel()
	f, d := newFiling(t, survey.RecordTicket), &desk{errs: []error{deskError(integrations.Permanent)}}
	f.must(f.tell(d))
	require.Empty(t, d.records)
	require.Len(t, d.notes, 1)
	require.False(t, f.advance())
	f.act(1, survey.ActionAcknowledge, "")
	require.True(t, f.advance())
	d.errs = []error{nil, nil, &integrations.Error{Kind: integrations.Permanent, Code: crm.CodeGone, Err: errors.New("gone")}}
	f.must(f.tell(d))
	require.Len(t, d.records, 1)
	f.act(2, survey.ActionResolve, "")
	require.True(t, f.advance())
	f.must(f.tell(d))
	record, err := f.store.CaseRecord(t.Context(), f.id)
	f.must(err)
	require.Equal(t, survey.RecordGone, record.State, "somebody deleted it")
}

// A task that was closed in the CRM ends its case, once, and is not touched again.
func TestClosedInTheCRM(t *testing.T) {
	t.Parallel()
	f, d := newFiling(t, survey.RecordTask), &desk{}
	f.must(f.tell(d))
	read := func() ReadBack {
		t.Helper()
		out, err := run[ReadBack](f.world, f.records(d).ReadRecords, CRMRef{CRM: crmID})
		f.must(err)
		return out
	}
	require.Equal(t, ReadBack{Read: 1}, read())
	d.states["1"] = survey.RecordClosed
	require.Equal(t, ReadBack{Read: 1, Closed: 1}, read())
	require.Equal(t, ReadBack{Read: 1}, read(), "it is in the inbox")
	d.took()
	require.True(t, f.advance())
	one := f.caseOf(f.id)
	require.Equal(t, survey.CaseResolved, one.Case.State)
	last := one.History[len(one.History)-1]
	require.Equal(t, []string{"crm_closed", crmID, ""}, []string{last.What, last.Target, last.User})
	f.must(f.tell(d))
	require.Equal(t, []string{"note [The case was closed in the CRM.]"}, d.took())
	require.Equal(t, ReadBack{}, read())
}

// A case that is opened again opens its task again, which can then be closed there again;
// what was said of it before counts no more.
func TestTaskIsOpenedAgain(t *testing.T) {
	t.Parallel()
	f, d := newFiling(t, survey.RecordTask), &desk{}
	f.must(f.tell(d))
	before, err := f.store.CaseRecord(t.Context(), f.id)
	f.must(err)
	f.act(1, survey.ActionResolve, "")
	require.True(t, f.advance())
	f.must(f.tell(d))
	_, err = f.store.AdvanceCase(t.Context(), f.id, f.clock.Now(), func(c *survey.Case, _ []survey.Click) store.Advance {
		c.State, c.EndedAt, c.ResolvedBy = survey.CaseOpen, time.Time{}, ""
		c.Round++
		c.Revision++
		return store.Advance{History: []store.CaseEvent{{At: f.clock.Now(), What: "reopened"}}}
	})
	f.must(err)
	late, err := before.Closing(f.clock.Now())
	f.must(err)
	_, err = f.store.AddItems(t.Context(), []store.Item{late})
	f.must(err)
	require.True(t, f.advance())
	require.Equal(t, survey.CaseOpen, f.caseOf(f.id).Case.State, "that was about the case before")
	d.took()
	f.must(f.tell(d))
	require.Equal(t, []string{"change 1 {open  }", "note [The case was opened again.]"}, d.took())
	record, err := f.store.CaseRecord(t.Context(), f.id)
	f.must(err)
	require.Equal(t, 1, record.Round)
	d.states["1"] = survey.RecordClosed
	_, err = run[ReadBack](f.world, f.records(d).ReadRecords, CRMRef{CRM: crmID})
	f.must(err)
	f.advance()
	require.Equal(t, survey.CaseResolved, f.caseOf(f.id).Case.State)
}

// teller takes messages about cases.
type teller struct {
	crm.CRM
	err  error
	told []crm.CaseNews
}

func (t *teller) TellCase(_ context.Context, news crm.CaseNews) error {
	if t.err == nil {
		t.told = append(t.told, news)
	}
	return t.err
}

func TestSystemIsToldOfACase(t *testing.T) {
	t.Parallel()
	f, to := newFiling(t, survey.RecordMessages), &teller{err: deskError(integrations.Ambiguous)}
	fails(t, FailureRetryAfter, f.tell(to))
	to.err = nil
	f.must(f.tell(to))
	f.must(f.tell(to))
	f.act(1, survey.ActionAcknowledge, "")
	require.True(t, f.advance())
	f.must(f.tell(to))
	f.act(2, survey.ActionResolve, "Kim is content")
	f.advance()
	f.must(f.tell(to))
	require.Len(t, to.told, 3)
	for i, want := range []string{crm.NewsOpened, crm.NewsChanged, crm.NewsEnded} {
		require.Equal(t, want, to.told[i].Type)
	}
	require.Equal(t, crm.CaseNews{
		Type: crm.NewsEnded, Case: f.id, Revision: 3, State: survey.CaseResolved, Priority: survey.PriorityNormal, Cause: "price", Program: "nps",
		About: crm.About{ContactID: "c0", AccountID: "a0"}, OpenedAt: f.clock.Now(), EndedAt: f.clock.Now(),
	}, to.told[2])
}
