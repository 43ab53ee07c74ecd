package text

import "cmp"

// Model reads comments better than the lexicon and the rules do, in the languages and of
// the topics where that was shown.
type Model struct {
	// Version names what was trained, "" for nothing.
	Version string `json:"version"`
	// Languages are what reads sentiments, by language.
	Languages map[string]*Classifier `json:"languages,omitempty"`
	// Topics are what finds topics, by language and topic. They add to the rules.
	Topics map[string]map[string]*Classifier `json:"topics,omitempty"`
	// Rules find topics by words, and are not trained: nil for those that are built in.
	Rules *Rules `json:"-"`
}

var untrained Model

func (m *Model) rules() *Rules { return cmp.Or(m.Rules, builtin) }

// Reads names what a model reads by: another name may read a comment in another way.
func (m *Model) Reads() string {
	return cmp.Or(m.Version, "lexicon") + "/" + lexiconVersion + "/" + m.rules().version
}

// lexiconVersion counts the changes of the lexicon and of how it is read.
const lexiconVersion = "2"

// topics finds what a comment is about, with the words by which.
func (m *Model) topics(read comment, r *Reading) {
	m.rules().topics(read, r)
	trained := m.Topics[r.Language]
	if len(trained) == 0 {
		return
	}
	features := read.features()
	for topic, c := range trained {
		if len(features) > 0 && c.calibrated(c.logit(features)) >= 0 {
			r.about(topic, c.telling(read, features, topic))
		}
	}
}
