package survey

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// knownName is a name as its words, folded, and what stands for it.
type knownName struct {
	words []string
	as    string
	// proper is set of short names, which are looked for with a capital alone.
	proper bool
	// endings is set of names of people, which languages inflect.
	endings bool
}

// namesOf are the names to look for, the longest first.
func namesOf(contact Contact, account Account) []knownName {
	var out []knownName
	add := func(n knownName) {
		if len(n.words) > 0 {
			out = append(out, n)
		}
	}
	first, last := foldedWords(contact.FirstName), foldedWords(contact.LastName)
	for _, words := range [][]string{slices.Concat(first, last), slices.Concat(last, first)} {
		add(knownName{words: words, as: MaskedName, endings: true})
		add(knownName{words: joined(words), as: MaskedName})
	}
	for _, a := range first[:min(mostOfName, len(first))] {
		for _, b := range last[:min(mostOfName, len(last))] {
			add(knownName{words: joined([]string{a, b}), as: MaskedName})
			add(knownName{words: joined([]string{b, a}), as: MaskedName})
		}
	}
	for _, part := range slices.Concat(first, last, namesInMail(contact.Email)) {
		n := utf8.RuneCountInString(part)
		if n > 1 && !particles[part] {
			add(knownName{words: []string{part}, as: MaskedName, proper: n == 2, endings: n > 2})
		}
	}
	for _, words := range companyNames(account.Name) {
		add(knownName{words: words, as: MaskedCompany})
	}
	slices.SortStableFunc(out, func(a, b knownName) int { return len(b.words) - len(a.words) })
	return out
}

// mostOfName is how many words of a name are tried together with others.
const mostOfName = 6

// joined are two words and more in one, as in a name at a network.
func joined(words []string) []string {
	if len(words) < 2 {
		return nil
	}
	return []string{strings.Join(words, "")}
}

// namesInMail are the words of the local part of a mail address: anna.nowak@….
func namesInMail(address string) (out []string) {
	local, _, _ := strings.Cut(address, "@")
	for _, word := range strings.FieldsFunc(fold(local), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if utf8.RuneCountInString(word) > 2 && !everyday[word] {
			out = append(out, word)
		}
	}
	return out
}

// companyNames are a company's name, and what people make of it: without what it is by law,
// in one word, and its first words.
func companyNames(name string) [][]string {
	words := foldedWords(name)
	out := [][]string{words}
	for len(words) > 1 && legalForms[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	out = append(out, words)
	for n := min(mostOfName, len(words)); n > 1; n-- {
		out = append(out, words[:n], joined(words[:n]))
	}
	if len(words) > 0 && utf8.RuneCountInString(words[0]) > 2 && !everyday[words[0]] && !particles[words[0]] {
		out = append(out, words[:1])
	}
	return out
}

// span is a word of a text: its bytes, and how it is compared.
type span struct {
	from, to int
	folded   string
	// proper is set where it begins with a capital.
	proper bool
}

// wordsIn are the runs of letters and digits of a text.
func wordsIn(text string) (out []span) {
	from := -1
	for i, r := range text + " " {
		inWord := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		switch {
		case inWord && from < 0:
			from = i
		case !inWord && from >= 0:
			first, _ := utf8.DecodeRuneInString(text[from:i])
			out = append(out, span{from, i, fold(text[from:i]), unicode.IsUpper(first)})
			from = -1
		}
	}
	return out
}

func foldedWords(text string) (out []string) {
	for _, w := range wordsIn(text) {
		out = append(out, w.folded)
	}
	return out
}

// fold is a word without capitals and accents.
func fold(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(word))
}

func maskNames(text string, names []knownName) string {
	for _, n := range names {
		if n.unspaced() {
			text = strings.ReplaceAll(text, n.words[0], n.as)
		}
	}
	words := wordsIn(text)
	var out strings.Builder
	copied := 0
	for i := 0; i < len(words); i++ {
		at := slices.IndexFunc(names, func(n knownName) bool { return n.startsAt(words[i:]) })
		if at < 0 {
			continue
		}
		last := words[i+len(names[at].words)-1]
		out.WriteString(text[copied:words[i].from] + names[at].as)
		copied = last.to
		i += len(names[at].words) - 1
	}
	return out.String() + text[copied:]
}

// unspaced tells of a name in a script that sets no spaces between words.
func (n knownName) unspaced() bool {
	return len(n.words) == 1 && utf8.RuneCountInString(n.words[0]) > 1 &&
		strings.IndexFunc(n.words[0], func(r rune) bool {
			return !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
		}) < 0
}

// startsAt tells whether words begin with a name, whose last one may have an ending.
func (n knownName) startsAt(words []span) bool {
	if len(words) < len(n.words) {
		return false
	}
	last := len(n.words) - 1
	for i, want := range n.words {
		got := words[i].folded
		if got != want && (i < last || got != want+"s" && !(n.endings && inflected(want, got))) || n.proper && !words[i].proper {
			return false
		}
	}
	return true
}

// inflected tells whether a word is a name with an ending, as Slavic languages and German
// have them: Annę, Nowakowi, Hansens.
func inflected(name, word string) bool {
	stem, soft := strings.CutSuffix(name, "a")
	if end, ok := strings.CutPrefix(word, stem); soft && ok && len(stem) > 2 && slices.Contains([]string{"y", "e", "o", "u", "ie", "ou", "ach"}, end) {
		return true
	}
	end, ok := strings.CutPrefix(word, name)
	return ok && len(name) > 3 && slices.Contains([]string{"a", "u", "em", "om", "owi", "ovi", "n", "en", "ns", "ens", "es"}, end)
}
