package config

import (
	"strconv"

	"github.com/cxloop/cxloop/survey"
)

// maxReminders is the most that a survey sends: who does not answer two of them does not
// want to.
const maxReminders = 2

// reminders sets those of a program that lists them.
func (d *document) reminders(p *survey.Program, all []survey.Span, program path) {
	at := program.join("reminders")
	if d.value(program.join("reminder")) != nil {
		d.addAtKey(at, "reminder is given too: one of the two is enough")
	}
	if len(all) > maxReminders {
		d.add(at, "%d reminders: at most %d are sent", len(all), maxReminders)
	}
	p.Reminder, p.SecondReminder = 0, 0
	for i, after := range all {
		here := at.join(strconv.Itoa(i))
		switch {
		case after <= 0:
			d.add(here, "want a time after the mail; [] reminds nobody")
		case i > 0 && after <= all[i-1]:
			d.add(here, "%s is not after the first reminder, %s", after, all[i-1])
		case p.Expiry > 0 && after >= p.Expiry:
			d.add(here, "%s is not before the expiry, %s", after, p.Expiry)
		}
	}
	if len(all) > 0 {
		p.Reminder = all[0]
	}
	if len(all) > 1 {
		p.SecondReminder = all[1]
	}
}
