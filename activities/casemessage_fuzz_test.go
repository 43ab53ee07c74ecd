package activities

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/casetext"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Slack takes every message, reply and escalation of a case, whatever customers, CRMs, the
// team and the configuration come up with.
func FuzzCaseMessage(f *testing.F) {
	box, err := sandbox.New(sandbox.Options{
		Slack: sandbox.SlackOptions{BotToken: secret}, Limits: sandbox.Limits{SlackOff: true}, SpecsDir: specs(), Logger: silent,
	})
	require.NoError(f, err)
	server := httptest.NewServer(box.Handler())
	f.Cleanup(server.Close)
	client, err := slack.New(slack.Options{BaseURL: server.URL + "/slack", BotToken: secret})
	require.NoError(f, err)
	for _, said := range []string{
		"", "Too slow.", strings.Repeat("&<>&<", 1000), strings.Repeat("a\n", 2500), strings.Repeat("😀", 5000), "\r\n\x00\u202e", "<!channel> <@U1>", strings.Repeat("```\n> ", 800),
	} {
		for i, state := range []survey.CaseState{survey.CaseOpen, survey.CaseSnoozed, survey.CaseContacted, survey.CaseResolved, "of another version"} {
			f.Add(said, said, said, string(state), i*7, i%2 == 0)
		}
	}
	f.Fuzz(func(t *testing.T, name, said, choice, state string, n int, noNames bool) {
		c := wildCase(name, said, choice, survey.CaseState(state), n%12)
		if noNames {
			c = casetext.WithoutNames(c)
		}
		w := written([]string{"en", "fr", "de", "es"}[uint(n)%4])
		_, ts, err := client.Post(t.Context(), channel, caseMessage(w, c, testLinks))
		require.NoError(t, err)
		story := storyOf{Writer: w, told: c, at: place{channel: channel, thread: ts}}
		_, _, err = client.Post(t.Context(), channel, story.escalation("effect", "https://slack.example/p1", store.CaseEvent{What: choice, Choice: choice}))
		require.NoError(t, err)
		if events := story.untold(); len(story.lines(events[len(events)-1].ID)) > 0 {
			reply := story.message("effect", events[len(events)-1].ID)
			reply.ThreadTS = ts
			_, _, err = client.Post(t.Context(), channel, reply)
			require.NoError(t, err)
		}
	})
}

// wildCase is a case of n answers, n earlier scores and n events, with texts in every place.
func wildCase(name, said, choice string, state survey.CaseState, n int) casetext.Case {
	program := askingProgram()
	for i := range n {
		program.Questions = append(program.Questions, survey.Question{ID: fmt.Sprint("q", i), Type: survey.FreeText, Text: survey.Words{"en": said}})
	}
	d := detractorCase()
	d.Case.State, d.Case.Cause, d.Case.Reason, d.Case.Assignee, d.Case.Told, d.Case.Round = state, choice, choice, "U0JONAS", 1, n
	d.Contact.FirstName, d.Contact.LastName, d.Account.Name = name, name, name
	d.Account.Attributes = map[string]string{"arr": choice, "renews": said, "segment": name}
	d.Responses = nil
	c := casetext.Case{CaseDetail: d, Program: program, Programs: map[string]survey.Program{"": program}, Facts: testCase(d).Facts, Now: start.Add(day)}
	for i := range max(1, n) {
		r := survey.Response{ID: fmt.Sprint("r", i), Program: "nps", Score: i, Band: survey.Detractor, Comment: said, Answers: survey.Answers{survey.Causes: {Chosen: []string{choice}, Text: said}}}
		for _, q := range program.Questions[1:] {
			r.Answers[q.ID] = survey.QuestionAnswer{Text: said}
		}
		c.Responses = append(c.Responses, r)
		c.Scores = append(c.Scores, store.PastScore{Program: "nps", Score: i, Band: survey.Band(choice), At: start})
		if i < 3 { // as many as there are clocks
			c.Dues = append(c.Dues, survey.Due{Clock: survey.CaseClock(choice), At: start})
		}
		what := []string{"response", "case_resolve", "case_reject", "case_assign", "escalated", "closed"}[i%6]
		c.History = append(c.History, store.CaseEvent{ID: int64(i + 2), What: what, Choice: choice, Note: said, User: "U0JONAS", At: start})
	}
	return c
}

// A channel that may see no personal data sees none: not in the message, not in the
// thread, and no channel does in an escalation.
func TestNobodyIsNamedWhereNamesMayNotBe(t *testing.T) {
	t.Parallel()
	const hidden = "Hidden"
	d := detractorCase()
	d.Case.Told = 1
	d.Account.Attributes = map[string]string{"arr": "120000", "segment": "SMB"}
	d.Contact = survey.Contact{
		Key: "k", CRM: crmID, ID: hidden + "-id", Email: hidden + "@customers.example", Phone: "+49151" + hidden, FirstName: hidden, LastName: hidden,
		Attributes: map[string]string{"churn": hidden},
	}
	d.Responses[0].Comment, d.Responses[0].Version = hidden+" is unhappy", "asked"
	d.Responses[0].Answers = survey.Answers{survey.Causes: {Chosen: []string{"price", survey.OptionOther}, Text: hidden}, "wish": {Text: hidden}}
	d.History = []store.CaseEvent{
		{ID: 1, What: "opened", Choice: "r1"}, {ID: 2, What: "response", Choice: "r1"}, {ID: 3, What: "case_contacted", User: "U0JONAS", Note: "Spoke with " + hidden},
		{ID: 4, What: "case_resolve", User: "U0JONAS", Choice: "price", Note: hidden}, {ID: 5, What: "escalated", Choice: "contact", Target: "3"},
	}
	for _, account := range []survey.Account{d.Account, {}} {
		d.Account = account
		c := testCase(d)
		story := storyOf{Writer: written("en"), told: casetext.WithoutNames(c), at: place{channel: channel, thread: "1.2"}}
		named := storyOf{Writer: written("en"), told: c, at: place{channel: channel, thread: "1.2"}}
		messages := []slack.Message{
			caseMessage(written("en"), story.told, testLinks), story.message("effect", 5), named.escalation("effect", "https://slack.example/p1", d.History[4]),
		}
		for _, m := range messages {
			body, err := json.Marshal(m)
			require.NoError(t, err)
			require.NotContains(t, string(body), hidden)
			require.NotContains(t, string(body), "cx.nordwind.example", "the case's page names people")
		}
		shown, err := json.Marshal(messages[0].Blocks)
		require.NoError(t, err)
		require.Contains(t, string(shown), "2 of 10 (detractor)")
		require.Contains(t, string(shown), "Price")
		require.Equal(t, account.ID != "", strings.Contains(string(shown), "crm.example"), "the account's record alone")
		before, err := json.Marshal(caseMessage(written("en"), c, testLinks))
		require.NoError(t, err)
		require.Contains(t, string(before), hidden, "the case itself is as it was")
	}
}
