package text

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
)

// accuracy is the balanced accuracy on reviews, of signs of sentiments.
func accuracy(m *Model, language string) float64 {
	out := 0.0
	for kind, comments := range reviews[language] {
		for _, comment := range comments {
			out += right(Read(m, comment, language).Sentiment, 2*kind-1) / float64(len(comments)) / 2
		}
	}
	return out
}

// What is measured here is kept below the figures found, .59 and .58 of the lexicon, .78 and
// .75 of the model: comments without a word that praises or complains are the usual ones.
func TestModelOfReviews(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"fr", "de"} {
		m, trials := Train(nil, bankComments(language, 600, 7))
		require.Equal(t, card.OK, trials[0].Status)
		require.Greater(t, trials[0].Model, 0.9, "on comments of the kind that it was trained on")
		lexicon, model := accuracy(nil, language), accuracy(m, language)
		t.Logf("%s: lexicon %.2f, model %.2f on reviews that neither has seen", language, lexicon, model)
		require.Greater(t, lexicon, 0.55, language)
		require.Greater(t, model, lexicon+0.1, language)
	}
}

// A tone is given where at most two comments in a hundred with the opposite score are beyond.
func TestTonesOfModelAreRare(t *testing.T) {
	t.Parallel()
	m, _ := Train(nil, bankComments("fr", 1500, 7))
	c := m.Languages["fr"]
	require.Less(t, c.Angry, -leastTone)
	require.Greater(t, c.Pleased, leastTone)
	angry, happy := 0, 0
	for _, e := range bankComments("fr", 1500, 8) {
		if e.Score > 0 {
			happy++
			if Read(m, e.Comment, "fr").Tone == Angry {
				angry++
			}
		}
	}
	require.Less(t, float64(angry)/float64(happy), 0.03, "of those, one in twenty complains beside a happy score")
	require.Positive(t, angry)
	require.Equal(t, Angry, Read(m, "Carte bloquée sans prévenir, agios injustifiés, l’application rame", "fr").Tone)
	few, _ := Train(nil, bankComments("fr", 120, 7))
	require.Zero(t, few.Languages["fr"].Pleased, "too few unhappy ones to say")
}

// A comment of words that a model does not know is not read by what is usual.
func TestModelReadsWhatItKnows(t *testing.T) {
	t.Parallel()
	examples := slices.DeleteFunc(bankComments("fr", 1200, 7), func(e Example) bool { return e.Score < 0 && e.Person[len(e.Person)-1]%4 != 0 })
	m, trials := Train(nil, examples)
	require.Equal(t, card.OK, trials[0].Status)
	for _, comment := range []string{"ok", "xyzzy", "👍", "Excellent"} {
		require.Equal(t, Read(nil, comment, "fr"), Read(m, comment, "fr"), comment)
	}
	for _, e := range examples {
		for _, word := range said(e.Comment) {
			if r := Read(m, word, "fr"); r.Tone != Read(nil, word, "fr").Tone {
				t.Fatalf("%q alone is %s", word, r.Tone)
			}
		}
	}
}

func TestTrainIsDeterministic(t *testing.T) {
	t.Parallel()
	examples := bankComments("fr", 300, 3)
	m, trials := Train(nil, examples)
	mixed := slices.Clone(examples)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	again, same := Train(nil, mixed)
	require.Equal(t, trials, same)
	require.Equal(t, m, again)
	require.NotEmpty(t, m.Version)
}

func TestModelIsKept(t *testing.T) {
	t.Parallel()
	m, _ := Train(nil, bankComments("de", 300, 3))
	body, err := json.Marshal(m)
	require.NoError(t, err)
	var back Model
	require.NoError(t, json.Unmarshal(body, &back))
	require.Equal(t, *m, back)
	require.Equal(t, Read(m, reviews["de"][0][0], "de"), Read(&back, reviews["de"][0][0], "de"))
	for _, bad := range []string{`{"languages":{"de":{"Buckets":[1],"Weights":[]}}}`, `{"languages":{"de":{"Buckets":[131072],"Weights":[1]}}}`} {
		require.Error(t, json.Unmarshal([]byte(bad), &back), bad)
	}
}

func TestTrainRefuses(t *testing.T) {
	t.Parallel()
	few := bankComments("fr", 99, 3)
	random := bankComments("fr", 400, 3)
	r := rand.New(rand.NewPCG(9, 9))
	for i := range random {
		random[i].Score = 2*r.IntN(2) - 1
	}
	oneSided := bankComments("fr", 300, 3)
	for i := range oneSided {
		oneSided[i].Score = 1
	}
	for name, c := range map[string]struct {
		examples []Example
		want     card.Status
	}{
		"too few": {few, card.ThinData}, "scores that say nothing": {random, card.NotBetterThanBase}, "one kind alone": {oneSided, card.ThinData},
	} {
		m, trials := Train(nil, c.examples)
		require.Equal(t, c.want, trials[0].Status, name)
		require.Empty(t, m.Languages, name)
		require.Empty(t, m.Version, name)
	}
	m, trials := Train(nil, nil)
	require.Empty(t, trials)
	require.Empty(t, m.Version)
}

// A bad fit never replaces a good one, and a good one not before it is shown to be as good.
func TestEarlierModelStays(t *testing.T) {
	t.Parallel()
	old := bankComments("fr", 400, 3)
	m, _ := Train(nil, old)
	same, trials := Train(m, old)
	require.Equal(t, m.Version, same.Version, "nothing was written since")
	require.True(t, trials[0].Kept)
	thin, _ := Train(m, old[:50])
	require.Equal(t, m.Version, thin.Version)
	noise := slices.Clone(old)
	for i := range noise {
		noise[i].Score = 1 - 2*(i%2)
	}
	bad, trials := Train(m, noise)
	require.Equal(t, card.NotBetterThanBase, trials[0].Status)
	require.Equal(t, m.Version, bad.Version)

	newer := bankComments("fr", 800, 4)
	for i := range newer {
		newer[i].At += 400
	}
	better, trials := Train(m, append(slices.Clone(old), newer...))
	require.NotEqual(t, m.Version, better.Version, trials)
	require.Equal(t, 1200, better.Languages["fr"].Comments)
}

// What fewer than three people wrote is in no model.
func TestModelKnowsNoNames(t *testing.T) {
	t.Parallel()
	examples := bankComments("fr", 300, 3)
	for i := range 30 {
		examples[i].Comment += " zyxwolski"
		examples[i].Person = "the same"
	}
	with, _ := Train(nil, examples)
	for i := range 30 {
		examples[i].Person = "p" + strconv.Itoa(i)
	}
	public, _ := Train(nil, examples)
	bucket := bucketOf(hashed(startWord, "zyxwolski"))
	require.Zero(t, with.Languages["fr"].weights[bucket])
	require.NotZero(t, public.Languages["fr"].weights[bucket])
}

func TestEvidenceOfModel(t *testing.T) {
	t.Parallel()
	m, _ := Train(nil, bankComments("fr", 600, 7))
	comment := "Bonjour, l’agence est fermée et les frais sont abusifs"
	r := Read(m, comment, "fr")
	require.Less(t, r.Sentiment, -0.5)
	require.Greater(t, r.Confidence, MostByLexicon)
	require.Contains(t, evident(comment, r), "abusifs")
	for _, comment := range []string{"", "👍", "ok", "東京"} {
		r := Read(m, comment, "fr")
		require.False(t, math.IsNaN(r.Sentiment), comment)
	}
}

// What leaves no doubt is told beside what the model makes of the comment.
func TestToneBesideModel(t *testing.T) {
	t.Parallel()
	m, _ := Train(nil, bankComments("fr", 600, 7))
	comment := "Prêt accordé en une semaine, mais plus jamais"
	r := Read(m, comment, "fr")
	require.Equal(t, Angry, r.Tone)
	require.Contains(t, evident(comment, r), "plus jamais")
}

func TestTopicsOfModel(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 5))
	var examples []Example
	for i := range 400 {
		topic, other := "wallet", "nothing of it"
		said := []string{"the zorb does not open", "zorb closed again", "my zorb is slow"}
		if i%2 == 0 {
			topic, other = "staff", "they never answer"
			said = []string{"the people were rude", "nobody greeted us", "staff looked away"}
		}
		examples = append(examples, Example{
			Comment: said[random.IntN(3)] + " and " + other, Hint: "en", Person: strconv.Itoa(i), At: float64(i), Asked: true, Topics: []string{topic},
		})
	}
	m, trials := Train(nil, examples)
	require.Len(t, trials, 2)
	for _, trial := range trials {
		require.Equal(t, card.OK, trial.Status, trial)
		require.Greater(t, trial.Precision, 0.9)
	}
	comment := "Where did the zorb go"
	r := Read(m, comment, "en")
	require.Equal(t, []string{"wallet"}, r.Topics)
	require.Contains(t, evidentOf(comment, r, "wallet"), "zorb")
	kept, trials := Train(m, examples[:90])
	require.Equal(t, m.Version, kept.Version)
	require.True(t, trials[0].Kept)
}
