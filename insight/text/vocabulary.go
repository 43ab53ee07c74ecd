package text

import (
	"maps"
	"slices"
)

// vocabulary is what tells in one language what a comment says: words, and phrases as
// function phrases reads them, all in small letters without accents. A line of complaints
// or praises that is wrong in one comment of a thousand costs an account team a minute; one
// that is missing costs a customer who said so. What is there says it without its
// surroundings: a word that is often meant kindly, or of somebody else, is a dislike.
type vocabulary struct {
	// denials say that something is not so, and absences that it is not there.
	denials, absences string
	// distances put what follows off, or on somebody else; eases do before a complaint: it
	// is easy to cancel.
	distances, eases string
	// wishes are of what is not so yet.
	wishes string
	// wonders deny nothing with the denial before them: "I cannot believe how …".
	wonders string
	// deniesVerb denies the verb before it.
	deniesVerb string
	// contrasts begin something of their own.
	contrasts string
	// stronger and weaker words say how much.
	stronger, weaker string
	// common are the words by which the language is known.
	common string
	// complaints and praises leave no doubt, dislikes and likes some.
	complaints, dislikes, likes, praises string
}

// Languages are those that comments are read in.
var Languages = []string{"en", "fr", "de", "es"}

var vocabularies = []vocabulary{english, french, german, spanish}

// anyLanguage is the number of what is said in all of them.
const anyLanguage = 4

// turns are the words that turn what stands by them.
type turns struct {
	denial, distance, wish, wonder, deniesVerb, stronger, weaker map[string]bool
}

var (
	// ofLanguage are a language's own, by its number, and of all for anyLanguage.
	ofLanguage = eachTurns()
	// denial, and what else turns a complaint or a praise, in whichever language.
	denial    = union(func(v vocabulary) string { return v.denials })
	distances = union(func(v vocabulary) string { return v.distances + " " + v.eases })
	wishes    = union(func(v vocabulary) string { return v.wishes })
	contrasts = union(func(v vocabulary) string { return v.contrasts })
)

func eachTurns() [anyLanguage + 1]turns {
	var all [anyLanguage + 1]turns
	sum := turns{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for i, v := range vocabularies {
		t := turns{
			denial: wordSet(v.denials, v.absences), distance: wordSet(v.distances), wish: wordSet(v.wishes), wonder: wordSet(v.wonders),
			deniesVerb: wordSet(v.deniesVerb), stronger: wordSet(v.stronger), weaker: wordSet(v.weaker),
		}
		all[i] = t
		for _, pair := range [][2]map[string]bool{
			{sum.denial, t.denial}, {sum.distance, t.distance}, {sum.wish, t.wish}, {sum.wonder, t.wonder},
			{sum.deniesVerb, t.deniesVerb}, {sum.stronger, t.stronger}, {sum.weaker, t.weaker},
		} {
			maps.Copy(pair[0], pair[1])
		}
	}
	all[anyLanguage] = sum
	return all
}

func union(of func(vocabulary) string) map[string]bool {
	var texts []string
	for _, v := range vocabularies {
		texts = append(texts, of(v))
	}
	return wordSet(texts...)
}

// What a phrase weighs.
const (
	strong = 3.0
	mild   = 1.5
)

// entry is what a phrase says.
type entry struct {
	language int
	weight   float64
}

func (e entry) strong() bool { return e.weight == strong || e.weight == -strong }

// entries are what the phrases of lexicon say, by their numbers.
var lexicon, entries = compile()

func compile() (*index, []entry) {
	x := &index{}
	var all []entry
	for i, v := range vocabularies {
		for _, list := range []struct {
			text   string
			weight float64
		}{{v.complaints, -strong}, {v.dislikes, -mild}, {v.likes, mild}, {v.praises, strong}} {
			for _, p := range phrases(list.text) {
				x.add(p)
				all = append(all, entry{i, list.weight})
			}
		}
	}
	for _, list := range []struct {
		signs  string
		weight float64
	}{{happySigns, mild}, {unhappySigns, -mild}} {
		for _, sign := range list.signs {
			x.add(phrase{words: []manner{{string(sign)}}})
			all = append(all, entry{anyLanguage, list.weight})
		}
	}
	return x, all
}

const (
	happySigns   = "👍👏🙏🙌💪🎉❤💙💚😀😃😄😁😊🙂😍🤩😘🥰⭐"
	unhappySigns = "👎😡😠🤬😞😟😢😭☹🙁😤😒🙄😩💩"
)

// moods are the signs that are words of their own.
var moods = func() map[rune]bool {
	set := map[rune]bool{}
	for _, sign := range happySigns + unhappySigns {
		set[sign] = true
	}
	return set
}()

// numberOf is the number of a language, -1 of others.
func numberOf(language string) int { return slices.Index(Languages, language) }
