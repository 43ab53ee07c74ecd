package text

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Topic is something that comments are about, and the words by which one can tell.
type Topic struct {
	ID string
	// Words are words and phrases by language ("fr"); a * at the end of a word stands for
	// any ending. Capitals and accents do not count.
	Words map[string][]string
}

// Rules find topics by words.
type Rules struct {
	languages map[string]*ruled
	version   string
}

// ruled are the rules of one language: phrases, and which topic each is of.
type ruled struct {
	index
	topics []string
}

// NewRules makes rules of topics.
func NewRules(topics []Topic) (*Rules, error) {
	r := &Rules{languages: map[string]*ruled{}}
	sum := sha256.New()
	for _, topic := range topics {
		for _, language := range slices.Sorted(maps.Keys(topic.Words)) {
			own := r.languages[language]
			if own == nil {
				own = &ruled{}
				r.languages[language] = own
			}
			for _, words := range topic.Words[language] {
				p, err := ParseWords(words)
				if err != nil {
					return nil, fmt.Errorf("topic %s, %s: %w", topic.ID, language, err)
				}
				own.add(phrase(p))
				own.topics = append(own.topics, topic.ID)
				fmt.Fprintf(sum, "%q %q %q\n", topic.ID, language, words) // a hash takes all
			}
		}
	}
	r.version = hex.EncodeToString(sum.Sum(nil)[:4])
	return r, nil
}

// Words is a phrase of a rule.
type Words phrase

// ParseWords reads the words of a rule: one or more, each with an ending of * where any
// will do.
func ParseWords(text string) (Words, error) {
	var p Words
	for _, field := range strings.Fields(text) {
		stem, more := strings.CutSuffix(field, "*")
		read := tokens(stem)
		switch {
		case len(read.clauses) != 1 || read.clauses[0].contrast || strings.ContainsFunc(stem, noPartOfWord):
			return Words{}, fmt.Errorf("%q is no word: want letters and digits, with * at its end alone", field)
		case more && len(last(read).text) < stemLetters:
			return Words{}, fmt.Errorf("%q would find too much: want at least %d letters before *", field, stemLetters)
		}
		for _, w := range read.clauses[0].words {
			p.words = append(p.words, manner{w.text})
		}
		if more {
			p.words[len(p.words)-1] = manner{last(read).text + "*"}
		}
	}
	if len(p.words) == 0 {
		return Words{}, fmt.Errorf("%q has no words", text)
	}
	return p, nil
}

// noPartOfWord tells signs by which a text is cut, and which a rule would lose.
func noPartOfWord(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.Nd, unicode.Mn) && !moods[r] && !strings.ContainsRune("'’-", r)
}

func last(c comment) word {
	words := c.clauses[0].words
	return words[len(words)-1]
}

// topics finds what a comment is about by the rules of its language, by those of all
// where that is unknown.
func (r *Rules) topics(read comment, out *Reading) {
	if out.Language != "" {
		if own := r.languages[out.Language]; own != nil {
			own.find(read, out)
		}
		return
	}
	for _, language := range slices.Sorted(maps.Keys(r.languages)) {
		r.languages[language].find(read, out)
	}
}

func (r *ruled) find(read comment, out *Reading) {
	for _, part := range read.clauses {
		r.index.find(part, func(f found) {
			out.about(r.topics[f.number], []Evidence{{From: part.words[f.from].from, To: part.words[f.end-1].to}})
		})
	}
}

// about adds a topic and by which words one can tell.
func (r *Reading) about(topic string, by []Evidence) {
	at, known := slices.BinarySearch(r.Topics, topic)
	if !known {
		r.Topics = slices.Insert(r.Topics, at, topic)
	}
	for _, e := range by {
		e.Topic = topic
		if !slices.Contains(r.Evidence, e) {
			r.Evidence = append(r.Evidence, e)
		}
	}
}

// mostTelling is how many words tell of a topic that a model found.
const mostTelling = 2

// telling are the words that speak most for a topic.
func (c *Classifier) telling(read comment, features []feature, topic string) []Evidence {
	all := slices.DeleteFunc(c.evidence(read, features), func(e Evidence) bool { return e.Weight <= 0 })
	slices.SortStableFunc(all, heavier)
	all = all[:min(len(all), mostTelling)]
	for i := range all {
		all[i].Weight, all[i].Topic = 0, topic
	}
	return all
}
