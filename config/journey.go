package config

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// checkJourney reports touchpoints that are on the map twice, and programs that are not
// on it.
func (d *document) checkJourney(cfg *Config) {
	stages := path{"journey", "stages"}
	if len(cfg.Journey.Stages) == 0 || d.failed(stages) {
		return
	}
	d.checkIDs(stages)
	places := map[string]path{}
	var known []string
	for i, stage := range cfg.Journey.Stages {
		for j, touchpoint := range stage.Touchpoints {
			here := stages.join(strconv.Itoa(i), "touchpoints", strconv.Itoa(j))
			if before, twice := places[touchpoint.ID]; twice {
				d.add(here.join("id"), "%q is already the id of %s", touchpoint.ID, before)
				continue
			}
			places[touchpoint.ID] = here
			known = append(known, touchpoint.ID)
		}
	}
	for i, id := range d.ids(path{"programs"}) {
		d.checkTouchpoint(path{"programs", strconv.Itoa(i), "touchpoint"}, id, known)
	}
}

// checkTouchpoint wants the touchpoint of a program, its id where it names none, among
// those of the journey.
func (d *document) checkTouchpoint(at path, program string, known []string) {
	name := d.text(at)
	switch near := nearest(name, known); {
	case slices.Contains(known, name) || name == "" && slices.Contains(known, program):
	case name == "":
		d.add(at, "is required with a journey: known are %s", strings.Join(known, ", "))
	case near != "":
		d.add(at, "the journey has no touchpoint %q: did you mean %s?", name, near)
	default:
		d.add(at, "the journey has no touchpoint %q: known are %s", name, strings.Join(known, ", "))
	}
}

// decodeJourney decodes the map that programs are placed on.
func (d *document) decodeJourney(journey *survey.Journey) {
	d.decodeList(path{"journey", "stages"}, &journey.Stages)
	for i, stage := range journey.Stages {
		journey.Stages[i].Name = cmp.Or(stage.Name, words(stage.ID))
		for j, touchpoint := range stage.Touchpoints {
			stage.Touchpoints[j].Name = cmp.Or(touchpoint.Name, words(touchpoint.ID))
		}
	}
}

// words are those of an id.
func words(id string) string { return strings.ReplaceAll(id, "-", " ") }
