package text

import (
	"slices"
	"strings"
)

// mostBetween is how many words a gap in a phrase takes.
const mostBetween = 3

// phrase is words in a row. One word may be written in several ways.
type phrase struct {
	words []manner
	// denies is set where it denies something itself: another denial is a part of it.
	denies bool
	// deniedAfter is set where a word behind it denies it too, as it does a verb in
	// German and French.
	deniedAfter bool
}

// manner is the ways in which a word is written; nil is a gap of up to mostBetween words.
type manner []string

func (m manner) takes(word string) bool {
	return slices.ContainsFunc(m, func(way string) bool {
		if stem, more := strings.CutSuffix(way, "*"); more {
			return strings.HasPrefix(word, stem)
		}
		return way == word
	})
}

// match finds a phrase that begins at a word, and returns the places of the words in its
// gaps and where it ends.
func (c clause) match(words []manner, at int, between []int) (gaps []int, end int, found bool) {
	switch {
	case len(words) == 0:
		return between, at, true
	case words[0] == nil:
		for n := range mostBetween + 1 {
			if gaps, end, found = c.match(words[1:], at+n, between); found {
				return gaps, end, true
			}
			between = append(between, at+n)
		}
		return nil, 0, false
	case at < len(c.words) && words[0].takes(c.words[at].text):
		return c.match(words[1:], at+1, between)
	}
	return nil, 0, false
}

// phrases reads phrases, one a line: words in small letters without accents, ways of
// writing one parted by |, a beginning with *, a gap as _, and ~ at the end of a verb
// that a word behind it denies.
func phrases(text string) []phrase {
	var all []phrase
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		var p phrase
		for _, field := range fields {
			switch field {
			case "~":
				p.deniedAfter = true
			case "_":
				p.words = append(p.words, nil)
			default:
				ways := strings.Split(field, "|")
				p.denies = p.denies || denial[ways[0]]
				p.words = append(p.words, ways)
			}
		}
		all = append(all, p)
	}
	return all
}

func wordSet(texts ...string) map[string]bool {
	set := map[string]bool{}
	for _, text := range texts {
		for _, word := range strings.Fields(text) {
			set[word] = true
		}
	}
	return set
}

// index finds phrases by their first words: a comment is not held against each of them.
type index struct {
	phrases []phrase
	exact   map[string][]int
	// stems are the beginnings of words, by their first stemLetters bytes.
	stems map[string][]int
}

// stemLetters is the least length of the beginning of a word, in bytes.
const stemLetters = 3

// add makes a phrase found, under a number that counts from 0.
func (x *index) add(p phrase) {
	if x.exact == nil {
		x.exact, x.stems = map[string][]int{}, map[string][]int{}
	}
	number := len(x.phrases)
	x.phrases = append(x.phrases, p)
	for _, way := range p.words[0] {
		if stem, more := strings.CutSuffix(way, "*"); more {
			x.stems[stem[:stemLetters]] = append(x.stems[stem[:stemLetters]], number)
			continue
		}
		x.exact[way] = append(x.exact[way], number)
	}
}

// found is a phrase in a clause.
type found struct {
	number int
	// from to end are its words, between those in its gaps.
	from, end int
	between   []int
}

// find calls yield with each phrase that is in a clause, as often as it is.
func (x *index) find(c clause, yield func(found)) {
	for at, w := range c.words {
		lists := [2][]int{x.exact[w.text]}
		if len(w.text) >= stemLetters {
			lists[1] = x.stems[w.text[:stemLetters]]
		}
		for _, list := range lists {
			for _, number := range list {
				if between, end, ok := c.match(x.phrases[number].words, at, nil); ok {
					yield(found{number, at, end, between})
				}
			}
		}
	}
}
