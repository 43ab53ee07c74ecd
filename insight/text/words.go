package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is a word of a comment, folded: in small letters, without accents.
type word struct {
	text string
	// from and to are where it stands, in bytes of the comment.
	from, to int
}

// clause is the words between two signs: what one of them denies, it denies no further.
type clause struct {
	words []word
	// contrast is set where it begins with a word like "but", which is left out.
	contrast bool
}

// comment is what was written, in words.
type comment struct {
	clauses []clause
	// letters counts those with accents and the signs that few languages have; latin are
	// all letters of the Latin alphabet, and others those of another.
	letters       map[rune]int
	latin, others int
}

// reader cuts a text into clauses at the signs and the words where what is denied ends.
type reader struct {
	comment
	now      clause
	word     strings.Builder
	from, at int
}

// tokens reads a text.
func tokens(text string) comment {
	var r reader
	for r.at < len(text) {
		if r.word.Len() == 0 && startsLink(text[r.at:]) {
			r.endClause(false)
			r.at += linkLength(text[r.at:])
			continue
		}
		c, size := utf8.DecodeRuneInString(text[r.at:])
		r.take(c, text[r.at+size:])
		r.at += size
	}
	r.endWord()
	r.endClause(false)
	return r.comment
}

// links are how addresses of pages begin, whose words say nothing.
var links = []string{"https://", "http://", "www."}

func startsLink(text string) bool {
	for _, begin := range links {
		if len(text) > len(begin) && text[0]|0x20 == begin[0] && strings.EqualFold(text[:len(begin)], begin) {
			return true
		}
	}
	return false
}

// linkLength is how many bytes a link has, to the next space.
func linkLength(text string) int {
	if end := strings.IndexFunc(text, unicode.IsSpace); end >= 0 {
		return end
	}
	return len(text)
}

// take reads one character; after is what comes behind it.
func (r *reader) take(c rune, after string) {
	switch {
	case c == '\'' || c == '’':
		r.apostrophe(after)
	case unicode.IsLetter(c) || unicode.IsDigit(c):
		r.count(c)
		if r.word.Len() == 0 {
			r.from = r.at
		}
		r.word.WriteString(folded(c))
	case unicode.Is(unicode.Mn, c): // the accent of the letter before
	case moods[c]:
		r.endWord()
		r.endClause(false)
		r.now.words = append(r.now.words, word{string(c), r.at, r.at + utf8.RuneLen(c)})
		r.endClause(false)
	default:
		r.count(c)
		r.endWord()
		if !unicode.IsSpace(c) && c != '-' && c != '"' && c != '*' && c != '_' || c == '\n' {
			r.endClause(false)
		}
	}
}

// apostrophe ends the word before: l'avocat, I'll. The t of don't and isn't is a part of it.
func (r *reader) apostrophe(after string) {
	if r.word.Len() == 0 {
		return
	}
	stem, found := strings.CutSuffix(r.word.String(), "n")
	next, size := utf8.DecodeRuneInString(after)
	if denied := found && len(stem) > 1 && unicode.ToLower(next) == 't'; !denied {
		r.endWord()
		return
	}
	to := r.at + len(after[:size]) + 1
	r.now.words = append(r.now.words, word{stem, r.from, to}, word{"not", r.from, to})
	r.word.Reset()
	r.at += size
}

func (r *reader) endWord() {
	if r.word.Len() == 0 {
		return
	}
	text := r.word.String()
	r.word.Reset()
	if contrasts[text] {
		r.endClause(true)
		return
	}
	r.now.words = append(r.now.words, word{text, r.from, r.at})
}

// endClause begins another one, with a contrast or without.
func (r *reader) endClause(contrast bool) {
	if len(r.now.words) > 0 {
		r.clauses = append(r.clauses, r.now)
		r.now = clause{}
	}
	r.now.contrast = contrast || r.now.contrast
}

// count notes what tells languages apart.
func (r *reader) count(c rune) {
	switch {
	case c < utf8.RuneSelf:
		if unicode.IsLetter(c) {
			r.latin++
		}
		return
	case unicode.Is(unicode.Latin, c):
		r.latin++
	case unicode.IsLetter(c):
		r.others++
	}
	if r.letters == nil {
		r.letters = map[rune]int{}
	}
	r.letters[unicode.ToLower(c)]++
}

// folded is a letter in small, without its accent.
func folded(r rune) string {
	r = unicode.ToLower(r)
	if r < utf8.RuneSelf {
		return asciiText[r : r+1]
	}
	if plain, known := accents[r]; known {
		return plain
	}
	return string(r)
}

// asciiText holds each letter of ASCII at its own place, so that folded makes no string.
var asciiText = func() string {
	all := make([]byte, utf8.RuneSelf)
	for i := range all {
		all[i] = byte(i)
	}
	return string(all)
}()

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
