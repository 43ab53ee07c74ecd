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

	"github.com/cxloop/cxloop/casetext"
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
		Responses: []survey.Response{{ID: "r1", Program: "nps", Score: 2, Band: survey.Detractor, Comment: "Too slow.", AnsweredAt: start}},
	}
}

// testCase is a case as it is told, of programs by version.
func testCase(d store.CaseDetail) casetext.Case {
	return casetext.Case{
		CaseDetail: d, Program: testProgram(), Programs: map[string]survey.Program{"asked": askingProgram(), "audit": auditProgram()},
		Facts: survey.CaseFacts{Worth: "account.arr", Currency: "EUR", Renewal: "account.renews", Segment: "account.segment", ChurnRisk: "contact.churn"},
	}
}

// written is how Slack is written to in a language.
func written(language string) casetext.Writer {
	return casetext.Writer{Words: casetext.For(language), Ink: slackInk(survey.Clock{})}
}

var testLinks = CaseLinks{
	Page:   func(id string) string { return "https://cx.nordwind.example/c/" + id + ".seal" },
	Record: func(_ string, o survey.Object) string { return "https://crm.example/" + o.Type + "?a=1&id=" + o.ID },
}

// posted shows a case through the stand-in, which holds the message to Slack's
// limits and contract when it is posted and when it is updated, and returns it.
func posted(t *testing.T, d store.CaseDetail) *sandbox.Message { return postedAs(t, "en", testCase(d)) }

func postedAs(t *testing.T, language string, c casetext.Case) *sandbox.Message {
	t.Helper()
	box, url := standIns(t, specs())
	client, err := slack.New(slack.Options{BaseURL: url + "/slack", BotToken: secret})
	require.NoError(t, err)
	message := caseMessage(written(language), c, testLinks)
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

// foot is what stands below each message of the test's case.
const foot = " · <https://crm.example/contact?a=1&amp;id=c0|Open in the CRM> · <https://cx.nordwind.example/c/case1.seal|Case page>"

func TestCaseMessage(t *testing.T) {
	t.Parallel()
	moment := func(t time.Time) string {
		return fmt.Sprintf("<!date^%d^{date_short} {time}|%s>", t.Unix(), t.Format("2006-01-02 15:04 UTC"))
	}
	opened := "Case `case1` opened " + moment(start)
	score := "*Score*\n2 of 10 (detractor)"
	about := []string{"*Account*\nÅngström &amp; Söhne", "*Contact*\nZoë O'Brien", "*Program*\nnps", "> Too slow."}
	const title = "Detractor: Zoë O'Brien, Ångström & Söhne"
	later := []string{"Assign …", "Snooze …", "Not a real case …"}
	for name, c := range map[string]struct {
		change func(*store.CaseDetail)
		want   []string
	}{
		"open": {nil, slices.Concat(
			[]string{title, "*State*\nOpen", "*Who has it*\nnobody yet", score}, about,
			[]string{opened + foot, "Acknowledge", "Contacted the customer", "Resolve …"}, later)},
		"of high priority": {
			func(d *store.CaseDetail) { d.Case.Priority, d.Case.Round = survey.PriorityHigh, 2 },
			slices.Concat([]string{title, "*State*\nOpen", "*Who has it*\nnobody yet", score, "*Priority*\nhigh"}, about,
				[]string{opened + " · re-opened 2 times" + foot, "Acknowledge", "Contacted the customer", "Resolve …"}, later)},
		"acknowledged": {
			func(d *store.CaseDetail) { d.Case.State, d.Case.AckedBy = survey.CaseAcknowledged, "U0JONAS" },
			slices.Concat([]string{title, "*State*\nAcknowledged by <@U0JONAS>", "*Who has it*\n<@U0JONAS>", score}, about,
				[]string{opened + foot, "Contacted the customer", "Resolve …"}, later)},
		"snoozed": {
			func(d *store.CaseDetail) {
				d.Case.State, d.Case.Assignee, d.Case.SnoozedUntil = survey.CaseSnoozed, "U0GRACE", start.Add(day)
			},
			slices.Concat([]string{title, "*State*\nSnoozed until " + moment(start.Add(day)), "*Who has it*\n<@U0GRACE>", score}, about,
				[]string{opened + foot, "Acknowledge", "Contacted the customer", "Resolve …"}, later)},
		"contacted": {
			func(d *store.CaseDetail) {
				d.Case.State, d.Case.ContactedBy, d.Case.Assignee = survey.CaseContacted, "U0JONAS", "U0GRACE"
			},
			slices.Concat([]string{title, "*State*\nCustomer contacted by <@U0JONAS>", "*Who has it*\n<@U0GRACE>", score}, about,
				[]string{opened + foot, "Resolve …"}, later)},
		"resolved": {
			func(d *store.CaseDetail) {
				d.Case.State, d.Case.ResolvedBy, d.Case.EndedAt, d.Case.Cause = survey.CaseResolved, "U0JONAS", start.Add(time.Hour), "price"
			},
			slices.Concat([]string{title, "*State*\nResolved by <@U0JONAS> · Price", score}, about, []string{opened + " · ended " + moment(start.Add(time.Hour)) + foot})},
		"rejected": {
			func(d *store.CaseDetail) {
				d.Case.State, d.Case.ResolvedBy, d.Case.Reason = survey.CaseRejected, "U0JONAS", "test"
			},
			slices.Concat([]string{title, "*State*\nNot a real case by <@U0JONAS> · A test", score}, about, []string{opened + foot})},
		"recovered": {
			func(d *store.CaseDetail) { d.Case.State = survey.CaseRecovered },
			slices.Concat([]string{title, "*State*\nRecovered", score}, about, []string{opened + foot})},
		"closed, of nobody known": {
			func(d *store.CaseDetail) {
				d.Case.State, d.Contact, d.Account, d.Responses = survey.CaseClosed, survey.Contact{CRM: crmID, ID: "c7"}, survey.Account{}, nil
				d.History = []store.CaseEvent{{What: "opened"}, {What: "closed", Choice: "age"}}
			},
			[]string{"Unhappy customer: contact c7", "*State*\nClosed: nobody resolved it in time", "*Contact*\nc7", "*Program*\nnps",
				opened + " · <https://crm.example/contact?a=1&amp;id=c7|Open in the CRM> · <https://cx.nordwind.example/c/case1.seal|Case page>"}},
		"of what the CRM knows": {
			func(d *store.CaseDetail) {
				d.Case.State = survey.CaseRecovered
				d.Account.Attributes = map[string]string{"arr": "120000", "renews": "2027-01-31", "segment": "SMB & co"}
				d.Contact.Attributes = map[string]string{"churn": "high"}
			},
			slices.Concat([]string{title, "*State*\nRecovered", score}, about[:2],
				[]string{"*Value*\n120,000\u00a0EUR", "*Renewal*\n31 January 2027", "*Segment*\nSMB &amp; co", "*Churn risk*\nhigh"}, about[2:], []string{opened + foot})},
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

func TestCaseMessageShowsWhatWasScoredBefore(t *testing.T) {
	t.Parallel()
	c := testCase(detractorCase())
	c.Scores = []store.PastScore{
		{Program: "nps", Score: 7, Band: survey.Passive, At: start.Add(-day)}, {Program: "support", Score: 5, Band: survey.Satisfied, At: start.Add(-2 * day), Other: true},
		{Program: "nps", Score: 9, Band: survey.Promoter, At: start.Add(-3 * day)},
	}
	shown := strings.Join(visible(t, postedAs(t, "en", c)), "\n")
	require.Contains(t, shown, "*Earlier scores*  9 → 7 → 2\n• 7 of 10 (passive), nps, <!date^")
	require.Contains(t, shown, "• 5 (satisfied), support, <!date^")
	require.Contains(t, shown, "2026-02-28 09:00 UTC> (a colleague)")
}

// A message is in the language of its team, the customer's words in the customer's own.
func TestCaseMessageInEveryLanguage(t *testing.T) {
	t.Parallel()
	for language, want := range map[string][]string{
		"fr": {"Détracteur : Zoë O'Brien, Ångström & Söhne", "*État*\nOuvert", "*Pourquoi ?*\nLe prix", "Prendre en charge"},
		"de": {"Kritiker: Zoë O'Brien, Ångström & Söhne", "*Stand*\nOffen", "*Wer sich kümmert*\nnoch niemand", "Annehmen"},
		"es": {"Detractor: Zoë O'Brien, Ångström & Söhne", "*Estado*\nAbierto", "*Nota*\n2 de 10 (detractor)", "Aceptar"},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			d := detractorCase()
			d.Responses[0].Version, d.Responses[0].Answers = "asked", survey.Answers{survey.Causes: {Chosen: []string{"price"}}}
			shown := visible(t, postedAs(t, language, testCase(d)))
			require.Subset(t, shown, append(want, "> Too slow."))
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
	require.Equal(t, 6, strings.Count(string(posted(t, d).Blocks), `"value":"case1.3"`))
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
			require.Contains(t, string(m.Blocks), "50 answers")
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
		require.Equal(t, want, quote(comment, maxSection))
	}
	require.Equal(t, maxSection, utf8.RuneCountInString(quote(strings.Repeat("x", maxSection-2), maxSection)))
	require.True(t, strings.HasSuffix(quote(strings.Repeat("x", maxSection+1), maxSection), "x…"))
}
