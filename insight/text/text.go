// Package text reads what customers write: the language, whether it praises or complains,
// what it is about, and by which words one can tell. It works offline, on the comment alone.
// A lexicon reads from the first day; a model that is trained on comments with scores takes
// its place, language by language, where it reads comments better that it has not seen.
package text

import (
	"cmp"
	"slices"
)

// Tone is what a comment sounds like beyond doubt.
type Tone string

// The tones. Most comments have none.
const (
	// Angry: it complains strongly, or says that the customer is about to leave.
	Angry Tone = "angry"
	// Pleased: it praises, and complains of nothing.
	Pleased Tone = "pleased"
)

// Reading is what a comment says.
type Reading struct {
	// Language is en, fr, de or es, "" where it is unknown or another.
	Language string
	// Sentiment is from -1, a complaint, to 1, praise; 0 where nothing tells.
	Sentiment float64
	// Confidence is how likely the sign of Sentiment is right: 0.5, which nothing tells, to
	// 1. That of the lexicon is a rule of thumb, at most MostByLexicon; that of a model was
	// measured on comments that it had not seen.
	Confidence float64
	Tone       Tone
	// Topics are what it is about, sorted.
	Topics []string
	// Evidence is by which words one can tell, in their order.
	Evidence []Evidence
}

// MostByLexicon is the highest confidence that the lexicon has: it knows neither irony nor
// the tenant's own words.
const MostByLexicon = 0.75

// Evidence is words of a comment that say something.
type Evidence struct {
	// From and To are where they stand, in bytes of the comment.
	From, To int
	// Weight is what they add: below 0 of complaints. A model adds up log-odds, the lexicon
	// its phrases, of which those that leave no doubt weigh 3. 0 tells of a topic alone.
	Weight float64
	// Topic is what they are about, or "".
	Topic string
}

// mostEvidence is how many words tell of a sentiment: the ones that weigh most.
const mostEvidence = 6

// Read reads a comment. The model may be nil: the lexicon and the built-in topics read it
// then. The hint is the language in which the customer was asked, as a locale or "": it
// decides where the comment could be in several.
func Read(m *Model, comment, hint string) Reading {
	m = cmp.Or(m, &untrained)
	read := tokens(comment)
	language, foreign := languageOf(read, hint)
	r := Reading{Language: language, Confidence: 0.5}
	hits := read.hits()
	if foreign { // its words mean something else there: signs alone are read
		hits = slices.DeleteFunc(hits, func(h hit) bool { return h.language != anyLanguage })
	}
	r.Tone = toneOf(hits)
	plain := r
	byLexicon(hits, &plain)
	if trained := m.Languages[r.Language]; trained != nil && trained.sentiment(read, plain.Sentiment, &r) {
		r.Evidence = append(r.Evidence, beyondDoubt(hits)...)
	} else {
		r = plain
	}
	slices.SortStableFunc(r.Evidence, heavier)
	r.Evidence = r.Evidence[:min(len(r.Evidence), mostEvidence)]
	m.topics(read, &r)
	slices.SortStableFunc(r.Evidence, func(a, b Evidence) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Topic, b.Topic))
	})
	return r
}

// heavier puts what weighs more first.
func heavier(a, b Evidence) int {
	return cmp.Or(cmp.Compare(max(b.Weight, -b.Weight), max(a.Weight, -a.Weight)), cmp.Compare(a.From, b.From))
}
