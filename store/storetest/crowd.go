package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// The crowd: how many admit at once, how often each, and whom.
const (
	crowdWorkers  = 64
	crowdRounds   = 12
	crowdBatch    = 12
	crowdContacts = 1000
	crowdAccounts = 120
	crowdSeed     = 4
)

// crowdPrograms want the same people at the same time.
var crowdPrograms = []struct {
	survey.Program
	delay time.Duration
}{
	{crowdProgram("welcome", survey.Transactional, "start", 0, 60), 0},
	{crowdProgram("support", survey.Transactional, "help", 5, 45), days},
	{crowdProgram("helpdesk", survey.Transactional, "help", 1, 45), 5 * days},
	{crowdProgram("renewal", "relational", "renewal", 10, 90), 0},
	{crowdProgram("pulse", "relational", "pulse", 0, 90), 8 * days},
	{crowdProgram("delivery", survey.Transactional, "", 2, 35), 0},
	{crowdProgram("training", survey.Transactional, "", 3, 35), 2 * days},
}

func crowdProgram(id string, kind survey.Kind, touchpoint string, priority, again int) survey.Program {
	p := survey.Program{ID: id, Kind: kind, AgainAfter: survey.Span(again) * survey.Span(days)}
	p.Touchpoint, p.Priority = touchpoint, priority
	switch id {
	case "support":
		p.DailyCap = 5
	case "pulse":
		p.Sampling, p.DailyCap = 0.5, 4
	case "renewal":
		p.Tenure = survey.Span(30 * days)
	}
	return p
}

// crowdRules are all rules at once.
func crowdRules() survey.ContactRules {
	return survey.ContactRules{
		Quarantine: survey.Span(2 * days), Quarantines: map[survey.Kind]survey.Span{"relational": survey.Span(50 * days)},
		TouchpointAgain: survey.Span(40 * days), PerMonth: 2, PerYear: 4,
		PerAccount: survey.AccountCap{Invitations: 6, Within: survey.Span(30 * days)}, DailyCap: 40,
		BlockedDomains: []string{"rival.example"}, NotDuringCase: true, CustomerSince: "since",
		NotWhen: []map[string]string{{"contact.tests": "true"}, {"account.region": "nowhere"}},
	}
}

// crowdContact is one of the crowd. Every fifth is another contact's person, as another
// CRM knows it.
func crowdContact(i int) survey.Contact {
	c := survey.Contact{
		Key: fmt.Sprintf("hubspot/p%d", i), CRM: "hubspot", Email: fmt.Sprintf("p%d@customers.example", i),
		AccountKey: fmt.Sprintf("hubspot/q%d", i%crowdAccounts), RefreshedAt: start,
		Attributes: map[string]string{"since": "2024-01-31"},
	}
	if i%5 == 4 {
		c.Key, c.CRM, c.Email = fmt.Sprintf("shop/p%d", i), "shop", fmt.Sprintf("P%d@customers.example", i-1)
	}
	switch i % 50 {
	case 0:
		c.Email = ""
	case 1:
		c.Email = fmt.Sprintf("p%d@eu.rival.example", i)
	case 2:
		c.Attributes["tests"] = "true"
	case 5:
		c.Attributes["since"] = start.Add(200 * days).Format(time.DateOnly)
	case 6:
		delete(c.Attributes, "since")
	case 7:
		c.AccountKey = ""
	}
	c.ID = c.Key[strings.IndexByte(c.Key, '/')+1:]
	return c
}

// crowd is what happened.
type crowd struct {
	world
	turn     atomic.Int64
	contacts map[string]survey.Contact // by reference
	accounts map[string]string         // region by reference

	mu   sync.Mutex
	made []crowdInvitation
	// left is the turn after which a person has unsubscribed, by small address.
	left  map[string]int64
	begun map[string]bool
}

// crowdInvitation is one decision.
type crowdInvitation struct {
	store.Invitation
	turn    int64 // before it was decided
	now, at time.Time
}

// CrowdIsAskedByTheRules runs many admissions at once over many contacts, with every rule
// active, mails going out, people leaving and better programs taking over, and then
// counts by itself whether any rule was broken.
func CrowdIsAskedByTheRules(t *testing.T, s store.Store) {
	c := &crowd{
		world: world{T: t, Store: s, ids: new(atomic.Int64)}, contacts: map[string]survey.Contact{},
		accounts: map[string]string{}, left: map[string]int64{}, begun: map[string]bool{},
	}
	c.settle()
	waiting := make([][]crowdInvitation, crowdWorkers)
	for round := range crowdRounds {
		waiting = atOnce(c.world, crowdWorkers, func(worker int) ([]crowdInvitation, error) {
			random := rand.New(rand.NewPCG(crowdSeed+uint64(round), uint64(worker)))
			if err := c.mail(waiting[worker], random); err != nil {
				return nil, err
			}
			if round == crowdRounds/2 {
				if err := c.leave(random); err != nil {
					return nil, err
				}
			}
			return c.admitSome(round, random)
		})
	}
	c.recount()
}

// settle makes the crowd, and a case in two of its accounts.
func (c *crowd) settle() {
	var contacts []survey.Contact
	var accounts []survey.Account
	for i := range crowdContacts {
		one := crowdContact(i)
		contacts = append(contacts, one)
		c.contacts[c.reference(one.Key)] = one
	}
	for i := range crowdAccounts {
		a := survey.Account{Key: fmt.Sprintf("hubspot/q%d", i), CRM: "hubspot", ID: fmt.Sprintf("q%d", i), Attributes: map[string]string{"region": "emea"}}
		if i%40 == 9 {
			a.Attributes["region"] = "nowhere"
		}
		accounts = append(accounts, a)
		c.accounts[c.reference(a.Key)] = a.Attributes["region"]
	}
	// In parts that fit a batch of keys.
	for len(contacts) > 0 {
		n := min(len(contacts), 250)
		c.must(c.SaveContacts(c.Context(), contacts[:n], accounts))
		contacts = contacts[n:]
	}
	for i, account := range []int{crowdCaseAccount, crowdCaseAccount + 1} {
		one := contact(i, -1)
		one.AccountKey = fmt.Sprintf("hubspot/q%d", account)
		c.must(c.SaveContacts(c.Context(), []survey.Contact{one}, nil))
		c.openCase(start, i)
	}
}

// crowdCaseAccount and the next have an open case.
const crowdCaseAccount = 20

// admitSome decides one batch of random people.
func (c *crowd) admitSome(round int, random *rand.Rand) ([]crowdInvitation, error) {
	p := crowdPrograms[random.IntN(len(crowdPrograms))]
	now := start.Add(time.Duration(round)*9*days + time.Duration(random.IntN(3*24))*time.Hour)
	turn := c.turn.Add(1)
	req := underRules(p.Program, crowdRules(), store.AdmitRequest{
		Batch: "crowd" + c.newID(), Now: now, NewID: c.newID,
		DueAt:  func(candidate store.Candidate, _ survey.Contact) time.Time { return candidate.EventAt.Add(p.delay) },
		Locale: func(survey.Contact) string { return "en" },
	})
	for range crowdBatch {
		req.Candidates = append(req.Candidates, store.Candidate{ContactKey: somebody(random).Key, EventAt: now})
	}
	invitations, err := c.Store.Admit(c.Context(), req)
	var admitted []crowdInvitation
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range invitations {
		one := crowdInvitation{Invitation: i, turn: turn, now: now, at: i.DueAt}
		c.made = append(c.made, one)
		if i.Rule == "" {
			admitted = append(admitted, one)
		}
	}
	return admitted, err
}

// somebody is one of the crowd, some of them much oftener than others.
func somebody(random *rand.Rand) survey.Contact {
	return crowdContact(random.IntN(1 + random.IntN(crowdContacts)))
}

// mail sends most of what waits, when it is due.
func (c *crowd) mail(waiting []crowdInvitation, random *rand.Rand) error {
	for _, i := range waiting {
		if random.IntN(10) == 0 {
			continue
		}
		begun, err := c.BeginEffects(c.Context(), "sendgrid", "", []string{store.MailEffect(store.MailInvite, i.ID)}, i.at, i.at)
		if err != nil {
			return err
		}
		if len(begun.Act) == 0 {
			continue
		}
		c.mu.Lock()
		c.begun[i.ID] = true
		c.mu.Unlock()
		if err := c.MarkSent(c.Context(), []string{i.ID}, i.at, i.at.Add(expiry)); err != nil {
			return err
		}
	}
	return nil
}

// leave unsubscribes somebody.
func (c *crowd) leave(random *rand.Rand) error {
	one := somebody(random)
	if err := c.Unsubscribe(c.Context(), one.Key, start); err != nil || one.Email == "" {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left[strings.ToLower(one.Email)] = c.turn.Add(1)
	return nil
}

// live are the invitations that were mailed or may still be, as they ended.
func (c *crowd) live() (live []crowdInvitation, refused map[survey.Rule]int) {
	refused = map[survey.Rule]int{}
	for _, i := range c.made {
		if i.Rule == "" {
			i.Invitation = c.stateOf(i.ID)
		}
		switch {
		case i.State == survey.InvitationSuppressed:
			require.NotEmpty(c.T, i.Rule)
			refused[i.Rule]++
			require.False(c.T, c.begun[i.ID], "mailed and refused")
		case i.State != survey.InvitationCancelled || c.begun[i.ID]:
			live = append(live, i)
		}
	}
	return live, refused
}

func (c *crowd) recount() {
	live, refused := c.live()
	c.recountPersons(live)
	c.recountLimits(live)
	for _, rule := range []survey.Rule{
		survey.RuleNoAddress, survey.RuleUnsubscribed, survey.RuleBlockedDomain, survey.RuleNotWhen, survey.RuleTenure, survey.RuleSampling,
		survey.RuleOpenCase, survey.RuleAgainAfter, survey.RuleTouchpointAgain, survey.RuleQuarantines, survey.RuleQuarantine,
		survey.RulePerMonth, survey.RulePerYear, survey.RulePerAccount, survey.RuleDailyCap, survey.RuleDailyCapOfAll, survey.RuleOutranked,
	} {
		require.Positive(c.T, refused[rule], "%s was never put to the test: %v of %d", rule, refused, len(c.made))
	}
	c.Logf("%d decisions, %d asked, refused %v", len(c.made), len(live), refused)
}

// recountPersons looks at each invitation by itself.
func (c *crowd) recountPersons(live []crowdInvitation) {
	sampledOut := map[string]bool{}
	for _, i := range c.made {
		if i.Rule == survey.RuleSampling {
			sampledOut[i.Program+i.ContactKey] = true
		}
	}
	for _, i := range live {
		who := c.contacts[i.ContactKey]
		address := strings.ToLower(who.Email)
		require.NotEmpty(c.T, address)
		require.NotContains(c.T, address, "rival.example")
		require.Empty(c.T, who.Attributes["tests"])
		require.NotEqual(c.T, "nowhere", c.accounts[i.AccountKey])
		require.NotContains(c.T, []string{fmt.Sprintf("hubspot/q%d", crowdCaseAccount), fmt.Sprintf("hubspot/q%d", crowdCaseAccount+1)}, who.AccountKey)
		if turn, left := c.left[address]; left {
			require.Less(c.T, i.turn, turn, "asked after unsubscribing")
		}
		require.False(c.T, sampledOut[i.Program+i.ContactKey], "sampled in and out")
		if i.Program == "renewal" {
			since, err := time.Parse(time.DateOnly, who.Attributes["since"])
			c.must(err)
			require.GreaterOrEqual(c.T, i.now.Sub(since), 30*days)
		}
	}
}

// recountLimits compares each invitation with all others.
func (c *crowd) recountLimits(live []crowdInvitation) {
	touchpoints := map[string]string{"welcome": "start", "support": "help", "helpdesk": "help", "renewal": "renewal", "pulse": "pulse", "delivery": "delivery", "training": "training"}
	again := map[string]time.Duration{"welcome": 60 * days, "support": 45 * days, "helpdesk": 45 * days, "renewal": 90 * days, "pulse": 90 * days, "delivery": 35 * days, "training": 35 * days}
	relational := func(program string) bool { return program == "renewal" || program == "pulse" }
	onDay, onDayOf := map[string]int{}, map[string]int{}
	for n, a := range live {
		date := a.at.Format(time.DateOnly)
		onDay[date]++
		onDayOf[a.Program+date]++
		inMonth, inYear, inAccount := 1, 1, 1
		for m, b := range live {
			if n == m {
				continue
			}
			before := a.at.Sub(b.at) // b before a
			if a.AccountKey != "" && a.AccountKey == b.AccountKey && before >= 0 && before < 30*days {
				inAccount++
			}
			if !strings.EqualFold(c.contacts[a.ContactKey].Email, c.contacts[b.ContactKey].Email) {
				continue
			}
			apart := before.Abs()
			require.GreaterOrEqual(c.T, apart, 2*days, "quarantine")
			if a.Program == b.Program {
				require.GreaterOrEqual(c.T, apart, again[a.Program], "again_after")
			} else if touchpoints[a.Program] == touchpoints[b.Program] {
				require.GreaterOrEqual(c.T, apart, 40*days, "touchpoint_again")
			}
			if relational(a.Program) && relational(b.Program) {
				require.GreaterOrEqual(c.T, apart, 50*days, "quarantines")
			}
			if before >= 0 && before < 30*days {
				inMonth++
			}
			if before >= 0 && before < 365*days {
				inYear++
			}
		}
		require.LessOrEqual(c.T, inMonth, 2, "per_month")
		require.LessOrEqual(c.T, inYear, 4, "per_year")
		require.LessOrEqual(c.T, inAccount, 6, "per_account")
	}
	for date, n := range onDay {
		require.LessOrEqual(c.T, n, 40, "daily_cap of all on %s", date)
		require.LessOrEqual(c.T, onDayOf["support"+date], 5, "daily_cap on %s", date)
		require.LessOrEqual(c.T, onDayOf["pulse"+date], 4, "daily_cap on %s", date)
	}
}
