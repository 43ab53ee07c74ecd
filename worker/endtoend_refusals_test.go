package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// refusalsYAML has a program for each rule that can say no, in place of worldYAML's.
const refusalsYAML = `
calendars: [{id: far-off, timezone: UTC, days: [%s], hours: "00:00-24:00"}]
fields: {account.tier: text, contact.plan: text}
contact_rules:
  quarantine: 30d
  quarantines: {transactional: 45d}
  touchpoint_again: 90d
  per_account: {invitations: 2, within: 30d}
  blocked_domains: [rival.example]
  not_during_case: true
  customer_since: since
  not_when: [{contact.do_not_survey: "yes"}]
programs:
  - {id: sale, template: nps, trigger: {event: sale}, touchpoint: purchase}
  - {id: delivery, template: delivery, trigger: {event: delivery}, touchpoint: purchase}
  - {id: help, template: csat, trigger: {event: help}}
  - {id: chat, kind: in_the_moment, template: ces, trigger: {event: chat}}
  - {id: gold, template: nps, trigger: {event: gold, when: "account.tier == 'gold'"}, audience: "contact.plan == 'paid'"}
  - {id: loyal, template: nps, trigger: {event: loyal}, tenure: 365d}
  - {id: few, template: nps, trigger: {event: few}, sampling: 0.000000001}
  - {id: scarce, template: nps, trigger: {event: scarce}, daily_cap: 1}
  - {id: texts, template: csat, channel: sms, trigger: {event: texts}}
  - {id: won, template: nps, trigger: {crm: hubspot, event: deal.changed, where: {property: dealstage, value: closedwon}}}
  - {id: visit, template: audit, trigger: {event: visit}}
  - {id: patient, template: nps, trigger: {event: patient}, delay: 20d}
  - {id: urgent, template: nps, trigger: {event: urgent}, priority: 9}
  - id: relationship
    kind: relational
    template: nps-plus
    every: 90d
    from: {crm: hubspot, where: {jobtitle: Buyer}}
    spread: {days: [sun, mon, tue, wed, thu, fri, sat]}
    window: far-off
    reminder: "0"
`

// asksOnly are the rules of asks and of thanks, which are no invitations.
var asksOnly = []survey.Rule{
	survey.RuleThankedToday,
	survey.RuleAskedBefore, survey.RuleNotHappy, survey.RuleNoComment, survey.RuleWithdrawn, survey.RuleOpenTicket, survey.RuleNoConsent,
}

// who is somebody of the shop whom events are about.
type who struct {
	ID      string         `json:"id"`
	Email   string         `json:"email,omitempty"`
	Since   string         `json:"since,omitempty"`
	Plan    string         `json:"plan,omitempty"`
	Never   string         `json:"do_not_survey,omitempty"`
	account map[string]any // nil for none
}

func of(id string) who { return who{ID: id, Email: id + "@people.example"} }

func (c who) at(account string) who {
	c.account = map[string]any{"id": account, "name": account, "tier": "silver"}
	return c
}

// refusals is a world in which every rule says no to somebody.
type refusals struct{ *world }

func (r refusals) event(t *testing.T, kind string, c who) {
	t.Helper()
	data := map[string]any{"contact": c}
	if c.account != nil {
		data["account"] = c.account
	}
	body, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": fmt.Sprint(kind, c.ID, time.Now().UnixNano()), "source": "test", "type": kind, "data": data,
	})
	require.NoError(t, err)
	a := r.do(t, http.MethodPost, r.url+"/v1/events?crm=shop", bearer(testSecret), body)
	require.Equal(t, http.StatusOK, a.status, a.body)
}

// asked has an event ask somebody by mail.
func (r refusals) asked(t *testing.T, kind string, c who) *sandbox.Mail {
	t.Helper()
	r.event(t, kind, c)
	m := r.mail(t, c.Email, store.MailInvite)
	r.awaitNumber(t, 1, c.ID+" is noted as asked", fmt.Sprintf(
		`SELECT count(*) FROM invitations WHERE %s AND sent_at IS NOT NULL`, r.about(t, c.ID)))
	return m
}

func (r refusals) about(t *testing.T, id string) string {
	t.Helper()
	return fmt.Sprintf(`contact_key = '%s'`, r.referenceOf(t, "shop", id))
}

// refused waits until a rule said no, once, and holds its facts to some of JSON.
func (r refusals) refused(t *testing.T, where string, rule survey.Rule, facts ...string) {
	t.Helper()
	where = fmt.Sprintf(`FROM invitations WHERE %s AND rule = '%s'`, where, rule)
	r.awaitNumber(t, 1, string(rule), `SELECT count(*) `+where)
	var saw, state string
	require.NoError(t, r.db.QueryRowContext(t.Context(), `SELECT facts, state `+where).Scan(&saw, &state))
	if rule != survey.RuleCampaignCancelled {
		require.Equal(t, string(survey.InvitationSuppressed), state)
	}
	for _, fact := range facts {
		require.Contains(t, saw, fact)
	}
}

// says has events of a kind refused by a rule for what somebody is.
func says(kind string, c who, facts ...string) func(*testing.T, refusals, survey.Rule) {
	return func(t *testing.T, r refusals, rule survey.Rule) {
		r.event(t, kind, c)
		r.refused(t, r.about(t, c.ID), rule, facts...)
	}
}

// saysAfter has an event refused for a mail that was sent before.
func saysAfter(kind string, c who, facts ...string) func(*testing.T, refusals, survey.Rule) {
	return func(t *testing.T, r refusals, rule survey.Rule) {
		r.asked(t, "sale", c)
		says(kind, c, facts...)(t, r, rule)
	}
}

// leaves has somebody unsubscribe who is then asked again.
func leaves(c who, fact string, form ...string) func(*testing.T, refusals, survey.Rule) {
	return func(t *testing.T, r refusals, rule survey.Rule) {
		a := r.post(t, unsubscribeLink(t, r.asked(t, "sale", c)), form...)
		require.Equal(t, http.StatusOK, a.status, a.body)
		says("sale", c, fact)(t, r, rule)
	}
}

// provocations are by rule what makes it say no. Those of restarted come later.
var provocations = map[survey.Rule]func(*testing.T, refusals, survey.Rule){
	survey.RuleNoContact: func(t *testing.T, r refusals, rule survey.Rule) {
		deal, err := r.sandbox.CreateDeal(map[string]string{"dealname": "Deal", "dealstage": "contractsent", "pipeline": "default"}, "")
		require.NoError(t, err)
		r.win(t, deal.ID)
		r.refused(t, `program = 'won'`, rule, `"found":false`)
	},
	survey.RuleNoAccount:           says("visit", of("auditor"), `"no_account":true`),
	survey.RuleNoAddress:           says("sale", who{ID: "no-address"}, `"has_address":false`),
	survey.RuleNoPhone:             says("texts", of("no-phone"), `"has_address":true`),
	survey.RuleBlockedDomain:       says("sale", who{ID: "rival", Email: "r@mail.rival.example"}, `"blocked_domain":true`),
	survey.RuleNotWhen:             says("sale", who{ID: "shy", Email: "shy@people.example", Never: "yes"}, `"not_when":1`),
	survey.RuleCondition:           says("gold", of("silver").at("silver-co"), `"condition":{"holds":false}`),
	survey.RuleAudience:            audience,
	survey.RuleTenure:              says("loyal", who{ID: "new", Email: "new@people.example", Since: "2999-01-01"}, `"tenure":`, `"limit":"365d"`),
	survey.RuleSampling:            says("few", of("unlucky"), `"not_sampled":true`, `"limit":"1e-09"`),
	survey.RuleAgainAfter:          saysAfter("sale", of("again"), `"last_by_this":"`, `"limit":"90d"`),
	survey.RuleTouchpointAgain:     saysAfter("delivery", of("touched"), `"last_at_touchpoint":"`, `"limit":"90d"`),
	survey.RuleQuarantines:         saysAfter("help", of("kind"), `"last_of_kind":"`, `"limit":"45d"`),
	survey.RuleQuarantine:          saysAfter("chat", of("rested"), `"last_invited":"`, `"limit":"30d"`),
	survey.RuleUnsubscribed:        leaves(of("left"), `"unsubscribed":true`, "List-Unsubscribe", "One-Click"),
	survey.RuleUnsubscribedProgram: leaves(of("left-one"), `"unsubscribed_program":true`, "leave", "program"),
	survey.RuleBounced: func(t *testing.T, r refusals, rule survey.Rule) {
		c := who{ID: "gone", Email: "bounce@people.example"}
		r.asked(t, "sale", c)
		r.awaitNumber(t, 1, "the mail came back", `SELECT count(*) FROM invitations WHERE state = 'bounced' AND `+r.about(t, c.ID))
		says("sale", c, `"bounced":true`)(t, r, rule)
	},
	survey.RuleOpenCase: func(t *testing.T, r refusals, rule survey.Rule) {
		r.give(t, r.asked(t, "sale", of("angry").at("case-co")), "1", "It broke")
		r.message(t, casesChannel, "case-co", "the case", contains("It broke"))
		says("sale", of("colleague").at("case-co"), `"open_case":true`)(t, r, rule)
	},
	survey.RulePerAccount: func(t *testing.T, r refusals, rule survey.Rule) {
		r.asked(t, "sale", of("one").at("busy-co"))
		r.asked(t, "sale", of("two").at("busy-co"))
		says("sale", of("three").at("busy-co"), `"in_account":2`, `"limit":"2 in 30d"`)(t, r, rule)
	},
	survey.RuleDailyCap: func(t *testing.T, r refusals, rule survey.Rule) {
		// The three are asked within two days of 30 seconds, or the first two are.
		for i := range 3 {
			r.event(t, "scarce", of(fmt.Sprint("scarce", i)))
		}
		refused := `FROM invitations WHERE program = 'scarce' AND rule = '` + string(rule) + `'`
		require.True(t, eventually(func() bool { return r.number(t, `SELECT count(*) `+refused) > 0 }), rule)
		require.Positive(t, r.number(t, `SELECT count(*) `+refused+` AND facts LIKE '%"on_day":1%' AND facts LIKE '%"limit":"1"%'`))
	},
	survey.RuleOutranked: func(t *testing.T, r refusals, rule survey.Rule) {
		c := of("wanted")
		r.event(t, "patient", c)
		r.awaitNumber(t, 1, "the mail is planned", `SELECT count(*) FROM invitations WHERE state = 'admitted' AND `+r.about(t, c.ID))
		r.asked(t, "urgent", c)
		r.refused(t, r.about(t, c.ID), rule, `"outranked_by":"urgent"`)
	},
	survey.RuleCampaignCancelled: func(t *testing.T, r refusals, rule survey.Rule) {
		r.buyers(t, 1)
		r.awaitListed(t, 1)
		r.startCampaign(t)
		r.awaitNumber(t, 1, "the mail waits for its window", `SELECT count(*) FROM invitations WHERE program = 'relationship' AND state = 'admitted'`)
		got := cxloop(t, "campaign", "cancel", "relationship", "-c", writeFile(t, string(r.yaml)))
		require.Zero(t, got.code, got.errOut)
		r.refused(t, `program = 'relationship'`, rule)
	},
}

func audience(t *testing.T, r refusals, rule survey.Rule) {
	c := who{ID: "free", Email: "free@people.example", Plan: "free"}.at("gold-co")
	c.account["tier"] = "gold"
	says("gold", c, `"condition":{"holds":true}`, `"audience":{"holds":false}`)(t, r, rule)
}

// counted are the rules about what all programs did in a month, a year and a day, each
// with the rules of contacts under which it says no: they are asked of somebody whom
// nothing else keeps from being asked.
var counted = []struct {
	rule  survey.Rule
	who   string
	rules survey.ContactRules
	facts []string
}{
	{survey.RulePerMonth, "again", survey.ContactRules{PerMonth: 1}, []string{`"in_month":1`, `"limit":"1"`}},
	{survey.RulePerYear, "again", survey.ContactRules{PerYear: 1}, []string{`"in_year":1`, `"limit":"1"`}},
	{survey.RuleDailyCapOfAll, "nobody-yet", survey.ContactRules{DailyCap: 1}, []string{`"on_day_by_all":`, `"limit":"1"`}},
}

// TestEveryRefusal provokes each rule that can say no from outside, and finds what it saw.
func TestEveryRefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	head, _, _ := bytes.Cut(w.yaml, []byte("calendars:"))
	// The scaled clock does not get there in the test.
	farOff := survey.Weekdays[time.Now().UTC().AddDate(0, 0, 5).Weekday()]
	w.yaml = fmt.Appendf(head, refusalsYAML, farOff)
	c, err := config.LoadBytes("cxloop.yaml", w.yaml, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	w.config.Programs, w.config.ContactRules, w.config.Calendars = c.Programs, c.ContactRules, c.Calendars
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	stop := w.startApp(t)
	r := refusals{w}

	provoked := append([]survey.Rule(nil), asksOnly...)
	t.Run("by what is known", func(t *testing.T) {
		for rule, provoke := range provocations {
			provoked = append(provoked, rule)
			t.Run(string(rule), func(t *testing.T) {
				t.Parallel()
				provoke(t, r, rule)
			})
		}
	})
	for _, test := range counted {
		provoked = append(provoked, test.rule)
		stop()
		w.config.ContactRules = test.rules
		stop = w.startApp(t)
		if test.rule == survey.RuleDailyCapOfAll {
			r.event(t, "help", of("first-of-the-day"))
		}
		says("help", of(test.who), test.facts...)(t, r, test.rule)
	}
	require.ElementsMatch(t, rulesOf(t, filepath.Join("..", "survey")), provoked, "a rule is provoked by no test")
}

// rulesOf are the constants of type Rule of a package.
func rulesOf(t *testing.T, folder string) (rules []survey.Rule) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, typed := spec.Type.(*ast.Ident); typed && kind.Name == "Rule" && len(spec.Values) == 1 {
				text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				rules = append(rules, survey.Rule(text))
			}
			return true
		})
	}
	return rules
}
