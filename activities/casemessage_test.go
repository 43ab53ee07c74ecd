package activities

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func detractorCase() store.CaseDetail {
	return store.CaseDetail{
		Case: survey.Case{
			ID: "case1", CRM: crmID, Program: "nps", State: survey.CaseOpen, Revision: 1, OpenedAt: start, CloseAt: start.Add(10 * day),
		},
		Contact: person(0, "en"), Account: survey.Account{Key: "hubspot/a0", ID: "a0", Name: "Ångström & Söhne"},
		Responses: []survey.Response{{ID: "r1", Score: 2, Band: survey.Detractor, Comment: "Too slow.", AnsweredAt: start}},
	}
}

// posted shows a case through the stand-in, which holds the message to Slack's
// limits and contract when it is posted and when it is updated, and returns it.
func posted(t *testing.T, d store.CaseDetail) *sandbox.Message {
	t.Helper()
	box, url := standIns(t, specs())
	client, err := slack.New(slack.Options{BaseURL: url + "/slack", BotToken: secret})
	require.NoError(t, err)
	message := caseMessage(testProgram(), map[string]survey.Program{"asked": askingProgram(), "audit": auditProgram()}, d, survey.Clock{})
	id, ts, err := client.Post(t.Context(), channel, message)
	require.NoError(t, err)
	require.NoError(t, client.Update(t.Context(), id, ts, message))
	return box.Snapshot().Messages(channel)[0]
}

// visible are the texts of a message's blocks.
func visible(t *testing.T, m *sandbox.Message) []string {
	t.Helper()
	var blocks any
	require.NoError(t, json.Unmarshal(m.Blocks, &blocks))
	var texts []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if text, ok := v["text"].(string); ok {
				texts = append(texts, text)
			}
			for _, name := range []string{"text", "fields", "elements"} {
				walk(v[name])
			}
		}
	}
	walk(blocks)
	return texts
}

func TestCaseMessage(t *testing.T) {
	t.Parallel()
	opened := fmt.Sprintf("Case `case1` opened <!date^%d^{date_short_pretty} {time}|2026-03-02 09:00 UTC>", start.Unix())
	contact := []string{"*Account*\nÅngström &amp; Söhne", "*Contact*\nZoë O'Brien", "*Program*\nnps"}
	for name, c := range map[string]struct {
		change func(*store.CaseDetail)
		want   []string
	}{
		"open": {nil, slices.Concat(
			[]string{"Detractor: Zoë O'Brien, Ångström & Söhne", "*State*\nOpen", "*Score*\n2 of 10 (detractor)"}, contact,
			[]string{"> Too slow.", opened, "Acknowledge", "Resolve"})},
		"acknowledged": {
			func(d *store.CaseDetail) { d.Case.State, d.Case.AckedBy = survey.CaseAcknowledged, "U0JONAS" },
			slices.Concat([]string{"Detractor: Zoë O'Brien, Ångström & Söhne", "*State*\nAcknowledged by <@U0JONAS>", "*Score*\n2 of 10 (detractor)"},
				contact, []string{"> Too slow.", opened, "Resolve"})},
		"resolved": {
			func(d *store.CaseDetail) {
				d.Case.State, d.Case.ResolvedBy, d.Case.EndedAt = survey.CaseResolved, "U0JONAS", start.Add(time.Hour)
			},
			slices.Concat([]string{"Detractor: Zoë O'Brien, Ångström & Söhne", "*State*\nResolved by <@U0JONAS>", "*Score*\n2 of 10 (detractor)"}, contact,
				[]string{"> Too slow.", opened + fmt.Sprintf(" · ended <!date^%d^{date_short_pretty} {time}|2026-03-02 10:00 UTC>", start.Add(time.Hour).Unix())})},
		"closed, of nobody known": {
			func(d *store.CaseDetail) {
				d.Case.State, d.Contact, d.Account, d.Responses = survey.CaseClosed, survey.Contact{ID: "c7"}, survey.Account{}, nil
			},
			[]string{"Unhappy customer: contact c7", "*State*\nClosed: nobody resolved it in time", "*Contact*\nc7", "*Program*\nnps", opened}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := detractorCase()
			if c.change != nil {
				c.change(&d)
			}
			m := posted(t, d)
			require.Equal(t, c.want, visible(t, m))
			require.JSONEq(t, `{"event_type":"cxloop_case","event_payload":{"case":"case1"}}`, string(m.Metadata))
		})
	}
}

// askingProgram asks for causes in two languages and for a text.
func askingProgram() survey.Program {
	p := testProgram()
	p.Questions = []survey.Question{
		survey.CausesQuestion(survey.Words{"en": "What mattered <most>?", "fr": "Pourquoi ?"}, []survey.Option{
			{ID: "price", Text: survey.Words{"en": "Price & terms", "fr": "Le prix"}}, {ID: "speed", Text: survey.Words{"en": "Speed", "fr": "La vitesse"}},
		}),
		{ID: "wish", Type: survey.FreeText, Text: survey.Words{"en": "One wish?"}},
	}
	return p
}

func TestCaseMessageShowsWhatWasAnswered(t *testing.T) {
	t.Parallel()
	d := detractorCase()
	d.Responses[0].Version = "asked"
	d.Responses[0].Answers = survey.Answers{
		survey.Causes: {Chosen: []string{"price", "speed", survey.OptionOther}, Text: "the <!channel>\nnoise"}, "wish": {},
	}
	require.Contains(t, visible(t, posted(t, d)), "*What mattered &lt;most&gt;?*\nPrice &amp; terms · Speed · “the &lt;!channel&gt; noise”")
	monster := strings.Repeat("&", survey.MaxComment)
	d.Responses[0].Answers = survey.Answers{survey.Causes: {Chosen: []string{survey.OptionOther}}, "wish": {Text: monster}}
	for _, text := range visible(t, posted(t, d)) {
		require.LessOrEqual(t, utf8.RuneCountInString(text), maxSection)
	}
	d.Responses[0].Version = "of a program that is not known"
	require.Contains(t, visible(t, posted(t, d)), "> Too slow.")
}

// A button says which revision its message shows.
func TestButtonsOfACaseMessage(t *testing.T) {
	t.Parallel()
	d := detractorCase()
	d.Case.Revision = 3
	require.Equal(t, 2, strings.Count(string(posted(t, d).Blocks), `"value":"case1.3"`))
}

// Slack takes whatever customers and CRMs come up with.
func TestCaseMessageOfMonstrousInput(t *testing.T) {
	t.Parallel()
	monster := strings.Repeat("&", 300)
	for name, comment := range map[string]string{
		"markup":    strings.Repeat("&<>&<", 1000),
		"lines":     strings.Repeat("a\n", 2499) + "ab",
		"emoji":     strings.Repeat("😀", 5000),
		"returns":   strings.Repeat("\r\n", 2000) + "x" + strings.Repeat("\r\n", 1000),
		"backticks": strings.Repeat("```\n> ", 800),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := detractorCase()
			d.Contact.FirstName, d.Contact.LastName, d.Account.Name = monster, monster, monster
			d.Responses = nil
			for i := range 50 {
				d.Responses = append(d.Responses, survey.Response{ID: fmt.Sprint(i), Band: survey.Detractor, Comment: comment})
			}
			m := posted(t, d)
			comments := 0
			for _, text := range visible(t, m) {
				require.LessOrEqual(t, utf8.RuneCountInString(text), maxSection)
				if strings.HasPrefix(text, "> ") {
					comments++
				}
			}
			require.Equal(t, shownResponses, comments)
			require.Contains(t, string(m.Blocks), "50 responses")
		})
	}
}

// What customers write pings nobody and links nowhere.
func TestCustomersCannotMention(t *testing.T) {
	t.Parallel()
	const injection = "<!channel> <@U0JONAS> <https://evil.example|our site> @here"
	d := detractorCase()
	d.Contact.FirstName, d.Account.Name, d.Responses[0].Comment = injection, injection, "a\n"+injection
	m := posted(t, d)
	for _, markup := range []string{"<!channel", "<@U0JONAS", "<https://evil.example"} {
		require.NotContains(t, m.Text, markup)
		for i, text := range visible(t, m) {
			if i > 0 { // the header is plain text, in which nothing is markup
				require.NotContains(t, text, markup)
			}
		}
	}
	var blocks any
	require.NoError(t, json.Unmarshal(m.Blocks, &blocks))
	eachMarkdown(blocks, func(object map[string]any) {
		require.Equal(t, true, object["verbatim"], "Slack itself makes mentions and links of %v", object["text"])
	})
}

func eachMarkdown(v any, do func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			eachMarkdown(item, do)
		}
	case map[string]any:
		if v["type"] == "mrkdwn" {
			do(v)
		}
		for _, item := range v {
			eachMarkdown(item, do)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for comment, want := range map[string]string{
		"plain":             "> plain",
		"  two\r\nlines \n": "> two\n> lines",
		"a < b & c":         "> a &lt; b &amp; c",
	} {
		require.Equal(t, want, quote(comment))
	}
	require.Equal(t, maxSection, utf8.RuneCountInString(quote(strings.Repeat("x", maxSection-2))))
	require.True(t, strings.HasSuffix(quote(strings.Repeat("x", maxSection+1)), "x…"))
}
