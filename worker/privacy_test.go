package main

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/telemetry"
	"github.com/cxloop/cxloop/workflows"
)

// TestNobodyIsNamed takes marked persons through every path, with vendors that quote
// them in what they refuse, and looks for them everywhere but in the mails, Slack
// messages and CRM records that are meant to name them.
func TestNobodyIsNamed(t *testing.T) {
	t.Parallel()
	p := startPrivacy(t)
	for _, play := range []func(*testing.T){p.begin, p.happy, p.unhappy, p.silent, p.unsubscribed, p.otherSystems, p.bySMS, p.referred, p.quotingVendors, p.badInput} {
		play(t)
	}

	found := newScanner(p.marks()...)
	found.scanTemporal(t, p.world)
	found.scanLogs(p.world)
	found.scanRequests(t, p.world)
	p.http.scanAnswers(found)
	found.area = "metrics, other pages"
	for _, path := range []string{"/metrics", "/readyz", "/"} {
		found.scanLines(path, p.get(t, p.url+path).body)
	}
	p.stop() // the last traces are sent
	found.scanTraces(t, p.traces)
	found.scanStore(t, p.world)
	require.Empty(t, found.leaked())
	t.Logf("%d marks, nowhere in\n%s", len(p.marks()), found.report())
	p.startApp(t)
	p.plant(t)
}

// plant leaks a person in each of the places, which has to be found.
func (p *privacy) plant(t *testing.T) {
	mark := p.anna.stem
	c := p.dial(t)
	defer c.Close()
	start := client.StartWorkflowOptions{ID: "planted/" + mark, TaskQueue: "planted-nobody-works-here", Memo: map[string]any{"about": "x" + mark}}
	_, err := c.ExecuteWorkflow(t.Context(), start, workflows.AskWorkflow, activities.AnswersRef{Batch: "to " + mark})
	require.NoError(t, err)
	p.logger().Debug("planted", "contact", strings.ToUpper(mark))
	a := p.get(t, p.url+"/s/x?email="+mark)
	require.Equal(t, http.StatusNotFound, a.status)
	p.plantInStore(t, mark)
	p.plantTrace(t, mark)

	found := newScanner(p.marks()...)
	require.True(t, eventually(func() bool { // visibility lags behind
		found = newScanner(p.marks()...)
		found.scanTemporal(t, p.world)
		return slices.ContainsFunc(found.leaks, func(l leak) bool { return strings.HasPrefix(l.place, "workflow id") })
	}), "the planted workflow is not found")
	found.scanLogs(p.world)
	p.http.scanAnswers(found)
	found.scanStore(t, p.world)
	found.scanTraces(t, p.traces)
	report := strings.Join(found.leaked(), "\n")
	for _, place := range []string{
		"workflow id planted/", "list of workflows, planted/", "description of planted/", "history of planted/", "decoded",
		"Temporal's database, executions_visibility.memo", "Temporal's database, history_node.data", "Temporal's file", "log: time=", "address http",
		"the store, settings.value", "the store's file", "the keystore, keys.subject", "the keystore's file", "traces holds",
	} {
		require.Contains(t, report, place)
	}
}

// plantInStore leaks a mark in store and keystore.
func (p *privacy) plantInStore(t *testing.T, mark string) {
	t.Helper()
	for url, statement := range map[config.Secret]string{
		p.config.Store.URL:     `INSERT INTO settings (name, value) VALUES ('planted', ?)`,
		p.config.Store.KeysURL: `INSERT INTO keys (subject, wrapped, master, created_at) VALUES (?, '', '', 0)`,
	} {
		db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(url.Reveal(), "sqlite:")+"?_pragma=busy_timeout(5000)")
		require.NoError(t, err)
		_, err = db.ExecContext(t.Context(), statement, "of "+mark)
		require.NoError(t, errors.Join(err, db.Close()))
	}
}

func (p *privacy) plantTrace(t *testing.T, mark string) {
	t.Helper()
	traces, err := telemetry.NewTraces(t.Context(), p.traces.URL(), p.logger())
	require.NoError(t, err)
	_, span := traces.Tracer().Start(t.Context(), "GET /s/"+mark)
	span.End()
	require.NoError(t, traces.Close(t.Context()))
}

// privacy is the story of the marked persons.
type privacy struct {
	*world
	traces                        *collector
	stop                          func() // cxloop
	http                          *exchanges
	anna, bela, cleo, dora, emil  marked
	fred, gina, hugo, ines, jakob marked
	kim                           marked // is asked by SMS
	lars, mona                    marked // Mona comes by the link of Lars
	asked                         map[string]*sandbox.Mail
}

// marked is a person whose stem is part of name, address, company and comment.
type marked struct {
	customer
	stem, phone, comment string
}

func startPrivacy(t *testing.T) *privacy {
	t.Helper()
	w := newWorld(t, databases[0])
	w.level, w.temporalFile = slog.LevelDebug, filepath.Join(t.TempDir(), "temporal.db")
	p := &privacy{world: w, traces: newCollector(t), http: &exchanges{}, asked: map[string]*sandbox.Mail{}}
	w.config.Server.OTLPEndpoint = p.traces.URL()
	w.http.Transport = p.http
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	p.stop = w.startApp(t)
	return p
}

// person makes a marked customer of a company of their own.
func (p *privacy) person(t *testing.T, stem, language string) marked {
	t.Helper()
	m := marked{stem: stem, comment: "Signed " + stem + " & <sons>"}
	m.phone = fmt.Sprintf("+4930777%06d", 100000+7919*len(p.marks()))
	m.customer = p.customer(t, p.company(t, stem+" Ltd", "growth"), stem, language)
	for name, value := range map[string]string{"lastname": "van " + stem, "phone": m.phone} {
		require.NoError(t, p.sandbox.SetProperty(sandbox.Contacts, m.id, name, value, sandbox.SourceUser))
	}
	return m
}

func (p *privacy) everybody() []marked {
	return []marked{p.anna, p.bela, p.cleo, p.dora, p.emil, p.fred, p.gina, p.hugo, p.ines, p.jakob, p.kim, p.lars, p.mona}
}

func (p *privacy) marks() (all []string) {
	for _, m := range p.everybody() {
		if m.stem != "" {
			all = append(all, m.stem, strings.TrimPrefix(m.phone, "+"))
		}
	}
	return all
}

// begin casts everybody and has them asked.
func (p *privacy) begin(t *testing.T) {
	for i, c := range []struct {
		into           *marked
		stem, language string
	}{
		{&p.anna, "Quimbyvoxana", "en"}, {&p.bela, "Brunquistbela", "de"}, {&p.cleo, "Zephyrkrautcleo", "fr"}, {&p.dora, "Wumpelstadora", "es"},
		{&p.emil, "Flokkenzemil", "en"}, {&p.fred, "Glimmerfredvax", "en"}, {&p.gina, "Hexelgrinagina", "en"}, {&p.hugo, "Plonkhugowitz", "en"},
		{&p.jakob, "Drimmeljakobus", "en"},
	} {
		*c.into = p.person(t, c.stem, c.language)
		require.Len(t, p.marks(), 2*(i+1))
	}
	p.ines = marked{stem: "Xanthoinesque", phone: "+4930777999999", customer: customer{email: "xanthoinesque@other.example"}}
	for _, m := range []marked{p.anna, p.bela, p.dora} {
		p.win(t, m.deal)
	}
	p.closeTicket(t, p.emil.customer)
	require.NoError(t, p.sandbox.SetProperty(sandbox.Contacts, p.cleo.id, "lifecyclestage", "customer", sandbox.SourceUser))
	for _, m := range []marked{p.anna, p.bela, p.cleo, p.dora, p.emil} {
		p.asked[m.stem] = p.mail(t, m.email, "invite")
	}
}

func (p *privacy) happy(t *testing.T) {
	page := link(t, p.asked[p.anna.stem])
	require.Equal(t, http.StatusOK, p.get(t, page+"?score=9").status)
	p.give(t, p.asked[p.anna.stem], "9", p.anna.comment)
	ask := p.mail(t, p.anna.email, "ask")
	require.Equal(t, http.StatusOK, p.get(t, link(t, ask)).status)
	require.Equal(t, http.StatusSeeOther, p.post(t, link(t, ask)).status)
	p.give(t, p.asked[p.anna.stem], "10", p.anna.comment+", still")
	p.awaitProperty(t, sandbox.Contacts, p.anna.id, survey.SignalNPSLast, "10")
}

// referred has a promoter bring a friend, whom the CRM refuses at first, and who buys.
func (p *privacy) referred(t *testing.T) {
	p.lars = p.person(t, "Krautlarsonix", "de")
	p.mona = marked{stem: "Vexelmonarchy", phone: "+4930777888888", customer: customer{email: "vexelmonarchy@friends.example"}}
	link := p.passedOn(t, p.lars.customer)
	page := p.get(t, link)
	details := []string{"first_name", p.mona.stem, "company", p.mona.stem + " Ltd", "message", "Signed " + p.mona.stem + " " + p.mona.phone}
	require.Equal(t, http.StatusUnprocessableEntity, p.post(t, link, p.details(t, page, p.mona.email, details...)...).status)
	p.sandbox.SetFaults(sandbox.HubSpot, sandbox.Faults{Rate: 1, Count: 2, Kinds: []sandbox.FaultKind{sandbox.FaultServerError}})
	for _, address := range []string{p.mona.email, p.mona.email, p.lars.email, p.anna.email} {
		a := p.post(t, link, p.details(t, page, address, append(details, "form", p.formShown(t, time.Minute))...)...)
		require.Equal(t, http.StatusOK, a.status, a.body)
	}
	friend := p.lead(t, p.mona.email)
	p.mail(t, p.lars.email, "referred")
	deal, err := p.sandbox.CreateDeal(map[string]string{"dealname": p.mona.stem, "pipeline": "default", "amount": "10"}, "", friend.ID)
	require.NoError(t, err)
	require.NoError(t, p.sandbox.SetProperty(sandbox.Deals, deal.ID, "dealstage", "decisionmakerboughtin", sandbox.SourceUser))
	p.awaitProperty(t, sandbox.Contacts, p.lars.id, survey.SignalReferralsWon, "1")
}

func (p *privacy) unhappy(t *testing.T) {
	p.give(t, p.asked[p.bela.stem], "2", p.bela.comment)
	m := p.message(t, casesChannel, p.bela.stem, "the comment", contains("Signed "+p.bela.stem))
	acknowledged := p.click(t, m, survey.ActionAcknowledge, "U0GRACE")
	m = p.message(t, casesChannel, p.bela.stem, "who took it", contains("Acknowledged by <@U0GRACE>"))
	p.clickAs(t, acknowledged, survey.ActionContacted, "U0STRANGER")
	sent, err := p.sandbox.ClickThrough(m.Channel, m.TS, string(survey.ActionResolve), "U0JONAS", map[string]string{
		"choice": survey.OptionOther, "note": p.bela.comment + ", as " + p.bela.stem + " says",
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, sent.Status, sent.Response)
	p.message(t, casesChannel, p.bela.stem, "the end", contains("Resolved by <@U0JONAS>"))
	p.clickAs(t, acknowledged, survey.ActionAcknowledge, "U0KENJI")

	p.give(t, p.asked[p.emil.stem], "1", p.emil.comment)
	p.message(t, casesChannel, p.emil.stem, "closed by policy", contains("Closed: nobody resolved it in time"))
}

func (p *privacy) silent(t *testing.T) {
	p.mail(t, p.cleo.email, "reminder")
	require.True(t, eventually(func() bool { return p.get(t, link(t, p.asked[p.cleo.stem])).status == http.StatusGone }))
}

func (p *privacy) unsubscribed(t *testing.T) {
	address := unsubscribeLink(t, p.asked[p.dora.stem])
	require.Equal(t, http.StatusOK, p.get(t, address).status)
	require.Equal(t, http.StatusOK, p.post(t, address, "List-Unsubscribe", "One-Click").status)
	p.win(t, p.dora.deal)
	p.win(t, p.newDeal(t, p.dora.customer))
	p.awaitNumber(t, 1, "whoever unsubscribed is not asked", fmt.Sprintf(
		`SELECT count(*) > 0 FROM invitations WHERE contact_key = '%s' AND state = 'suppressed'`, p.reference(t, p.dora.customer)))
}

// otherSystems has a shop that takes addresses for ids.
func (p *privacy) otherSystems(t *testing.T) {
	order := fmt.Appendf(nil, `{"id":"order of %[1]s","source":"shop","type":"order.delivered","subject":"%[1]s","data":{"contact":{"id":"%[1]s",`+
		`"email":"%[1]s","first_name":"%[2]s","phone":"%[3]s"},"account":{"id":"%[2]s","name":"%[2]s"},"note":"%[2]s"}}`, p.ines.email, p.ines.stem, p.ines.phone)
	a := p.do(t, http.MethodPost, p.url+"/hooks/shop", webhookHeader(t, testShopSecret, "msg_1", order, time.Now()), order)
	require.Equal(t, http.StatusOK, a.status, a.body)
	invited := p.mail(t, p.ines.email, "invite")
	a = p.post(t, link(t, invited), "score", "1", "question", "causes", "answer", "speed", "other", "Because of "+p.ines.stem)
	require.Equal(t, http.StatusOK, a.status, a.body)
	p.give(t, invited, "1", "It was "+p.ines.stem)
	m := p.message(t, casesChannel, p.ines.stem, "the comment", contains("It was "+p.ines.stem))
	require.Contains(t, readable(m.Blocks), "How fast it came · “Because of "+p.ines.stem+"”")
	p.click(t, m, survey.ActionResolve, "U0GRACE")
	p.message(t, casesChannel, p.ines.stem, "the end", contains("Resolved"))
	p.otherTools(t)
}

// otherTools have names for ids too, of answers, of comments and of orders.
func (p *privacy) otherTools(t *testing.T) {
	paid := fmt.Sprintf(`{"id":"paid by %[1]s","source":"tool of %[1]s","type":"order.paid","data":{"contact":{"id":"%[1]s"},`+
		`"order":{"id":"order of %[1]s","amount":5,"currency":"EUR"}}}`, p.ines.stem)
	a := p.call(t, "/v1/events", []byte(paid))
	require.Equal(t, http.StatusOK, a.status, a.body)
	p.awaitNumber(t, 1, "an order is kept", `SELECT count(*) FROM behaviour WHERE amount = 500`)
	who := fmt.Sprintf(`"id":"by %[1]s","contact":{"id":"%[1]s","email":"%[1]s","first_name":"%[2]s"},"account":{"id":"%[2]s","name":"%[2]s"}`, p.ines.email, p.ines.stem)
	for body, path := range map[string]string{
		`{"program":"chat-csat","data":{"note":"%[1]s"},` + who + `}`:                                                      "/v1/invitations",
		`{"source":"tool of %[1]s","program":"review-nps","score":2,"comment":"Says %[1]s",` + who + `}`:                   "/v1/responses",
		`{"source":"tool of %[1]s","kind":"call","text":"Says %[1]s","url":"https://calls.example.com/%[1]s",` + who + `}`: "/v1/feedback",
		`{"source":"of %[1]s","id":"%[1]s","kind":"review","text":"Nobody knows that it is %[1]s"}`:                        "/v1/feedback",
	} {
		body = strings.ReplaceAll(body, "%[1]s", p.ines.stem)
		a := p.call(t, path, []byte(body))
		require.Equal(t, http.StatusOK, a.status, a.body)
		wrong := strings.Replace(body, `{`, `{"`+p.ines.stem+`":1,`, 1)
		require.Equal(t, http.StatusBadRequest, p.call(t, path, []byte(wrong)).status)
	}
	p.message(t, casesChannel, p.ines.stem, "the other tool's answer", contains("Says "+p.ines.stem))
}

// quotingVendors has vendors that refuse and quote everybody.
func (p *privacy) quotingVendors(t *testing.T) {
	all := quoted(t, strings.Join(p.marks(), ", "))
	hubSpot := `{"status":"error","category":"VALIDATION_ERROR","message":` + all + `,"errors":[{"message":` + all + `,"code":"INVALID"}]}`
	sendGrid := `{"errors":[{"field":"personalizations.0.to.0.email","message":` + all + `}]}`
	slack := func(code string) string {
		return `{"ok":false,"error":"` + code + `","response_metadata":{"messages":[` + all + `]},"errors":[` + all + `]}`
	}
	p.win(t, p.hugo.deal)
	invited := p.mail(t, p.hugo.email, "invite")
	p.calls.answer(reply{path: "chat.postMessage", about: p.hugo.stem, times: 1, status: 200, text: slack("ratelimited")})
	p.calls.answer(reply{path: "chat.postMessage", about: p.hugo.stem, times: 1, status: 200, text: slack("invalid_blocks")})
	p.calls.answer(reply{path: "/batch/update", about: `"` + p.hugo.id + `"`, times: 1, status: 400, text: hubSpot})
	p.give(t, invited, "3", p.hugo.comment)
	p.awaitAnswered(t)

	p.calls.answer(reply{path: "/mail/send", about: p.gina.email, times: 1, status: 429, text: sendGrid})
	p.calls.answer(reply{path: "/mail/send", about: p.gina.email, times: 1, status: 400, text: sendGrid})
	p.win(t, p.gina.deal)
	p.awaitAnswered(t)

	// These are left to an operator, and wait meanwhile.
	p.calls.answer(reply{path: "/mail/send", about: p.jakob.email, times: 1, status: 401, text: sendGrid})
	p.win(t, p.jakob.deal)
	p.awaitAnswered(t)
	p.calls.answer(reply{path: "/batch/read", about: p.fred.deal, times: 4, status: 500, text: all})
	p.calls.answer(reply{path: "/batch/read", about: p.fred.deal, times: 1, status: 400, text: hubSpot})
	p.win(t, p.fred.deal)
	p.awaitAnswered(t)
	for _, kept := range []string{"ResolveContacts", "SendInvitations", "ShowCase"} {
		require.Contains(t, p.log.String(), "ActivityType="+kept, "its failure is logged")
	}
}

func (p *privacy) awaitAnswered(t *testing.T) {
	t.Helper()
	require.True(t, eventually(func() bool { return p.calls.waiting() == 0 }), "vendors were not asked: %d answers wait", p.calls.waiting())
}

// badInput puts persons where they do not belong.
func (p *privacy) badInput(t *testing.T) {
	event := `{"id":"1","source":"s","type":"order.delivered","data":{"contact":{"id":"1","email":"a@b.example"}}}`
	for _, change := range []struct{ from, to string }{
		{`"contact":{`, `"contact":"` + p.anna.email + `","x":{`}, {`a@b.example`, p.anna.stem}, {`"1","email"`, `["` + p.anna.email + `"],"email"`},
		{`"data"`, `"time":"` + p.anna.stem + `","data"`}, {`"data"`, `"specversion":"` + p.anna.stem + `","data"`}, {`{"id"`, `{` + p.anna.stem + `"id"`},
		{`"data":{`, `"` + p.anna.stem + `":1,"data":["` + p.anna.stem + `"],"x":{`},
	} {
		body := []byte(strings.Replace(event, change.from, change.to, 1))
		a := p.do(t, http.MethodPost, p.url+"/v1/events?crm=shop", bearer(testSecret), body)
		require.Equal(t, http.StatusBadRequest, a.status, "%s: %s", body, a.body)
		a = p.do(t, http.MethodPost, p.url+"/hooks/shop", webhookHeader(t, testShopSecret, "msg_2", body, time.Now()), body)
		require.Equal(t, http.StatusBadRequest, a.status, "%s: %s", body, a.body)
		a = p.do(t, http.MethodPost, p.url+"/hooks/hubspot", hubSpotHeader(testSecret, p.url+"/hooks/hubspot", body, time.Now()), body)
		require.Equal(t, http.StatusBadRequest, a.status, "%s: %s", body, a.body)
	}
	click := []byte(`payload={"type":"block_actions","user":{"id":"U1","name":"` + p.anna.stem + `"},"actions":["` + p.anna.stem + `"]}`)
	require.Equal(t, http.StatusBadRequest, p.do(t, http.MethodPost, p.url+"/hooks/slack", slackHeader(testSecret, click, time.Now()), click).status)
	require.Equal(t, http.StatusUnprocessableEntity, p.post(t, link(t, p.asked[p.bela.stem]), "score", p.anna.stem, "comment", p.anna.comment).status)
}

// addresses are those in the mails.
func (w *world) addresses() (all []string) {
	pattern := regexp.MustCompile(`https?://[^\s"'<>]+`)
	w.sandbox.Read(func(st *sandbox.State) {
		for _, m := range st.Mails {
			all = append(all, pattern.FindAllString(m.Text()+" "+m.HTML()+" "+m.Headers["List-Unsubscribe"], -1)...)
		}
	})
	return all
}

// exchanges keeps the requests made to cxloop.
type exchanges struct {
	mu   sync.Mutex
	list []exchange
}

// exchange is an address that was asked for, the one that it led on to, and what
// a machine was told that was refused.
type exchange struct{ address, next, refusal string }

func (e *exchanges) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	one := exchange{address: r.URL.String(), next: resp.Header.Get("Location")}
	if resp.StatusCode >= 400 && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if one.refusal, err = readAgain(resp); err != nil {
			return nil, err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, one)
	return resp, nil
}

// scanAnswers looks through addresses and refusals. Pages that repeat what a
// customer wrote are theirs.
func (e *exchanges) scanAnswers(s *scanner) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s.area = "lines of requests, addresses"
	for _, one := range e.list {
		s.scan("address "+one.address, []byte(one.address))
		s.scan("redirect of "+one.address, []byte(one.next))
		s.scan("refusal by "+one.address, []byte(one.refusal))
	}
}
