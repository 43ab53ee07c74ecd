package activities

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// How what may have been made in a CRM is looked up.
const (
	// crmSettles is how long after a call was begun what it made can be read or was never
	// made: as long as the client waits for an answer, and ten seconds more.
	crmSettles = 35 * time.Second
	// crmLook is the pause before the first look.
	crmLook = 2 * time.Second
	// crmClocks is how far the CRM's clock may be behind.
	crmClocks = 5 * time.Minute
)

// file brings the record up to date, and then the timeline.
func (f *filedCase) file(ctx context.Context, vendor crm.Filer) error {
	if f.filing.Kind != survey.RecordNone || lastResort(f.detail.Case) || f.record.ID != "" {
		if err := f.fileRecord(ctx, vendor); err != nil {
			return err
		}
	}
	return f.fileNotes(ctx, vendor)
}

// fileRecord makes the record of a case that is open, and changes one that there is.
func (f *filedCase) fileRecord(ctx context.Context, vendor crm.Filer) error {
	ended := f.detail.Case.State.Ended()
	switch {
	case f.record.State == survey.RecordGone:
		return nil
	case f.record.ID == "" && ended:
		if made, err := f.madeBefore(ctx, vendor); err != nil || !made {
			return err
		}
	case f.record.ID == "":
		return f.makeRecord(ctx, vendor)
	}
	change := crm.RecordChange{}
	if f.want.state != f.record.State && !f.closedThere() {
		change.State = f.want.state
	}
	if f.want.priority != f.record.Priority && !ended {
		change.Priority = f.want.priority
	}
	if f.want.owner != f.record.OwnerID && !ended {
		change.OwnerID = f.want.owner
	}
	if change != (crm.RecordChange{}) {
		if err := timeForACall(ctx); err != nil {
			return err
		}
		err := vendor.ChangeRecord(ctx, f.record.Kind, f.record.ID, change)
		switch {
		case integrations.CodeOf(err) == crm.CodeGone:
			f.Log.Info("the record of a case is gone from the CRM", "case", f.record.Case)
			f.record.State = survey.RecordGone
			return nil
		case refused(err):
			f.warn("the CRM refuses a change of a case's record", err)
		case err != nil:
			return repeatable(err)
		}
	}
	return f.saveRecord(ctx)
}

// saveRecord keeps that the record says what it has to.
func (f *filedCase) saveRecord(ctx context.Context) error {
	f.record.State, f.record.Priority, f.record.OwnerID = f.want.state, f.want.priority, f.want.owner
	f.record.Round = f.detail.Case.Round
	return f.Store.SaveCaseRecord(ctx, f.record)
}

// closedThere reports whether the case ended because somebody closed it in the CRM.
func (f *filedCase) closedThere() bool {
	c := f.detail.Case
	for i := len(f.detail.History) - 1; i >= 0; i-- {
		if e := f.detail.History[i]; e.At.Equal(c.EndedAt) && e.What == string(survey.ActionClosedInCRM) {
			return true
		}
	}
	return false
}

func (f *filedCase) makeRecord(ctx context.Context, vendor crm.Filer) error {
	f.setKind()
	r := f.caseRecord()
	id, err := f.once(ctx, made{
		key:  store.RecordEffect(f.record.Case),
		make: func() (string, error) { return vendor.MakeRecord(ctx, r) },
		find: func(since time.Time) (string, error) { return vendor.FindRecord(ctx, r, since) },
	})
	if err != nil {
		return err
	}
	if id == "" { // the CRM does not take it, or nobody knows
		return nil
	}
	f.record.ID = id
	return f.saveRecord(ctx)
}

func (f *filedCase) setKind() {
	if f.record.Kind != "" {
		return
	}
	f.record.Kind = f.filing.Kind
	if f.record.Kind == survey.RecordNone {
		f.record.Kind = survey.RecordTask
	}
}

// madeBefore looks whether an attempt made the record that nobody knows the outcome of, of
// a case that has ended since: it must not stay open in the CRM.
func (f *filedCase) madeBefore(ctx context.Context, vendor crm.Filer) (bool, error) {
	f.setKind()
	r := f.caseRecord()
	id, err := f.once(ctx, made{
		key:  store.RecordEffect(f.record.Case),
		find: func(since time.Time) (string, error) { return vendor.FindRecord(ctx, r, since) },
	})
	f.record.ID = id
	return id != "", err
}

// fileNotes puts what happened since the last note into one. What a note that is in doubt
// was to tell stays the same.
func (f *filedCase) fileNotes(ctx context.Context, vendor crm.Filer) error {
	last := f.record.Noted
	for _, e := range f.detail.History {
		last = max(last, e.ID)
	}
	if !f.filing.Notes || len(f.text.noted(f.record.Noted, last)) == 0 {
		f.record.Noted = last
		return nil
	}
	to := last
	_, err := f.once(ctx, made{
		key: store.NoteEffect(f.record.Case, f.record.Noted), where: strconv.FormatInt(last, 10),
		begun: func(where string) {
			if n, err := strconv.ParseInt(where, 10, 64); err == nil {
				to = n
			}
		},
		make: func() (string, error) { return vendor.MakeNote(ctx, f.note(to)) },
		find: func(since time.Time) (string, error) { return vendor.FindNote(ctx, f.note(to), since) },
	})
	if err != nil {
		return err
	}
	f.record.Noted = to
	if err := f.Store.SaveCaseRecord(ctx, f.record); err != nil || to == last {
		return err
	}
	return f.fileNotes(ctx, vendor)
}

// made is something that is made in a CRM once.
type made struct {
	key string
	// where is kept with the effect, in the place of the id of what was made, and given
	// to begun where an earlier attempt began it.
	where string
	begun func(where string)
	// make is nil where it is only looked whether an earlier attempt made it.
	make func() (id string, err error)
	find func(since time.Time) (id string, err error)
}

// once makes something, or finds what an earlier attempt made. It returns "" where the CRM
// does not take it, or where nobody can tell: an operator decides then.
func (f *filedCase) once(ctx context.Context, m made) (id string, err error) {
	if f.about() == (crm.About{}) {
		f.Log.Warn("the CRM hears nothing of a case: its contact is forgotten", "case", f.record.Case)
		return "", nil
	}
	if err := timeForACall(ctx); err != nil {
		return "", err
	}
	now := f.Clock.Now()
	begun, err := f.Store.BeginEffects(ctx, f.record.CRM, m.where, []string{m.key}, now, f.Clock.Real(now))
	if err != nil {
		return "", err
	}
	for _, earlier := range slices.Concat(begun.Done, begun.Doubtful, begun.Unknown) {
		if m.begun != nil {
			m.begun(earlier.Ref)
		}
		if earlier.State == store.EffectDone {
			return earlier.Ref, nil
		}
		found, again, err := f.lookUp(ctx, m, earlier)
		if err != nil || !again {
			return found, err
		}
		if err := timeForACall(ctx); err != nil {
			return "", err
		}
	}
	if m.make == nil {
		return "", f.Store.DropEffects(ctx, []string{m.key})
	}
	id, makeErr := m.make()
	// The outcome is kept even when the worker is told to stop meanwhile.
	ctx = context.WithoutCancel(ctx)
	if makeErr == nil {
		return id, f.done(ctx, m, id)
	}
	if integrations.KindOf(makeErr) == integrations.Ambiguous {
		return "", inDoubt("the CRM may have made what it was to make: it is looked for", crmLook)
	}
	if err := f.Store.DropEffects(ctx, []string{m.key}); err != nil {
		return "", err
	}
	if refused(makeErr) {
		f.warn("the CRM does not take what is to be made of a case", makeErr)
		return "", nil
	}
	return "", failure(makeErr)
}

func (f *filedCase) done(ctx context.Context, m made, id string) error {
	return f.Store.EndEffects(ctx, []string{m.key}, cmp.Or(m.where, id), f.Clock.Now())
}

// lookUp finds out what became of an earlier attempt. It reports whether to make it again:
// it is not there when it would have to be.
func (f *filedCase) lookUp(ctx context.Context, m made, earlier store.Effect) (id string, again bool, err error) {
	id, err = m.find(earlier.TriedAt.Add(-crmClocks))
	switch {
	case integrations.CodeOf(err) == crm.CodeGone:
		lost, err := f.Store.LoseEffects(ctx, []string{m.key}, f.Clock.Now())
		logUnknown(f.Log, lost)
		return "", false, err
	case err != nil:
		return "", false, readable(err)
	case id != "":
		f.Log.Info("what may have been made of a case was found in the CRM", "effect", m.key)
		if m.where != "" {
			m.where = earlier.Ref
		}
		return id, false, f.done(ctx, m, id)
	}
	now := f.Clock.Real(f.Clock.Now())
	if wait := earlier.TriedAt.Add(crmSettles).Sub(now); wait > 0 {
		return "", false, inDoubt("what may have been made of a case is not in the CRM yet", wait)
	}
	again, err = f.Store.RetryEffect(ctx, earlier, now)
	if err == nil && !again {
		err = inDoubt("another attempt tells the CRM of the case", crmSettles)
	}
	return "", again, err
}
