package config

import (
	"maps"
	"slices"
	"strconv"

	"github.com/cxloop/cxloop/insight/text"
	"github.com/cxloop/cxloop/survey"
)

// Topic is something that comments are about.
type Topic struct {
	// ID is that of a cause, or one of its own. A topic that is built in is replaced.
	ID string `yaml:"id"`
	// Name is for people to read, by locale; without one it is the cause's, or the id.
	Name survey.Words `yaml:"name"`
	// Words are those by which one can tell, by language.
	Words map[string][]string `yaml:"words"`
}

// TopicRules find the topics of comments: those configured, and those built in that are not.
func (c *Config) TopicRules() (*text.Rules, error) {
	var all []text.Topic
	for _, t := range c.Topics {
		all = append(all, text.Topic{ID: t.ID, Words: t.Words})
	}
	for _, t := range text.Builtin() {
		if !slices.ContainsFunc(c.Topics, func(own Topic) bool { return own.ID == t.ID }) {
			all = append(all, t)
		}
	}
	return text.NewRules(all)
}

// TopicNames are the names that the configuration gives, by id.
func (c *Config) TopicNames() map[string]survey.Words {
	names := map[string]survey.Words{}
	for _, t := range c.Topics {
		if len(t.Name) > 0 {
			names[t.ID] = t.Name
		}
	}
	return names
}

// checkTopics reports topics that there are twice, and words that find nothing.
func (d *document) checkTopics(cfg *Config) {
	list := path{"topics"}
	d.checkIDs(list)
	if d.failed(list) {
		return
	}
	for i, t := range cfg.Topics {
		at := list.join(strconv.Itoa(i))
		for _, locale := range slices.Sorted(maps.Keys(t.Name)) {
			if !localePattern.MatchString(locale) {
				d.addAtKey(at.join("name", locale), "want a language such as fr or fr-CA")
			}
		}
		if _, english := t.Name[survey.DefaultLocale]; len(t.Name) > 0 && !english {
			d.add(at.join("name"), "has none in English: en is read where a language has none")
		}
		for _, language := range slices.Sorted(maps.Keys(t.Words)) {
			if !localePattern.MatchString(language) || len(language) > 3 {
				d.addAtKey(at.join("words", language), "want a language such as fr: its variants are read alike")
			}
		}
	}
}

// checkTopicWords is the format of the words of a topic.
func checkTopicWords(words string) error {
	_, err := text.ParseWords(words)
	return err
}
