package text

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// evident are the words by which the sentiment was told.
func evident(comment string, r Reading) (words []string) { return evidentOf(comment, r, "") }

// evidentOf are the words by which a topic was found.
func evidentOf(comment string, r Reading, topic string) (words []string) {
	for _, e := range r.Evidence {
		if e.Topic != topic {
			continue
		}
		words = append(words, comment[e.From:e.To])
	}
	return words
}

func TestSentimentByLexicon(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		comment  string
		from, to float64
		evidence []string
	}{
		{"The support is very friendly", 0.4, 1, []string{"friendly"}},
		{"The support is not friendly", -1, -0.2, []string{"friendly"}},
		{"It isn't slow", 0.2, 1, []string{"slow"}},
		{"Slow, expensive and full of bugs", -1, -0.7, []string{"Slow", "expensive", "bugs"}},
		{"Friendly people, but the product is slow and buggy", -1, -0.3, []string{"Friendly", "slow", "buggy"}},
		{"Slow at first but now it is reliable and quick", 0.3, 1, []string{"Slow", "reliable", "quick"}},
		{"Not only friendly, quick too", 0.4, 1, []string{"friendly", "quick"}},
		{"No problems at all", 0.2, 1, []string{"No problems"}},
		{"It would be nice", -0.5, -0.01, []string{"nice"}},
		{"Je ne suis pas satisfait du délai", -1, -0.2, []string{"pas satisfait"}},
		{"Aucun problème, équipe réactive", 0.4, 1, []string{"Aucun problème", "réactive"}},
		{"J'aime pas", -1, -0.2, []string{"aime"}},
		{"Der Service war nicht gut", -1, -0.2, []string{"nicht gut"}},
		{"Keine Probleme, schnell und freundlich", 0.5, 1, []string{"Keine Probleme", "schnell", "freundlich"}},
		{"Gefällt mir nicht", -1, -0.2, []string{"Gefällt"}},
		{"No me gusta, es caro", -1, -0.4, []string{"No me gusta", "caro"}},
		{"Sin problemas y muy amables", 0.4, 1, []string{"Sin problemas", "amables"}},
		{"👍", 0.3, 1, []string{"👍"}}, {"Support 😡", -1, -0.3, []string{"😡"}},
		{"It is a table", 0, 0, nil}, {"", 0, 0, nil},
		{"I would definitely recommend you", 0.2, 1, []string{"would definitely recommend"}},
		{"I would not recommend it", -1, -0.5, []string{"not recommend it"}},
		{"I wouldn't hesitate to recommend you", 0.2, 1, []string{"wouldn't hesitate to recommend"}},
		{"I can't recommend them highly enough", 0.2, 1, []string{"can't recommend them highly enough"}},
		{"Ich kann Sie niemandem empfehlen", -1, -0.2, []string{"kann Sie niemandem empfehlen"}},
		{"It couldn't be better", 0.2, 1, []string{"couldn't be better"}},
		{"It could be better", -1, -0.2, []string{"could be better"}},
		{"Far from perfect", -1, -0.2, []string{"Far from perfect"}},
		{"Not without problems", -1, -0.2, []string{"Not without problems"}},
		{"Thanks for nothing", -1, -0.2, []string{"Thanks for nothing"}},
		{"Je recommanderais à tous", 0.2, 1, []string{"recommanderais"}},
		{"Je n'hésiterai pas à vous recommander", 0.2, 1, []string{"hésiterai pas à vous recommander"}},
		{"Peut mieux faire", -1, -0.2, []string{"Peut mieux"}},
		{"On ne peut pas faire mieux", 0.2, 1, []string{"peut pas faire mieux"}},
		{"Ich würde Sie weiterempfehlen", 0.2, 1, []string{"würde Sie weiterempfehlen"}},
		{"Würde ich nicht weiterempfehlen", -1, -0.5, []string{"nicht weiterempfehlen"}},
		{"Kann mich nicht beklagen", 0.2, 1, []string{"Kann mich nicht beklagen"}},
		{"Alles andere als gut", -1, -0.2, []string{"Alles andere als gut"}},
		{"Lo recomendaría a todos", 0.2, 1, []string{"recomendaría"}},
		{"Nunca me responden", -1, -0.2, []string{"Nunca me responden"}},
		{"https://example.com/excellent", 0, 0, nil},
	} {
		r := Read(nil, c.comment, "")
		require.True(t, c.from <= r.Sentiment && r.Sentiment <= c.to, "%q: %v", c.comment, r.Sentiment)
		require.Equal(t, c.evidence, evident(c.comment, r), c.comment)
		if len(c.evidence) == 0 {
			require.Equal(t, 0.5, r.Confidence, c.comment)
		} else {
			require.Greater(t, r.Confidence, 0.5, c.comment)
		}
		require.LessOrEqual(t, r.Confidence, MostByLexicon)
	}
}

func BenchmarkRead(b *testing.B) {
	comments := append(append(written["en"], written["fr"]...), written["de"]...)
	for i := 0; b.Loop(); i++ {
		Read(nil, comments[i%len(comments)], "en")
	}
}

func BenchmarkReadByModel(b *testing.B) {
	m, _ := Train(nil, bankComments("fr", 1000, 7))
	const comment = "mon conseiller ne rappelle jamais, trois semaines pour une réponse, l’application rame toute la journée, la facture était fausse deux fois, en panne au bout d’un mois"
	b.ReportAllocs()
	for b.Loop() {
		Read(m, comment, "fr")
	}
}
