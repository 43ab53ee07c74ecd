package config

import "github.com/cxloop/cxloop/survey"

// checkKind looks for what does not fit the kind of a program.
func (d *document) checkKind(p survey.Program, at path) {
	if p.Kind != survey.Relational {
		d.checkNoCampaign(at)
	}
	switch p.Kind {
	case survey.Transactional:
		if p.Trigger.Event == "" {
			d.add(at.join("trigger"), "is required: the event that starts the program")
		}
	case survey.InTheMoment:
		if p.Delay != 0 {
			d.add(at.join("delay"), "a program in the moment asks at once: leave it out, or make the kind transactional")
		}
		if p.Window != nil {
			d.add(at.join("window"), "a program in the moment asks at once: leave it out, or make the kind transactional")
		}
	case survey.Relational:
		d.checkCampaign(p, at)
	default:
		d.add(at.join("kind"), "%q is not known: want transactional, in_the_moment or relational", p.Kind)
	}
}
