package text

import (
	"strings"
)

// What tells a language: a word or a letter that it has alone, or shares.
const (
	byOwnWord    = 2.0
	bySharedWord = 0.7
	byPhrase     = 1.0
	byOwnLetter  = 1.5
	byEnding     = 0.6
	byHint       = 1.0
	// leastMargin is by how much one language has to be ahead of the next.
	leastMargin = 0.5
	// mostByHint is how many words a comment has at most whose language the hint alone tells.
	mostByHint = 3
)

// Languages beyond those that are read: what is in one of these is told apart, not read.
// Their words are those that they do not share with Languages.
const (
	italian = `il che di non e per una sono gli della del con anche piu molto ho hanno questo questa perche ma come ottimo servizio
		dopo tutto sempre stato essere nel alla dei delle mi si ci lo bene`
	portuguese = `o que nao um uma com os as do da em para muito mais foi voces voce meu minha esta isso por atendimento sao eu ja tem bom nos
		pelo ao mas servico tudo sempre obrigado`
	dutch = `de het een en van ik is niet dat op te zijn voor met die er aan om ook maar bij dan nog wel geen wat heel goed erg wij jullie
		naar veel zeer altijd snelle klanten worden werd heb hebben deze goede slechte nooit meer helemaal prima niets`
	// elsewhere is of more languages, of which is not told: Nordic, Finnish, Polish, Czech,
	// Hungarian, Romanian, Turkish and Catalan.
	elsewhere = `och ar inte det jag som mycket med att hos alltid tack tjanst snabb dalig
		og ikke jeg meget darlig hele altid veldig takk tak hvor
		oli hyva hyvin todella palvelu erittain mutta nopea ole kiitos olen
		jest sie bardzo dobra dobry dobrze obsluga polecam jak dla wszystko zawsze szybko przez
		velmi neni jsem ze dobre sluzby rychle dekuji spokojenost vse
		nem hogy nagyon egy rossz koszonom minden
		sunt foarte pentru multumit din servicii
		cok bir bu icin hizmet iyi kotu guzel tesekkurler degil ama
		amb molt els servei estic`
)

// commonWords are the languages of common words, by number; those beyond Languages count
// on behind anyLanguage.
var commonWords = func() map[string][]int {
	all := map[string][]int{}
	add := func(words string, number int) {
		for word := range wordSet(words) {
			all[word] = append(all[word], number)
		}
	}
	for i, v := range vocabularies {
		add(v.common, i)
	}
	for i, words := range []string{italian, portuguese, dutch} {
		add(words, anyLanguage+1+i)
	}
	for word := range wordSet(elsewhere) {
		if len(all[word]) == 0 {
			all[word] = []int{unnamed}
		}
	}
	return all
}()

// unnamed is the number of all languages beyond those that have one, and numbered how many
// there are.
const (
	unnamed  = anyLanguage + 4
	numbered = unnamed + 1
)

// ownLetters are the languages that a letter or a sign speaks for.
var ownLetters = func() map[rune][]int {
	all := map[rune][]int{
		'ß': {2}, 'ä': {2}, 'ö': {2}, 'ü': {2, 3},
		'ñ': {3}, '¿': {3}, '¡': {3}, 'á': {3}, 'í': {3}, 'ó': {3}, 'ú': {3},
		'ç': {1, 6}, 'œ': {1}, 'ê': {1}, 'è': {1, 5}, 'ù': {1, 5}, 'û': {1}, 'î': {1}, 'â': {1}, 'ë': {1, 7}, 'ï': {1, 7}, 'é': {1, 3},
		'à': {1, 5}, 'ô': {1}, 'ã': {6}, 'õ': {6}, 'ì': {5}, 'ò': {5},
	}
	for _, letter := range "åøæðþłąęćńśźżěščřžýůďťňőűğışșțţđľĺŕāēīūģķļņėįų" {
		all[letter] = []int{unnamed}
	}
	return all
}()

// longEnding is how long the endings are by which languages are told, in bytes.
const longEnding = 3

// endings are the languages of which many words end so.
var endings = func() map[string][]int {
	all := map[string][]int{}
	for i, list := range []string{
		"ing ght ess lly tly ers ked ned",
		"eux use ait ais eur oir que tte aux ons ent ant ier iez",
		"ung ich che eit sch cht ern fen gen hen zen den nen men ben sst tzt tet ken",
		"dad nte ado ada dos das ido ndo oso ron ias ero tar rar",
	} {
		for _, ending := range strings.Fields(list) {
			all[ending] = append(all[ending], i)
		}
	}
	return all
}()

// languageOf tells the language of a comment by its common words, its letters and the
// phrases of the lexicon. A comment of which nothing tells is in that of the hint, if it has
// a few words. Foreign is set where it is in another language than Languages, beyond doubt.
func languageOf(c comment, hint string) (language string, foreign bool) {
	if c.others > c.latin {
		return "", true
	}
	points, words := c.votes()
	hinted := numberOf(strings.ToLower(hint[:min(2, len(hint))]))
	if hinted >= 0 && (words <= mostByHint || points[hinted] > 0) {
		points[hinted] += byHint
	}
	best, next := -1, 0.0
	for number, n := range points {
		switch {
		case n == 0:
		case best < 0 || n > points[best]:
			if best >= 0 {
				next = points[best]
			}
			best = number
		default:
			next = max(next, n)
		}
	}
	if best < 0 || points[best]-next < leastMargin && best != hinted {
		return "", false
	}
	if best > anyLanguage {
		return "", true
	}
	return Languages[best], false
}

// votes are how much speaks for each language, and how many words there are.
func (c comment) votes() (points [numbered]float64, words int) {
	for _, part := range c.clauses {
		words += len(part.words)
		for i, w := range part.words {
			vote(&points, commonWords[w.text], byOwnWord)
			vote(&points, spokenIn(part, i), byPhrase)
			if n := len(w.text); n > longEnding+1 {
				vote(&points, endings[w.text[n-longEnding:]], byEnding)
			}
		}
	}
	for letter, times := range c.letters {
		vote(&points, ownLetters[letter], byOwnLetter*float64(min(times, 2)))
	}
	return points, words
}

// vote gives points to one language, or some to each of several.
func vote(points *[numbered]float64, languages []int, own float64) {
	if len(languages) > 1 {
		own *= bySharedWord / byOwnWord
	}
	for _, number := range languages {
		points[number] += own
	}
}

// spokenIn are the languages in which the lexicon has a word of a clause.
func spokenIn(c clause, at int) []int {
	word := c.words[at].text
	lists := [2][]int{lexicon.exact[word]}
	if len(word) >= stemLetters {
		lists[1] = lexicon.stems[word[:stemLetters]]
	}
	var seen [anyLanguage + 1]bool
	var out []int
	for _, list := range lists {
		for _, number := range list {
			language := entries[number].language
			one := lexicon.phrases[number].words
			if language == anyLanguage || seen[language] || len(one) > 1 || !one[0].takes(word) {
				continue
			}
			seen[language] = true
			out = append(out, language)
		}
	}
	return out
}
