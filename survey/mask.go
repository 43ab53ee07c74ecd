package survey

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What stands for something that Mask hid.
const (
	MaskedName    = "[name]"
	MaskedCompany = "[company]"
	MaskedMail    = "[mail]"
	MaskedNumber  = "[number]"
	MaskedLink    = "[link]"
)

var (
	// anything about an @ is an address, or a name at a social network
	mailLike = regexp.MustCompile(`[^\s@]*@[^\s@]*`)
	linkLike = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+|(?:[\pL\p{Nd}-]+\.)+\pL{2,}/\S*|\b(?:[a-z0-9-]+\.)+(?:com|net|org|info|biz|io|eu|co|uk|ie|de|at|ch|fr|be|lu|es|it|nl|app|dev|shop)\b`)
	// five digits and more, however they are set: phones, customers, orders, cards, dates
	numberLike = regexp.MustCompile(`\p{Nd}(?:[\s().,/\-‐-―]{0,3}\p{Nd}){4,}`)
)

// Mask hides what tells who wrote a text or whom it is about, as far as that can be told:
// mail addresses, links, numbers of five digits and more, and the names of a contact and of
// their company. Names of others stay.
func Mask(text string, contact Contact, account Account) string {
	text = mailLike.ReplaceAllLiteralString(text, MaskedMail)
	text = linkLike.ReplaceAllLiteralString(text, MaskedLink)
	text = numberLike.ReplaceAllLiteralString(text, MaskedNumber)
	return maskNames(text, namesOf(contact, account))
}

// knownName is a name as its words, folded, and what stands for it.
type knownName struct {
	words []string
	as    string
}

// particles are parts of names that are words of languages too.
var particles = []string{"von", "van", "vom", "zum", "zur", "der", "den", "des", "del", "las", "los", "dos", "the", "and", "und", "les", "une"}

// legalForms end the names of companies, and nobody says them.
var legalForms = []string{
	"ag", "bv", "co", "company", "corp", "corporation", "gmbh", "group", "holding", "inc", "kg", "limited", "llc", "llp", "ltd", "mbh", "nv", "ohg", "plc", "sa",
	"sarl", "sas", "se", "sl", "slu", "spa", "srl", "ug",
}

// namesOf are the names to look for, the longest first.
func namesOf(contact Contact, account Account) []knownName {
	var out []knownName
	add := func(as string, words []string) {
		if len(words) > 0 {
			out = append(out, knownName{words, as})
		}
	}
	for _, name := range []string{contact.Name(), contact.LastName + " " + contact.FirstName} {
		add(MaskedName, foldedWords(name))
	}
	for _, part := range foldedWords(contact.Name()) {
		if utf8.RuneCountInString(part) > 2 && !slices.Contains(particles, part) {
			add(MaskedName, []string{part})
		}
	}
	company := foldedWords(account.Name)
	add(MaskedCompany, company)
	for len(company) > 1 && slices.Contains(legalForms, company[len(company)-1]) {
		company = company[:len(company)-1]
		add(MaskedCompany, company)
	}
	slices.SortStableFunc(out, func(a, b knownName) int { return len(b.words) - len(a.words) })
	return out
}

// span is a word of a text: its bytes, and how it is compared.
type span struct {
	from, to int
	folded   string
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
			out = append(out, span{from, i, fold(text[from:i])})
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

// startsAt tells whether words begin with a name, whose last one may have the s of "Anna's
// desk", as it is written in some languages.
func (n knownName) startsAt(words []span) bool {
	if len(words) < len(n.words) {
		return false
	}
	last := len(n.words) - 1
	for i, want := range n.words {
		got := words[i].folded
		if got != want && (i < last || got != want+"s") {
			return false
		}
	}
	return true
}
