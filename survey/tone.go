package survey

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tone is what a comment sounds like, whatever the score says.
type Tone string

// The tones. Most comments have none.
const (
	// Angry: it complains strongly, or says that the customer is about to leave.
	Angry Tone = "angry"
	// Pleased: it praises, and complains of nothing.
	Pleased Tone = "pleased"
)

// How far a word reaches that turns what it stands by, in words of the same clause.
const (
	reachBefore = 3
	reachAfter  = 2
	// mostBetween is how many words a gap in a phrase takes.
	mostBetween = 3
)

// ToneOf tells the tone of a comment by the phrases of tonewords.go, in whichever of
// English, French, German and Spanish it is written. It is meant to find what somebody
// should read, not to understand: what it does not know has no tone, irony misleads it,
// and a phrase counts for nothing that a word beside it denies ("not terrible"), puts
// off ("almost perfect") or puts on somebody else ("the previous tool was horrible").
func ToneOf(comment string) Tone {
	tone := Tone("")
	for _, clause := range clauses(comment) {
		if clause.says(complaints, turns) {
			return Angry
		}
		if tone == "" && clause.says(praises, turnsPraise) {
			tone = Pleased
		}
	}
	return tone
}

// clause is the words between two signs, folded: in small letters, without accents.
type clause []string

// clauses cuts a text at the signs and the words where what is denied ends.
func clauses(text string) []clause {
	var all []clause
	var now clause
	end := func() {
		if len(now) > 0 {
			all, now = append(all, now), nil
		}
	}
	word := func(w string) {
		switch stem, denied := strings.CutSuffix(w, "n'"); {
		case contrasts[w]:
			end()
		case denied && len(stem) > 1: // don't, isn't: its t is left out below
			now = append(now, stem, "not")
		case w != "":
			now = append(now, strings.Trim(w, "'"))
		}
	}
	var b strings.Builder
	flush := func() {
		word(b.String())
		b.Reset()
	}
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
		switch {
		case r == '\'' || r == '’':
			if b.Len() == 0 {
				continue
			}
			if after, size := utf8.DecodeRuneInString(rest); strings.HasSuffix(b.String(), "n") && unicode.ToLower(after) == 't' {
				b.WriteByte('\'')
				rest = rest[size:]
			}
			flush() // l'avocat, I'll
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteString(folded(r))
		case unicode.Is(unicode.Mn, r): // the accent of the letter before
		default:
			flush()
			if !unicode.IsSpace(r) && r != '-' && r != '"' && r != '*' && r != '_' || r == '\n' {
				end()
			}
		}
	}
	flush()
	end()
	return all
}

// folded is a letter in small, without its accent.
func folded(r rune) string {
	r = unicode.ToLower(r)
	if r < utf8.RuneSelf {
		return string(r)
	}
	if plain, known := accents[r]; known {
		return plain
	}
	return string(r)
}

var accents = func() map[rune]string {
	all := map[rune]string{'ß': "ss", 'œ': "oe", 'æ': "ae"}
	for plain, accented := range map[string]string{
		"a": "àáâãäå", "c": "ç", "e": "èéêë", "i": "ìíîï", "n": "ñ", "o": "òóôõö", "u": "ùúûü", "y": "ýÿ",
	} {
		for _, r := range accented {
			all[r] = plain
		}
	}
	return all
}()

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

// says reports whether one of the phrases is in the clause and no word turns it.
func (c clause) says(all []phrase, turns map[string]bool) bool {
	return slices.ContainsFunc(all, func(p phrase) bool {
		for from := range c {
			between, end, found := c.match(p.words, from, nil)
			if found && !c.turned(p, from, end, between, turns) {
				return true
			}
		}
		return false
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
	case at < len(c) && words[0].takes(c[at]):
		return c.match(words[1:], at+1, between)
	}
	return nil, 0, false
}

// turned reports whether a word before a match, in its gaps or behind it turns it.
func (c clause) turned(p phrase, from, end int, between []int, turns map[string]bool) bool {
	for at := max(0, from-reachBefore); at < from; at++ {
		if turns[c[at]] && !wonders[c[at+1]] && !(p.denies && denial[c[at]]) {
			return true
		}
	}
	for _, at := range between {
		if turns[c[at]] {
			return true
		}
	}
	if !p.deniedAfter {
		return false
	}
	return slices.ContainsFunc(c[end:min(len(c), end+reachAfter)], func(w string) bool { return deniesVerb[w] })
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
