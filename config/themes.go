package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// Themes says where the causes of unhappiness are told of each week, and who has them.
type Themes struct {
	// Channel is the id of the Slack channel, "" where they are told nowhere.
	Channel string `yaml:"channel"`
	// Cron is when, in UTC unless it begins with CRON_TZ=.
	Cron string `yaml:"cron"`
	// Language of what is told.
	Language string `yaml:"language"`
	// Owner has the causes that are nobody else's: a Slack user id, or "".
	Owner  string       `yaml:"owner"`
	Owners []CauseOwner `yaml:"-"`
}

// CauseOwner is who has a cause.
type CauseOwner struct {
	Cause string `yaml:"cause"`
	User  string `yaml:"user"` // Slack user id
}

// OwnerOf is the Slack user id of who has a cause, or "".
func (t Themes) OwnerOf(cause string) string {
	for _, o := range t.Owners {
		if o.Cause == cause {
			return o.User
		}
	}
	return t.Owner
}

// checkThemes reports themes that nobody hears of, and owners of causes that there are not.
func (d *document) checkThemes(cfg *Config) {
	at := path{"themes"}
	if d.failed(at) {
		return
	}
	if cfg.Themes.Channel == "" && d.value(at) != nil {
		d.add(at.join("channel"), "is required: where the themes of the week are told")
	}
	if err := checkCron(cfg.Themes.Cron); err != nil {
		d.add(at.join("cron"), "%v", err)
	}
	known := causesOf(cfg.Programs)
	for _, topic := range cfg.Topics {
		known = append(known, topic.ID)
	}
	first := map[string]int{}
	for i, o := range cfg.Themes.Owners {
		here := at.join("owners", strconv.Itoa(i), "cause")
		switch before, twice := first[o.Cause]; {
		case twice:
			d.add(here, "%q has an owner already, owners[%d]", o.Cause, before)
		case !slices.Contains(known, o.Cause) && !d.failed(path{"programs"}):
			d.add(here, "no program has a cause %q, and no topic is called so: known are %s", o.Cause, strings.Join(known, ", "))
		}
		first[o.Cause] = i
	}
}

// causesOf are the ids of all causes of programs, sorted.
func causesOf(programs []survey.Program) []string {
	var ids []string
	for _, p := range append(programs, survey.Program{}) { // a case may have those of all, too
		for _, cause := range p.CaseCauses() {
			ids = append(ids, cause.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
