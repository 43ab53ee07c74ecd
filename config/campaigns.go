package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// minEvery is the shortest time from the start of one campaign to the next.
const minEvery = survey.Span(day)

// rollingBelow is how close campaigns are of which each asks those who were not asked
// lately, rather than everybody.
const rollingBelow = survey.Span(60 * day)

// ownerField is who counts as an account's owner where nobody says otherwise.
const ownerField = "account.hubspot_owner_id"

// newSpread is a spread with the defaults of the trade.
func newSpread() *survey.Spread {
	return &survey.Spread{Days: []string{"mon", "tue", "wed", "thu", "fri"}}
}

// completeCampaign fills in the defaults that depend on what the program says. The gap
// between two invitations is no longer than the program's own calendar leaves, unless its
// campaigns are close.
func (d *document) completeCampaign(p *survey.Program, at path) {
	if p.Spread == nil { // the section is empty
		p.Spread = newSpread()
	}
	if p.Spread.PerOwner > 0 && p.Spread.Owner == "" {
		p.Spread.Owner = ownerField
	}
	if d.value(at.join("again_after")) == nil && campaignEvery(p.Campaign) >= rollingBelow {
		p.AgainAfter = min(p.AgainAfter, max(campaignGap(p.Campaign), survey.Span(day)))
	}
}

// campaignGap is the shortest time between the days that a contact is given in two
// campaigns in a row, 0 where there is none.
func campaignGap(c survey.Campaign) survey.Span {
	return max(campaignEvery(c)-max(c.Spread.Over, survey.Span(day)), 0)
}

// campaignEvery is the shortest time from the start of one campaign to the next, 0 where
// the program does not say. By cron it is in whole days, whose hours a zone may change.
func campaignEvery(c survey.Campaign) survey.Span {
	if c.Cron == "" {
		return c.Every
	}
	starts, err := cronStarts(c.Cron)
	if err != nil {
		return 0
	}
	least := starts[1].Sub(starts[0])
	for i := range starts[1:] {
		least = min(least, starts[i+1].Sub(starts[i]))
	}
	return survey.Span(least.Round(day))
}

// spreadInWindow has a campaign ask on the days of its program's window where it does not
// say on which: mails of other days would wait for one of these, and break its caps.
func (d *document) spreadInWindow(p survey.Program, at path) {
	if p.Kind != survey.Relational || p.Window == nil {
		return
	}
	if d.value(at) == nil {
		p.Spread.Days = p.Window.Days
		return
	}
	for _, day := range p.Spread.Days {
		if !slices.Contains(p.Window.Days, day) && p.Spread.PerDay+p.Spread.PerOwner > 0 {
			d.add(at, "%s is no day of the window %s: its mails would wait for the next one, and more go out then than per_day and per_owner allow", day, p.Window.ID)
			return
		}
	}
}

// campaignKeys are what relational programs alone have.
var campaignKeys = []string{"every", "cron", "from", "spread"}

// checkNoCampaign reports keys of relational programs in another.
func (d *document) checkNoCampaign(at path) {
	for _, key := range campaignKeys {
		if here := at.join(key); d.value(here) != nil {
			d.addAtKey(here, "only a relational program has this: leave it out, or say kind: relational")
		}
	}
}

// checkCampaign looks for what does not fit in a relational program.
func (d *document) checkCampaign(p survey.Program, at path) {
	if d.value(at.join("trigger")) != nil {
		d.addAtKey(at.join("trigger"), "a relational program is started by its calendar, not by an event: leave it out, or make the kind transactional")
	}
	if d.value(at.join("delay")) != nil {
		d.addAtKey(at.join("delay"), "a relational program has no event to wait after: its spread says when contacts are asked")
	}
	if p.From == nil {
		d.add(at.join("from"), "is required: the CRM that lists whom to ask, for example from: {crm: hubspot}")
	} else {
		d.checkSource(*p.From, at.join("from"))
	}
	switch {
	case p.Every != 0 && p.Cron != "":
		d.addAtKey(at.join("cron"), "every is given too: one of the two says when campaigns begin")
	case d.value(at.join("every")) == nil && p.Cron == "":
		d.add(at.join("every"), "is required, or cron: when campaigns begin, for example every: 90d")
	case p.Cron == "" && p.Every < minEvery:
		d.add(at.join("every"), "%s is too short: at least 24h lie between two starts", p.Every)
	default:
		d.checkPace(p, at)
	}
}

// checkPace wants campaigns that are over before the next, and whose contacts may all be
// asked again in it where some may: a gap longer than from one to the next is meant so.
func (d *document) checkPace(p survey.Program, at path) {
	every, gap := campaignEvery(p.Campaign), campaignGap(p.Campaign)
	switch {
	case p.Spread.Over >= every && p.Spread.Over > survey.Span(day):
		d.add(at.join("spread", "over"), "%s is not shorter than the %s from one campaign to the next", p.Spread.Over, every)
	case p.AgainAfter > gap && p.AgainAfter <= every:
		d.add(at.join("again_after"), "%s leaves out some of those who were asked in the campaign before: as little as %s lies between their days in the two", p.AgainAfter, gap)
	}
	if p.Spread.Owner != "" && p.Spread.PerOwner == 0 {
		d.addAtKey(at.join("spread", "owner"), "counts for nothing without per_owner")
	}
}

func (d *document) checkSource(from survey.Source, at path) {
	if n := len(from.Where); n > crm.MaxWhere {
		d.addAtKey(at.join("where"), "has %d properties: a CRM is asked for at most %d; use audience for more", n, crm.MaxWhere)
	}
	for name := range from.Where {
		if err := formats["property"](name); err != nil {
			d.addAtKey(at.join("where", name), "%s", err)
		}
	}
}

// checkCampaigns reports sources and owners that nobody knows, also of programs that have
// other mistakes.
func (d *document) checkCampaigns(cfg *Config) {
	known := slices.DeleteFunc(d.ids(path{"crm"}), func(id string) bool { return id == "" })
	for i := range d.ids(path{"programs"}) {
		at := path{"programs", strconv.Itoa(i)}
		if survey.Kind(d.text(at.join("kind"))) != survey.Relational {
			continue
		}
		from := at.join("from", "crm")
		d.checkKnownCRM(from, known)
		if j := slices.Index(d.ids(path{"crm"}), d.text(from)); j >= 0 && CRMType(d.text(path{"crm", strconv.Itoa(j), "type"})) == Webhook {
			d.add(from, "%s is of type webhook, which cannot list contacts: want a CRM of type hubspot", d.text(from))
		}
		d.checkOwner(at.join("spread", "owner"), cfg.Terms.Fields)
	}
}

// checkOwner wants an attribute that is read.
func (d *document) checkOwner(at path, fields map[string]survey.FieldType) {
	field := d.text(at)
	if _, ok := fields[field]; field == "" || ok && !strings.HasPrefix(field, "event.") || d.failed(at) {
		return
	}
	known := slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(f string) bool { return strings.HasPrefix(f, "event.") })
	if near := nearest(field, known); near != "" {
		d.add(at, "%q is no field that is known: did you mean %s?", field, near)
		return
	}
	d.add(at, "%q is no field that is known: declare it in fields; known are %s", field, strings.Join(known, ", "))
}
