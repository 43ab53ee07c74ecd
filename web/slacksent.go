package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// takeForm keeps what a form says, and answers a form that cannot be taken with what is
// wrong at which input: it stays open then. A form has one click, whose id is the
// view's, however often it is sent.
func (s *Server) takeForm(ctx context.Context, in slack.Interaction) (any, error) {
	do := survey.CaseAction(in.View.CallbackID)
	form, known := caseForms[do]
	if !known {
		s.opt.Log.Info("slack form ignored: not one of cxloop's", "callback", clip(in.View.CallbackID))
		return nil, nil
	}
	var tag formTag
	err := json.Unmarshal([]byte(in.View.Metadata), &tag)
	caseID, seen, ok := survey.ParseButton(tag.Case)
	if err != nil || !ok || !isID(caseID) || !isID(in.View.ID) {
		return nil, crm.Reject(http.StatusBadRequest, "form %s names no case or has no id", do)
	}
	words, _ := wordsFor(tag.Locale)
	click := survey.Click{
		ID:     strings.Join([]string{caseID, string(do), in.View.ID}, "/"),
		CaseID: caseID, Action: do, User: in.User, Seen: seen, At: s.opt.Clock.Now(),
	}
	complaints, err := form.read(ctx, s, &click, in.View.Values, words)
	if err != nil {
		return nil, err
	}
	if len(complaints) > 0 {
		return slackgo.NewErrorsViewSubmissionResponse(complaints), nil
	}
	return nil, s.keepClicks(ctx, []survey.Click{click})
}

// readAssign takes whom a case is given to. Slack lets bots and those who left be chosen.
func readAssign(ctx context.Context, s *Server, click *survey.Click, filled map[string]string, words formWords) (map[string]string, error) {
	click.Target = filled[inputWho]
	if !isID(click.Target) {
		return map[string]string{inputWho: words.NeedWho}, nil
	}
	if click.Target == click.User || s.opt.Slack == nil {
		return nil, nil
	}
	target, err := s.opt.Slack.User(ctx, click.Target)
	if err != nil {
		s.opt.Log.Warn("a case is given to somebody whom Slack does not tell about", "case", click.CaseID, "error", err)
		return nil, nil
	}
	if !target.Active {
		return map[string]string{inputWho: words.NotActive}, nil
	}
	return nil, nil
}

// readSnooze takes until when a case is put off: the day in the person's own time zone,
// when their team works.
func readSnooze(ctx context.Context, s *Server, click *survey.Click, filled map[string]string, words formWords) (map[string]string, error) {
	detail, err := s.opt.Store.Case(ctx, click.CaseID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, crm.Reject(http.StatusNotFound, "there is no case that the form belongs to")
	}
	if err != nil {
		return nil, err
	}
	team, zone := s.opt.Route(detail).Calendar, s.zoneOf(ctx, click.User)
	field, day, ok := snoozeDay(filled, survey.Today(click.At, zone, team))
	if !ok {
		return map[string]string{field: words.NeedDay}, nil
	}
	click.Until = survey.SnoozeEnd(day, zone, team)
	switch closes := detail.Case.CloseAt; {
	case !click.Until.After(click.At):
		return map[string]string{field: words.Past}, nil
	case !click.Until.Before(closes):
		return map[string]string{field: fmt.Sprintf(words.TooLate, closes.Format(time.DateOnly))}, nil
	}
	return nil, nil
}

// zoneOf is the time zone that a user set in Slack, "" where it is not to be known.
func (s *Server) zoneOf(ctx context.Context, user string) string {
	if s.opt.Slack == nil {
		return ""
	}
	found, err := s.opt.Slack.User(ctx, user)
	if err != nil {
		s.opt.Log.Warn("Slack does not tell a user's time zone", "error", err)
	}
	return found.Zone
}

// snoozeDay is the day that was chosen, and the input that says so: a date counts before
// the number of days.
func snoozeDay(filled map[string]string, today time.Time) (field string, day time.Time, ok bool) {
	if date := filled[inputDate]; date != "" {
		day, err := time.Parse(time.DateOnly, date)
		return inputDate, day, err == nil
	}
	for _, d := range snoozeDays {
		if d.id == filled[inputDays] {
			return inputDays, today.AddDate(0, 0, d.days), true
		}
	}
	return inputDays, time.Time{}, false
}

// readEnd takes the cause or the reason of an end, and what there is to say of it.
func readEnd(_ context.Context, _ *Server, click *survey.Click, filled map[string]string, words formWords) (map[string]string, error) {
	click.Choice, click.Note = filled[inputChoice], strings.TrimSpace(filled[inputNote])
	switch {
	case !isID(click.Choice):
		return map[string]string{inputChoice: words.NeedChoice}, nil
	case click.Choice == survey.OptionOther && click.Note == "":
		return map[string]string{inputNote: words.NeedNote}, nil
	case utf8.RuneCountInString(click.Note) > survey.MaxNote:
		return map[string]string{inputNote: fmt.Sprintf(words.LongNote, survey.MaxNote)}, nil
	}
	return nil, nil
}
