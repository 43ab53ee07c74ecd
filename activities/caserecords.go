package activities

import (
	"context"
	"errors"
	"log/slog"

	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// CaseFiling is what a CRM is told of cases.
type CaseFiling struct {
	// Kind is what each case is there; with RecordNone there is a task for those alone
	// that nobody took up.
	Kind survey.RecordKind
	// Notes go on the timelines of the contact and the account.
	Notes bool
}

// CaseRecords shows cases in their CRMs, and finds out what was closed there. Its
// activities run on the CRM's queue.
type CaseRecords struct {
	Store    store.Store
	Programs *Programs
	CRMs     map[string]crm.CRM
	Filing   map[string]CaseFiling // by the id of the CRM
	Clock    survey.Clock
	// SLA and Route are as of Cases: they say when a task is due.
	SLA   survey.SLA
	Route func(store.CaseDetail) survey.CaseRoute
	// OwnerOf is the CRM's id of an account's owner, "" where there is none.
	OwnerOf func(survey.Account) string
	// Page is as of CaseLinks.
	Page func(caseID string) string
	Log  *slog.Logger
}

// toFile reports whether a CRM has to be told how a case stands, whose account has an
// owner there.
func (a *Cases) toFile(ctx context.Context, c survey.Case, owner string) (bool, error) {
	filing, ok := a.Filing[c.CRM]
	if !ok {
		return false, nil
	}
	f, err := a.Store.Filing(ctx, c.ID, notedEvents)
	switch r := f.Record; {
	case err != nil:
		return false, err
	case !f.Begun:
		return !c.State.Ended() && (filing.Kind != survey.RecordNone || lastResort(c)), nil
	case filing.Kind == survey.RecordMessages:
		return r.Told < c.Revision, nil
	case r.Told == 0 || filing.Notes && f.Unnoted:
		return true, nil
	case r.ID == "": // the CRM did not take it
		return !c.State.Ended() && r.Told < c.Revision, nil
	default:
		return r.State != survey.RecordGone && toldOf(r) != wantedOf(c, owner), nil
	}
}

// told is what a record says of a case.
type told struct {
	state    survey.RecordState
	priority survey.CasePriority
	owner    string
}

func toldOf(r store.CaseRecord) told { return told{r.State, r.Priority, r.OwnerID} }

// wantedOf is what the record of a case has to say. Of one that has ended nobody cares
// for more than that.
func wantedOf(c survey.Case, owner string) told {
	want := told{survey.RecordOpen, c.Priority, owner}
	switch {
	case lastResort(c): // nobody took it up here in time
		want.priority = survey.PriorityHigh
	case c.Priority == "":
		want.priority = survey.PriorityNormal
	}
	if c.State.Ended() {
		want.state = survey.RecordClosed
	}
	return want
}

// lastResort reports whether a case was escalated as far as cases are, to the CRM.
func lastResort(c survey.Case) bool { return c.Clocks.Stage >= survey.StageTask }

// FileCase makes a CRM show a case as it is: its record and what happened to it. What it
// does not take is left out and logged; it is tried again when the case changes.
func (a *CaseRecords) FileCase(ctx context.Context, in CaseRef) error {
	detail, err := a.Store.Case(ctx, in.Case)
	if err != nil {
		return err
	}
	record, err := a.Store.CaseRecord(ctx, in.Case)
	if errors.Is(err, store.ErrNotFound) {
		record, err = store.CaseRecord{Case: in.Case, CRM: detail.Case.CRM}, nil
	}
	if err != nil {
		return err
	}
	text, err := a.text(ctx, detail)
	if err != nil {
		return err
	}
	f := filedCase{
		CaseRecords: a, detail: detail, text: text, record: record, before: record.Told, filing: a.Filing[detail.Case.CRM],
		want: wantedOf(detail.Case, a.OwnerOf(detail.Account)),
	}
	f.record.TriedAt, f.record.Told = a.Clock.Now(), 0
	if err := a.Store.SaveCaseRecord(ctx, f.record); err != nil {
		return err
	}
	switch vendor := a.CRMs[detail.Case.CRM].(type) {
	case crm.Filer:
		err = f.file(ctx, vendor)
	case crm.CaseTeller:
		err = f.tell(ctx, vendor)
	}
	if err != nil {
		return err
	}
	f.record.Told = detail.Case.Revision
	return a.Store.SaveCaseRecord(ctx, f.record)
}

// filedCase is one case that a CRM is told of.
type filedCase struct {
	*CaseRecords
	detail store.CaseDetail
	text   recordText
	record store.CaseRecord
	before int  // the revision that the CRM knew
	want   told // what the record has to say
	filing CaseFiling
}

// text words a case. The CRM knows everybody in it.
func (a *CaseRecords) text(ctx context.Context, detail store.CaseDetail) (recordText, error) {
	route := a.Route(detail)
	route.NoNames = false
	told, err := casetext.Reader{Scores: a.Store, Program: a.Programs.Get, SLA: a.SLA, Clock: a.Clock}.Read(ctx, detail, route)
	if err != nil {
		return recordText{}, err
	}
	page := ""
	if a.Page != nil {
		page = a.Page(detail.Case.ID)
	}
	return newRecordText(told, route.Language, a.Clock, page), nil
}

// tell tells a system by messages; the first of a case is always that it was opened.
func (f *filedCase) tell(ctx context.Context, vendor crm.CaseTeller) error {
	f.record.Kind = survey.RecordMessages
	state := f.want.state
	var news []string
	switch {
	case f.record.State == "" && state == survey.RecordClosed:
		news = []string{crm.NewsOpened, crm.NewsEnded}
	case f.record.State == "":
		news = []string{crm.NewsOpened}
	case f.record.State == survey.RecordOpen && state == survey.RecordClosed:
		news = []string{crm.NewsEnded}
	case f.before < f.detail.Case.Revision:
		news = []string{crm.NewsChanged}
	}
	for _, kind := range news {
		if err := vendor.TellCase(ctx, f.news(kind)); refused(err) {
			f.warn("the CRM refuses the news of a case", err)
		} else if err != nil {
			return repeatable(err)
		}
	}
	f.record.State, f.record.Round = state, f.detail.Case.Round
	return nil
}

func (f *filedCase) news(kind string) crm.CaseNews {
	c := f.detail.Case
	news := crm.CaseNews{
		Type: kind, Case: c.ID, Revision: c.Revision, State: c.State, Priority: f.want.priority, Cause: c.Cause + c.Reason, Program: c.Program,
		About: f.about(), OpenedAt: f.Clock.Real(c.OpenedAt),
	}
	if !c.EndedAt.IsZero() {
		news.EndedAt = f.Clock.Real(c.EndedAt)
	}
	return news
}

func (f *filedCase) about() crm.About {
	return crm.About{ContactID: f.detail.Contact.ID, AccountID: f.detail.Account.ID}
}

func (f *filedCase) warn(message string, err error) {
	f.Log.Warn(message, "case", f.detail.Case.ID, "crm", f.detail.Case.CRM, "code", integrations.CodeOf(err))
}

// recordsAtOnce is how many records are read in one call.
const recordsAtOnce = 100

// ReadBack is what ReadRecords did.
type ReadBack struct{ Read, Closed int }

// ReadRecords looks which open cases were closed in a CRM without telling, and ends them:
// a webhook may not have come, or is not subscribed to.
func (a *CaseRecords) ReadRecords(ctx context.Context, in CRMRef) (ReadBack, error) {
	var out ReadBack
	vendor, ok := a.CRMs[in.CRM].(crm.Filer)
	if !ok {
		return out, nil
	}
	for after := ""; ; {
		if err := timeForACall(ctx); err != nil {
			return out, err
		}
		records, err := a.Store.OpenRecords(ctx, in.CRM, after, recordsAtOnce)
		if err != nil || len(records) == 0 {
			return out, err
		}
		closed, err := a.closings(ctx, vendor, records)
		if err != nil {
			return out, err
		}
		out.Read += len(records)
		out.Closed += closed
		after = records[len(records)-1].Case
	}
}

// closings puts those of records that are closed into the inbox.
func (a *CaseRecords) closings(ctx context.Context, vendor crm.Filer, records []store.CaseRecord) (int, error) {
	ids := map[survey.RecordKind][]string{}
	for _, r := range records {
		ids[r.Kind] = append(ids[r.Kind], r.ID)
	}
	closed := map[string]bool{}
	for kind, ids := range ids {
		states, err := vendor.ReadRecords(ctx, kind, ids)
		if err != nil {
			return 0, readable(err)
		}
		for id, is := range states {
			closed[string(kind)+id] = is
		}
	}
	var items []store.Item
	for _, r := range records {
		if !closed[string(r.Kind)+r.ID] {
			continue
		}
		item, err := r.Closing(a.Clock.Now())
		if err != nil {
			return 0, err
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		return 0, nil
	}
	return a.Store.AddItems(ctx, items)
}
