package text

import (
	"cmp"
	"math"
	"slices"
)

// How far a word reaches that turns what it stands by, in words of the same clause.
const (
	reachBefore = 3
	reachAfter  = 2
)

// turn is how the words around a phrase turn it.
type turn int

const (
	straight turn = iota
	denied
	wished
	distant
)

// By how much a turned phrase counts, and words before it that say how much. After Hutto
// and Gilbert (VADER, 2014), who found .74 for denials, rounded.
const (
	asDenied  = -0.7
	asWished  = -0.4
	asMore    = 1.3
	asLess    = 0.6
	afterBut  = 1.3
	beforeBut = 0.6
)

// scaling makes of a sum of weights a sentiment from -1 to 1.
const scaling = 6.0

// hit is a phrase of the lexicon in a comment.
type hit struct {
	entry
	clause, from, end int
	turn              turn
	// amount is by how much it counts, 0 to 1.3.
	amount float64
	// start and stop are where it stands, in bytes.
	start, stop int
}

// hits are what the lexicon knows of a comment, in whichever language.
func (c comment) hits() []hit {
	var all []hit
	for i, part := range c.clauses {
		lexicon.find(part, func(f found) {
			h := hit{
				entry: entries[f.number], clause: i, from: f.from, end: f.end,
				start: part.words[f.from].from, stop: part.words[f.end-1].to,
			}
			h.turn = part.turned(lexicon.phrases[f.number], h.entry, f)
			h.amount = part.amount(h.entry, f.from)
			all = append(all, h)
		})
	}
	return slices.DeleteFunc(slices.Clone(all), func(h hit) bool { return slices.ContainsFunc(all, h.settledBy) })
}

// settledBy tells whether another phrase says what this one only seems to: "far from
// perfect" is no praise, and "would not recommend it" says more than a recommendation that
// is denied.
func (h hit) settledBy(other hit) bool {
	switch {
	case other.turn != straight || h.clause != other.clause:
		return false
	case h.turn != straight && other.strong():
		return h.from <= other.from && other.end <= h.end && h.weight > 0
	}
	return h.weight*other.weight < 0 && other.from <= h.from && h.end <= other.end && other.end-other.from > h.end-h.from
}

// turned tells how words before a match, in its gaps or behind it turn it. What is strong
// is turned by the words of all languages: a comment may be in two.
func (c clause) turned(p phrase, e entry, f found) turn {
	own := ofLanguage[e.language]
	if e.strong() {
		own = turns{denial: denial, distance: distances, wish: wishes, wonder: ofLanguage[anyLanguage].wonder, deniesVerb: ofLanguage[anyLanguage].deniesVerb}
	}
	if e.weight < 0 {
		own.wish = nil
	}
	out := straight
	for at := max(0, f.from-reachBefore); at < f.from; at++ {
		if !own.wonder[c.words[at+1].text] {
			out = max(out, own.of(c.words[at].text, p.denies))
		}
	}
	for _, at := range f.between {
		out = max(out, own.of(c.words[at].text, false))
	}
	if p.deniedAfter || e.weight == mild {
		for _, w := range c.words[f.end:min(len(c.words), f.end+reachAfter)] {
			if own.deniesVerb[w.text] {
				out = max(out, denied)
			}
		}
	}
	return out
}

func (t turns) of(word string, denies bool) turn {
	switch {
	case t.distance[word]:
		return distant
	case t.wish[word]:
		return wished
	case t.denial[word] && !denies:
		return denied
	}
	return straight
}

// amount is by how much the words before a phrase make it count.
func (c clause) amount(e entry, from int) float64 {
	own := ofLanguage[e.language]
	for at := max(0, from-2); at < from; at++ {
		switch word := c.words[at].text; {
		case own.weaker[word]:
			return asLess
		case own.stronger[word]:
			return asMore
		}
	}
	return 1
}

// toneOf is Angry where a complaint is straight, else Pleased where a praise is.
func toneOf(hits []hit) (tone Tone) {
	for _, h := range hits {
		switch {
		case h.turn != straight:
		case h.weight == -strong:
			return Angry
		case h.weight == strong:
			tone = Pleased
		}
	}
	return tone
}

// beyondDoubt are the phrases by which a comment has its tone.
func beyondDoubt(hits []hit) []Evidence {
	var out []Evidence
	for _, h := range hits {
		if h.turn == straight && h.strong() {
			out = append(out, Evidence{From: h.start, To: h.stop, Weight: h.weight})
		}
	}
	return out
}

// byLexicon reads the sentiment from the phrases of the comment's language, and from what
// leaves no doubt in any: of phrases that share words, the one that weighs most.
func byLexicon(hits []hit, r *Reading) {
	language := numberOf(r.Language)
	own := slices.DeleteFunc(slices.Clone(hits), func(h hit) bool {
		return language >= 0 && h.language != language && h.language != anyLanguage && !h.strong()
	})
	slices.SortStableFunc(own, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.end-b.from, a.end-a.from), cmp.Compare(math.Abs(b.weight), math.Abs(a.weight)),
			cmp.Compare(a.clause, b.clause), cmp.Compare(a.from, b.from), cmp.Compare(a.language, b.language))
	})
	var taken []hit
	sum := 0.0
	for _, h := range own {
		if slices.ContainsFunc(taken, h.overlaps) {
			continue
		}
		taken = append(taken, h)
		if w := h.counts(); w != 0 {
			sum += w
			r.Evidence = append(r.Evidence, Evidence{From: h.start, To: h.stop, Weight: w})
		}
	}
	r.Sentiment = sum / math.Sqrt(sum*sum+scaling)
	r.Confidence = 0.5 + (MostByLexicon-0.5)*math.Abs(r.Sentiment)
}

func (h hit) overlaps(other hit) bool {
	return h.clause == other.clause && h.from < other.end && other.from < h.end
}

// counts is what a hit adds to the sum.
func (h hit) counts() float64 {
	switch h.turn {
	case denied:
		return h.weight * h.amount * asDenied
	case wished:
		return h.weight * h.amount * asWished
	case distant:
		return 0
	}
	return h.weight * h.amount
}
