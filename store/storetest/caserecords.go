package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// noted are the kinds of events that the timeline of these tests hears of.
var noted = []string{"opened", string(survey.ActionAcknowledge)}

// filed keeps the record of a case as of a revision.
func (w world) filed(caseID, id string, state survey.RecordState, told int) store.CaseRecord {
	w.Helper()
	r := store.CaseRecord{
		Case: caseID, CRM: "hubspot", Kind: survey.RecordTask, ID: id, State: state, Priority: survey.PriorityHigh, OwnerID: "7", Told: told, Noted: 99, TriedAt: start,
	}
	w.must(w.SaveCaseRecord(w.Context(), r))
	return r
}

func (w world) filing(caseID string) store.Filing {
	w.Helper()
	f, err := w.Filing(w.Context(), caseID, noted)
	w.must(err)
	return f
}

var caseRecordCases = map[string]func(world){
	"what a CRM was told is kept": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		_, err := w.CaseRecord(w.Context(), id)
		require.ErrorIs(w.T, err, store.ErrNotFound)
		for _, want := range []store.CaseRecord{w.filed(id, "", "", 0), w.filed(id, "77", survey.RecordOpen, 1)} {
			w.must(w.SaveCaseRecord(w.Context(), want))
			got, err := w.CaseRecord(w.Context(), id)
			w.must(err)
			require.Equal(w.T, want, got)
		}
	},

	"what is not on the timeline is known": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		require.Equal(w.T, store.Filing{Unnoted: true}, w.filing(id))
		r := w.filed(id, "77", survey.RecordOpen, 1)
		require.Equal(w.T, store.Filing{Begun: true, Record: r}, w.filing(id))
		r.Noted = 0
		w.must(w.SaveCaseRecord(w.Context(), r))
		require.Equal(w.T, store.Filing{Begun: true, Record: r, Unnoted: true}, w.filing(id))
		detail, err := w.Case(w.Context(), id)
		w.must(err)
		r.Noted = detail.History[0].ID
		w.must(w.SaveCaseRecord(w.Context(), r))
		for _, what := range []string{"refused", string(survey.ActionAcknowledge)} {
			require.False(w.T, w.filing(id).Unnoted)
			_, err := w.AdvanceCase(w.Context(), id, start, func(*survey.Case, []survey.Click) store.Advance {
				return store.Advance{History: []store.CaseEvent{{At: start, What: what}}}
			})
			w.must(err)
		}
		require.True(w.T, w.filing(id).Unnoted)
	},

	"open records are read back page by page": func(w world) {
		var want []store.CaseRecord
		for i := range 4 {
			w.must(w.SaveContacts(w.Context(), []survey.Contact{contact(i, -1)}, nil))
			id := w.openCase(start, i)
			want = append(want, w.filed(id, "7"+id, survey.RecordOpen, 1))
		}
		watched, err := w.WatchedCRMs(w.Context())
		w.must(err)
		require.Equal(w.T, []string{"hubspot"}, watched)
		page, err := w.OpenRecords(w.Context(), "hubspot", "", 3)
		w.must(err)
		require.Equal(w.T, want[:3], page)
		page, err = w.OpenRecords(w.Context(), "hubspot", want[2].Case, 3)
		w.must(err)
		require.Equal(w.T, want[3:], page)
		page, err = w.OpenRecords(w.Context(), "shop", "", 3)
		w.must(err)
		require.Empty(w.T, page)

		of, err := w.RecordsOf(w.Context(), "hubspot", []string{want[0].ID, "none", ""}, []string{want[1].Case, ""})
		w.must(err)
		require.Equal(w.T, want[:2], of)
		of, err = w.RecordsOf(w.Context(), "shop", []string{want[0].ID}, []string{want[1].Case})
		w.must(err)
		require.Empty(w.T, of, "of another CRM")

		w.addClick(want[0].Case, "k1", survey.ActionResolve)
		_, err = w.AdvanceCase(w.Context(), want[0].Case, start, applyAll)
		w.must(err)
		w.filed(want[1].Case, want[1].ID, survey.RecordClosed, 1)
		w.filed(want[2].Case, "", survey.RecordOpen, 1)
		page, err = w.OpenRecords(w.Context(), "hubspot", "", 10)
		w.must(err)
		require.Equal(w.T, want[3:], page)
	},

	"a case that a CRM was not told to the end is stalled for a week": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		w.must(w.CaseShown(w.Context(), id, "C1", "1.1", 1))
		w.filed(id, "", "", 0)
		for at, want := range map[time.Duration][]string{0: {}, time.Hour: {id}, 8 * 24 * time.Hour: {}} {
			stalled, err := w.Stalled(w.Context(), start.Add(at))
			w.must(err)
			require.ElementsMatch(w.T, want, stalled.Cases, at)
		}
		w.filed(id, "7", survey.RecordOpen, 1)
		stalled, err := w.Stalled(w.Context(), start.Add(time.Hour))
		w.must(err)
		require.Empty(w.T, stalled.Cases)
	},

	"a closing is one click for each time that the CRM had it open": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		r := w.filed(id, "77", survey.RecordOpen, 1)
		closing := func(r store.CaseRecord) int {
			w.Helper()
			item, err := r.Closing(start)
			w.must(err)
			added, err := w.AddItems(w.Context(), []store.Item{item})
			w.must(err)
			return added
		}
		require.Equal(w.T, []int{1, 0}, []int{closing(r), closing(r)})
		clicks, err := w.PendingClicks(w.Context(), id)
		w.must(err)
		require.Equal(w.T, []survey.Click{{ID: "hubspot/77/0", CaseID: id, Action: survey.ActionClosedInCRM, At: start, Target: "hubspot"}}, clicks)
		r.Round = 1
		require.Equal(w.T, 1, closing(r))
	},

	"an operator decides about what may be in a CRM": func(w world) {
		w.saveContacts(1)
		id := w.openCase(start, 0)
		for _, key := range []string{store.RecordEffect(id), store.NoteEffect(id, 3)} {
			w.filed(id, "", "", 1)
			w.begin(key)
			w.lose(start, key)
			require.Equal(w.T, map[string]store.EffectSubject{key: {Program: programID, State: "open", Repeatable: true}}, w.subjects(key))
			again, err := w.RepeatEffect(w.Context(), key, "b", start)
			w.must(err)
			require.Equal(w.T, store.Stalled{Cases: []string{id}}, again)
			require.Zero(w.T, w.filing(id).Record.Told)
			_, err = w.RepeatEffect(w.Context(), key, "b", start)
			require.ErrorIs(w.T, err, store.ErrNotFound)
			w.begin(key)
			w.lose(start, key)
			w.must(w.AcceptEffect(w.Context(), key, start))
			require.ErrorIs(w.T, w.AcceptEffect(w.Context(), key, start), store.ErrNotFound)
			begun, err := w.BeginEffects(w.Context(), "hubspot", "", []string{key}, start, start)
			w.must(err)
			require.Len(w.T, begun.Done, 1)
		}
	},
}
