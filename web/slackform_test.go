package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// workspace keeps the views that are opened.
type workspace struct {
	mu    sync.Mutex
	views []slackgo.ModalViewRequest
	// err is what Slack answers instead.
	err   error
	users map[string]slack.User
}

func (w *workspace) OpenView(_ context.Context, _ string, view slackgo.ModalViewRequest) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return "", w.err
	}
	w.views = append(w.views, view)
	return fmt.Sprintf("V%d", len(w.views)), nil
}

func (w *workspace) User(_ context.Context, id string) (slack.User, error) { return w.users[id], w.err }

// team is a site with a case and the people who follow it up.
type team struct {
	*site
	slack  *workspace
	caseID string
}

func newTeam(t *testing.T, change ...func(*Options)) *team {
	t.Helper()
	w := &workspace{users: map[string]slack.User{
		"U1": {ID: "U1", Active: true, Zone: "Europe/Berlin"}, "U2": {ID: "U2", Active: true}, "UBOT": {ID: "UBOT"},
	}}
	one := &team{slack: w, site: newSite(t, append([]func(*Options){func(o *Options) { o.Slack = w }}, change...)...)}
	one.caseID = one.openCase(programs()[2])
	return one
}

// openCase has a detractor answer.
func (s *site) openCase(program survey.Program) string {
	s.Helper()
	return s.openCaseOf(program, survey.Answer{Score: 2, Done: true})
}

func (s *site) openCaseOf(program survey.Program, answer survey.Answer) string {
	s.Helper()
	ctx, invitation := s.Context(), s.inviteTo(program, "en")
	_, err := s.store.SaveAnswer(ctx, store.SaveAnswerRequest{
		InvitationID: invitation, Answer: answer, Band: survey.Detractor, Now: s.clock(),
		DueAt: func(survey.Response) time.Time { return s.clock() }, NewID: s.newID,
	})
	s.ok(err)
	recorded, err := s.store.Record(ctx, store.RecordRequest{
		Batch: s.claim(store.TopicAnswer), Now: s.clock(), NewID: s.newID,
		Decide: func(survey.Response, bool) (store.Decision, error) {
			return store.Decision{Final: true, Next: survey.NextStep{Case: true}, CaseCloseAt: s.clock().Add(30 * 24 * time.Hour)}, nil
		},
		ContactSignals: func(survey.Response) map[string]string { return nil },
		AccountSignals: func(store.AccountCounts) map[string]string { return nil },
	})
	s.ok(err)
	return recorded.Cases[0]
}

// ask presses a button that asks for more, and returns the form.
func (s *team) ask(action survey.CaseAction) slackgo.ModalViewRequest {
	s.Helper()
	payload := strings.Replace(button(string(action), s.caseID+".1"), `{"type"`, `{"trigger_id":"1.2.3","type"`, 1)
	s.has(s.press(payload, s.clock()), http.StatusOK)
	s.want(len(s.slack.views) > 0, "no form was opened")
	return s.slack.views[len(s.slack.views)-1]
}

// send sends a form that was opened, as the view of an id.
func (s *team) send(id string, view slackgo.ModalViewRequest, values map[string]map[string]any) answer {
	s.Helper()
	state := map[string]any{}
	for block, held := range values {
		state[block] = map[string]any{block: held}
	}
	payload, err := json.Marshal(map[string]any{"type": "view_submission", "user": map[string]any{"id": "U1"}, "view": map[string]any{
		"id": id, "callback_id": view.CallbackID, "private_metadata": view.PrivateMetadata, "state": map[string]any{"values": state},
	}})
	s.ok(err)
	return s.press(string(payload), s.clock())
}

func chosen(option string) map[string]any {
	return map[string]any{"selected_option": map[string]any{"value": option}}
}

func (s *team) clicks() []survey.Click {
	s.Helper()
	clicks, err := s.store.PendingClicks(s.Context(), s.caseID)
	s.ok(err)
	return clicks
}

func TestFormsBecomeClicks(t *testing.T) {
	t.Parallel()
	note := map[string]any{"value": " Refunded \n"}
	tuesday := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) // nine in Berlin
	for name, c := range map[string]struct {
		action survey.CaseAction
		values map[string]map[string]any
		want   survey.Click
	}{
		"assign":          {survey.ActionAssign, map[string]map[string]any{"who": {"selected_user": "U2"}}, survey.Click{Target: "U2"}},
		"assign to me":    {survey.ActionAssign, map[string]map[string]any{"who": {"selected_user": "U1"}}, survey.Click{Target: "U1"}},
		"snooze":          {survey.ActionSnooze, map[string]map[string]any{"days": chosen("3")}, survey.Click{Until: tuesday}},
		"snooze to a day": {survey.ActionSnooze, map[string]map[string]any{"days": chosen("7"), "date": {"selected_date": "2026-11-24"}}, survey.Click{Until: tuesday}},
		"resolve":         {survey.ActionResolve, map[string]map[string]any{"choice": chosen("price"), "note": note}, survey.Click{Choice: "price", Note: "Refunded"}},
		"resolve bare":    {survey.ActionResolve, map[string]map[string]any{"choice": chosen("price")}, survey.Click{Choice: "price"}},
		"reject":          {survey.ActionReject, map[string]map[string]any{"choice": chosen("other"), "note": note}, survey.Click{Choice: "other", Note: "Refunded"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTeam(t)
			view := s.ask(c.action)
			s.want(len(s.clicks()) == 0, "the button alone did something")
			for range 2 { // sent twice, as by a double click
				got := s.send("V1", view, c.values)
				s.has(got, http.StatusOK)
				s.want(got.body == "", "the form stays open: %s", got.body)
			}
			want := c.want
			want.ID, want.CaseID, want.Action, want.User, want.Seen, want.At = s.caseID+"/"+string(c.action)+"/V1", s.caseID, c.action, "U1", 1, start
			got := s.clicks()
			s.want(len(got) == 1 && got[0] == want, "clicks %+v: want %+v", got, want)
		})
	}
}

func TestFormsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	long := map[string]any{"value": strings.Repeat("é", survey.MaxNote+1)}
	for name, c := range map[string]struct {
		action survey.CaseAction
		values map[string]map[string]any
		field  string
		reason string
	}{
		"nobody":         {survey.ActionAssign, nil, "who", "Choose somebody."},
		"a bot":          {survey.ActionAssign, map[string]map[string]any{"who": {"selected_user": "UBOT"}}, "who", "bot or deactivated"},
		"no day":         {survey.ActionSnooze, nil, "days", "Choose a day."},
		"unknown day":    {survey.ActionSnooze, map[string]map[string]any{"days": chosen("2")}, "days", "Choose a day."},
		"no date":        {survey.ActionSnooze, map[string]map[string]any{"date": {"selected_date": "soon"}}, "date", "Choose a day."},
		"past":           {survey.ActionSnooze, map[string]map[string]any{"date": {"selected_date": "2026-11-20"}}, "date", "has begun already"},
		"beyond the end": {survey.ActionSnooze, map[string]map[string]any{"date": {"selected_date": "2027-11-20"}}, "date", "closed on 2026-12-21"},
		"no cause":       {survey.ActionResolve, nil, "choice", "Choose one."},
		"other what":     {survey.ActionResolve, map[string]map[string]any{"choice": chosen("other"), "note": {"value": "  "}}, "note", "in a few words"},
		"a novel":        {survey.ActionReject, map[string]map[string]any{"choice": chosen("spam"), "note": long}, "note", "At most 2000 characters."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTeam(t)
			got := s.send("V1", s.ask(c.action), c.values)
			s.has(got, http.StatusOK)
			var said slackgo.ViewSubmissionResponse
			s.ok(json.Unmarshal([]byte(got.body), &said))
			s.want(said.ResponseAction == slackgo.RAErrors && len(said.Errors) == 1 && strings.Contains(said.Errors[c.field], c.reason), "answer %s", got.body)
			s.want(len(s.clicks()) == 0, "a click was kept")
		})
	}
}

func TestFormsAreInTheTeamsLanguage(t *testing.T) {
	t.Parallel()
	s := newTeam(t, func(o *Options) {
		o.Route = func(store.CaseDetail) survey.CaseRoute { return survey.CaseRoute{Language: "de-AT"} }
	})
	view := s.ask(survey.ActionResolve)
	text, err := json.Marshal(view)
	s.ok(err)
	for _, want := range []string{"Fall lösen", "Was war die Ursache?", "Der Preis", "Etwas anderes"} {
		s.want(strings.Contains(string(text), want), "no %q in %s", want, text)
	}
	s.has(s.send("V1", view, nil), http.StatusOK, "Wählen Sie etwas aus.")
}

func TestNoFormForACaseThatWantsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(*survey.Case)
		says string
	}{
		"ended":          {func(c *survey.Case) { c.State, c.EndedAt = survey.CaseClosed, start }, "ended already"},
		"answered again": {func(c *survey.Case) { c.Answered, c.Revision = 2, 2 }, "has answered again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTeam(t)
			s.store.alter = c.make
			view := s.ask(survey.ActionResolve)
			text, err := json.Marshal(view)
			s.ok(err)
			s.want(strings.Contains(string(text), c.says) && view.Submit == nil && view.CallbackID == "", "form %s", text)
		})
	}
}

func TestSlackIsToldWhatCannotBeKept(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	view := s.ask(survey.ActionResolve)
	s.store.broken.Store(true)
	s.has(s.send("V1", view, map[string]map[string]any{"choice": chosen("price")}), http.StatusServiceUnavailable)
	s.has(s.press(button("case_acknowledge", s.caseID+".1"), s.clock()), http.StatusServiceUnavailable)
	s.store.broken.Store(false)
	s.want(len(s.clicks()) == 0, "a click was kept")
	s.has(s.send("V1", view, map[string]map[string]any{"choice": chosen("price")}), http.StatusOK)
	s.want(len(s.clicks()) == 1, "the form cannot be sent again")

	s.slack.err = errors.New("expired_trigger_id")
	s.has(s.press(strings.Replace(button("case_snooze", s.caseID+".1"), `{"type"`, `{"trigger_id":"1.2.3","type"`, 1), s.clock()), http.StatusServiceUnavailable)
}

func TestBadFormsChangeNothing(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	good := s.ask(survey.ActionResolve)
	filled := map[string]map[string]any{"choice": chosen("price")}
	for name, c := range map[string]struct {
		view   string
		change func(*slackgo.ModalViewRequest)
		status int
	}{
		"not ours":    {"V1", func(v *slackgo.ModalViewRequest) { v.CallbackID = "other" }, http.StatusOK},
		"no case":     {"V1", func(v *slackgo.ModalViewRequest) { v.PrivateMetadata = "" }, http.StatusBadRequest},
		"no id":       {"V1", func(v *slackgo.ModalViewRequest) { v.PrivateMetadata = `{"case":"../x.1"}` }, http.StatusBadRequest},
		"strange id":  {"../V1", func(*slackgo.ModalViewRequest) {}, http.StatusBadRequest},
		"no revision": {"V1", func(v *slackgo.ModalViewRequest) { v.PrivateMetadata = `{"case":"` + s.caseID + `"}` }, http.StatusBadRequest},
	} {
		view := good
		c.change(&view)
		got := s.send(c.view, view, filled)
		s.want(got.status == c.status, "%s: status %d", name, got.status)
	}
	s.want(len(s.clicks()) == 0, "a click was kept")
	noTrigger := s.press(button("case_resolve", s.caseID+".1"), s.clock())
	s.has(noTrigger, http.StatusBadRequest, "trigger_id")
	gone := strings.Replace(button("case_resolve", "gone.1"), `{"type"`, `{"trigger_id":"1.2.3","type"`, 1)
	s.has(s.press(gone, s.clock()), http.StatusNotFound, "no case")
}

func TestInteractionsOverASocket(t *testing.T) {
	t.Parallel()
	s := newTeam(t, func(o *Options) { o.SlackSigningSecret = "" })
	got, err := s.server.TakeInteraction(s.Context(), []byte(button("case_acknowledge", s.caseID+".1")))
	s.ok(err)
	s.want(got == nil && len(s.clicks()) == 1, "answer %v, clicks %v", got, s.clicks())
	_, err = s.server.TakeInteraction(s.Context(), []byte(`{`))
	s.want(err != nil, "a broken payload was taken")
	s.store.broken.Store(true)
	_, err = s.server.TakeInteraction(s.Context(), []byte(button("case_contacted", s.caseID+".1")))
	s.want(err != nil, "a click was acknowledged that is not kept")
}

// Slack takes titles and buttons of 24 characters, and every language says everything.
func TestFormWords(t *testing.T) {
	t.Parallel()
	for locale, words := range maps.All(forms) {
		v := reflect.ValueOf(words)
		for i := range v.NumField() {
			name, text := v.Type().Field(i).Name, v.Field(i).String()
			if text == "" {
				t.Errorf("%s: %s is missing", locale, name)
			}
			if i < 9 && utf8.RuneCountInString(text) > 24 {
				t.Errorf("%s: %s has %d characters", locale, name, utf8.RuneCountInString(text))
			}
			if want := strings.Count(reflect.ValueOf(forms["en"]).Field(i).String(), "%"); strings.Count(text, "%") != want {
				t.Errorf("%s: %s: want %d places to fill in", locale, name, want)
			}
		}
	}
}
