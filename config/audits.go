package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// The thresholds of an audit that says none.
const (
	defaultWeak   = 70
	defaultPassed = 90
)

// resolveChecklist completes an audit: the checklist, the program's own or the
// template's, and its bands. ok is false where its mistakes leave no program.
func (d *document) resolveChecklist(p *survey.Program, template Template, at path) (ok bool) {
	list, bands := at.join("checklist"), at.join("bands")
	if p.Metric != survey.Audit {
		for _, key := range []path{list, bands} {
			if d.value(key) != nil {
				d.addAtKey(key, "is of audits: %s has none", p.Metric)
			}
		}
		return !d.failed(list) && !d.failed(bands)
	}
	if d.value(list) == nil {
		p.Checklist = slices.Clone(template.Checklist)
	}
	if len(p.Checklist) == 0 {
		d.add(list, "is required: what the auditor goes through")
		return false
	}
	d.checkChecklist(*p, list)
	for i := range p.Checklist {
		p.Checklist[i].Weight = max(p.Checklist[i].Weight, 1)
	}
	if d.value(bands.join("weak")) == nil {
		p.Bands.Weak = defaultWeak
	}
	if d.value(bands.join("passed")) == nil {
		p.Bands.Passed = defaultPassed
	}
	if p.Bands.Passed <= p.Bands.Weak {
		d.add(bands, "passed, %d, is not above weak, %d", p.Bands.Passed, p.Bands.Weak)
	}
	return !d.failed(list) && !d.failed(bands)
}

// checkChecklist looks for items that could not be told apart or read, of the program's
// own checklist; of the template's for languages that it lacks.
func (d *document) checkChecklist(p survey.Program, at path) {
	own := d.value(at) != nil
	known := map[string]bool{}
	for i, item := range p.Checklist {
		here := at.join(strconv.Itoa(i))
		switch {
		case !own:
			if missing := missingIn(p, item.Text); len(missing) > 0 {
				d.add(at, "the template has none in %s: give a checklist of your own", strings.Join(missing, ", "))
				return
			}
			continue
		case known[item.ID]:
			d.add(here.join("id"), "%q is already the id of another item", item.ID)
		}
		known[item.ID] = true
		d.checkWords(p, item.Text, here.join("text"))
	}
}

// checkAudit looks for what does not go with an audit.
func (d *document) checkAudit(p survey.Program, at path) {
	switch {
	case p.Metric == survey.Audit && p.Of != survey.Auditors:
		d.add(at.join("of"), "an audit is made by auditors: leave it out")
	case p.Of == survey.Auditors && p.Metric != survey.Audit:
		d.add(at.join("of"), "auditors go through a checklist: want metric audit, for example with template: audit")
	}
	if p.Metric != survey.Audit {
		return
	}
	if p.Kind != survey.Transactional {
		d.add(at.join("kind"), "an audit is asked for by an event that names auditor and account: leave it out")
	}
	if p.Channel == survey.ChannelSMS {
		d.add(at.join("channel"), "an audit is asked for by mail, which has room for what is to be done: leave it out")
	}
	if p.Anonymous {
		d.add(at.join("anonymous"), "an audit has a name to it, that of what was audited")
	}
	for _, key := range []struct{ name, why string }{
		{"questions", "an audit has its checklist"},
		{"causes", "an audit has its checklist"},
		{"variants", "an audit is the same for all auditors"},
		{"again_after", "auditors are asked as often as there is something to audit"},
	} {
		if here := at.join(key.name); d.value(here) != nil {
			d.addAtKey(here, "%s: leave it out", key.why)
		}
	}
	d.checkAuditTrigger(at.join("trigger"))
}

// checkAuditTrigger reports events that name no account to audit.
func (d *document) checkAuditTrigger(at path) {
	object, change, _ := strings.Cut(d.text(at.join("event")), ".")
	if d.onHubSpot(at) && slices.Contains(hubSpotObjects, object) && slices.Contains(hubSpotChanges, change) {
		d.add(at.join("event"), "HubSpot's own events do not say which account is audited: send one with auditor and account to POST /v1/events")
	}
}
