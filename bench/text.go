package bench

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/insight/text"
)

// commentParts are the parts of which comments are made, the unhappy ones first, by language.
var commentParts = map[string][2][]string{
	"en": {
		{"nobody calls back", "the invoice was wrong twice", "the app hangs all day", "we waited three weeks for an answer", "it broke after a month", "every agent tells another story"},
		{"somebody answered the same day", "the invoice is easy to read", "the app just works", "everything was settled by the next morning", "it runs without a hitch", "the agent knew what to do"},
	},
	"fr": {
		{"personne ne rappelle", "la facture était fausse deux fois", "l’application rame toute la journée", "trois semaines pour une réponse", "en panne au bout d’un mois", "chaque conseiller dit autre chose"},
		{"on m’a répondu le jour même", "la facture est facile à lire", "l’application fait son travail", "tout était réglé le lendemain", "cela tourne sans accroc", "le conseiller savait quoi faire"},
	},
	"de": {
		{"niemand ruft zurück", "die Rechnung war zweimal falsch", "die App hängt den ganzen Tag", "drei Wochen auf Antwort gewartet", "nach einem Monat kaputt", "jeder Berater sagt etwas anderes"},
		{"am selben Tag kam die Antwort", "die Rechnung ist leicht zu lesen", "die App tut, was sie soll", "am nächsten Morgen war alles erledigt", "es läuft ohne Störung", "der Berater wusste Bescheid"},
	},
}

// trainedOn is how many comments of each language the model is trained on, and readOnce how
// many are read; partsOfOne is how many parts a comment has: about 25 words.
const (
	trainedOn  = 1000
	readOnce   = 20_000
	partsOfOne = 5
)

// textFigures are of the processor time of reading comments by a trained model, its topics and the lexicon: the
// longest way that a comment can take.
func (r *run) textFigures(ctx context.Context, _ []Figure) ([]Figure, error) {
	r.say("text: a model of %d comments reads %d", trainedOn*len(commentParts), readOnce)
	random := rand.New(rand.NewPCG(1, 1))
	var examples []text.Example
	for _, language := range []string{"en", "fr", "de"} {
		for i := range trainedOn {
			kind := random.IntN(2)
			examples = append(examples, text.Example{
				Comment: madeOf(commentParts[language][kind], random), Hint: language, Person: language + strconv.Itoa(i), Score: 2*kind - 1, At: float64(i),
			})
		}
	}
	began := time.Now()
	m, _ := text.Train(nil, examples)
	trained := time.Since(began)
	before := ownCPU()
	for i := range readOnce {
		one := examples[i%len(examples)]
		text.Read(m, one.Comment, one.Hint)
		if i%1000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	took := ownCPU() - before
	return []Figure{
		figure("text.us_per_comment", float64(took.Microseconds())/readOnce, "µs CPU", "≤ 50"),
		figure("text.train_3k_s", trained.Seconds(), "s", ""),
	}, nil
}

func madeOf(parts []string, random *rand.Rand) string {
	some := make([]string, partsOfOne)
	for i := range some {
		some[i] = parts[random.IntN(len(parts))]
	}
	return strings.Join(some, ", ")
}
