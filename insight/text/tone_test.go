package text

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// toneIn is the tone of a comment.
func toneIn(comment string) Tone { return Read(nil, comment, "").Tone }

func TestTone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tone     Tone
		comments []string
	}{
		{Angry, []string{
			"I will cancel", "Great product, but I'll cancel our subscription next month.", "We're cancelling.", "we are going to cancel",
			"Looking for an alternative right now", "We are switching to a competitor", "I want my money back!", "Never again",
			"We won't renew", "I would not recommend it to anybody", "Worst support ever", "The support was TERRIBLE", "I'm fed up with this",
			"very disappointed", "What a waste of time", "A total disaster", "You will hear from our lawyers", "It does not work at all",
			"I can't believe how terrible this is", "Not only is it awful, it is expensive", "If prices go up again I will cancel",
			"nice people but the product is useless", "I hate it",
			"Je vais résilier mon contrat", "Nous résilions.", "C'est inacceptable !", "Je suis très déçue", "Nous cherchons une alternative",
			"Plus jamais", "Je veux être remboursé", "C’est une arnaque", "ça ne fonctionne pas du tout", "Notre avocat vous écrira",
			"Ras-le-bol", "Nous partons à la concurrence", "je ne renouvellerai pas",
			"Ich werde den Vertrag kündigen", "Wir kündigen!", "Wir gehen zur Konkurrenz", "Nie wieder", "Das ist eine Frechheit",
			"Wir sind sehr enttäuscht", "Es funktioniert überhaupt nicht", "Einfach schrecklich", "Wir suchen einen neuen Anbieter",
			"Ich will mein Geld zurück", "Wir werden nicht verlängern", "ICH HABE GEKÜNDIGT", "Der Support ist eine Katastrophe",
			"Voy a cancelar mi suscripción", "Nos vamos a dar de baja: me doy de baja", "Nunca más", "Es una vergüenza", "pésimo servicio",
			"Estamos muy decepcionados", "Quiero que me devuelvan el dinero: quiero mi dinero", "Estoy harto de esperar", "Es una estafa",
			"Vamos a cambiar de proveedor", "El peor servicio", "no lo recomiendo",
			"The app is great. Support is unacceptable.", "perfect\nbut I will cancel",
		}},
		{Pleased, []string{
			"I love it", "Excellent service!", "Great support, thank you", "We are very happy with you", "The best support ever",
			"Highly recommended", "Not bad? No: fantastic!",
			"Parfait !", "Je suis très satisfaite", "J'adore", "Excellente équipe",
			"Wir sind sehr zufrieden", "Hervorragend", "Weiter so!", "Toller Service",
			"Estamos muy contentos", "Me encanta", "¡Excelente!",
		}},
		{"", []string{
			"", "   ", "ok", "It was fine.", "Could be faster", "The export is missing", "👍", "12345", "\x00",
			"I would never cancel", "We don't plan to cancel", "I'm not going to cancel", "Nothing terrible", "not at all unacceptable",
			"We almost cancelled our contract with them; almost terrible", "Unlike the terrible tool of others", "Our previous vendor was horrible",
			"the former horrible process is gone", "No complaints", "It is easy to cancel my subscription", "Would be perfect if it was faster",
			"I would love to see dark mode", "not very happy", "Almost perfect", "not great support", "As a lawyer I work with it daily",
			"Je ne vais pas résilier", "Nous ne résilions pas", "rien d'inacceptable", "contrairement à l'ancien outil lamentable",
			"pas très satisfait", "presque parfait",
			"Wir kündigen nicht", "Ich werde nicht kündigen", "nicht katastrophal", "kein Betrug", "nicht sehr zufrieden", "fast perfekt",
			"Wir wechseln den Anbieter nicht",
			"No voy a cancelar", "nunca un desastre", "no es inaceptable", "casi perfecto", "no muy contentos",
			"Anders als die früheren miserablen Werkzeuge",
			"cancel", "renew", "terribly", "awfully", "Das Wetter",
		}},
	} {
		for _, comment := range c.comments {
			require.Equal(t, c.tone, toneIn(comment), "%q", comment)
		}
	}
}

// Each line of the lists is written as comments are read, and says what it is in the list for.
func TestPhrasesCanBeSaid(t *testing.T) {
	t.Parallel()
	for number, p := range lexicon.phrases {
		var words []string
		for _, m := range p.words {
			if m == nil {
				continue
			}
			for _, way := range m {
				plain := strings.TrimSuffix(way, "*")
				require.Equal(t, []string{plain}, said(plain), "a word of small letters without accents")
				require.True(t, plain == way || len(plain) >= stemLetters, way)
			}
			words = append(words, strings.TrimSuffix(m[0], "*"))
		}
		comment := strings.Join(words, " ")
		switch entries[number].weight {
		case -strong:
			require.Equal(t, Angry, toneIn(comment), comment)
		case strong:
			require.Equal(t, Pleased, toneIn(comment), comment)
		}
	}
}

// said are the words of a text.
func said(text string) (words []string) {
	for _, c := range tokens(text).clauses {
		for _, w := range c.words {
			words = append(words, w.text)
		}
	}
	return words
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "I won't cancel", "l’avocat", "résilier\u0301", "n'", "'t", "don'", "ß", "\xff", "will cancel", "👍👎", "don’t’t", "Ça n't"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, comment string) {
		r := Read(nil, comment, "fr")
		if math.IsNaN(r.Sentiment) || math.Abs(r.Sentiment) > 1 || r.Confidence < 0.5 || r.Confidence > MostByLexicon {
			t.Errorf("%q: sentiment %v, confidence %v", comment, r.Sentiment, r.Confidence)
		}
		for _, e := range r.Evidence {
			if e.From < 0 || e.From >= e.To || e.To > len(comment) {
				t.Errorf("%q: evidence at %d to %d", comment, e.From, e.To)
			}
		}
		if isASCII(comment) && r.Tone != Read(nil, strings.ToUpper(strings.ToLower(comment)), "fr").Tone {
			t.Errorf("%q: the tone depends on capitals", comment)
		}
		for _, word := range said(comment) {
			if word == "" || strings.ContainsAny(word, " '’\n") {
				t.Errorf("%q holds the word %q", comment, word)
			}
		}
	})
}

func isASCII(s string) bool {
	for _, r := range s {
		if r >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
