package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/insight/card"
	"github.com/cxloop/cxloop/insight/text"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestCommentsAreCounted(t *testing.T) {
	t.Parallel()
	tally := newCommentTally()
	say := func(n int, c store.ReadComment) {
		for range n {
			c.By = "lexicon/1/x"
			tally.add(c)
		}
	}
	say(12, store.ReadComment{Band: survey.Detractor, Reading: survey.Reading{Language: "fr", Sentiment: -0.7, Topics: []string{"price", "parking"}}})
	say(8, store.ReadComment{Band: survey.Promoter, Reading: survey.Reading{Language: "en", Sentiment: 0.6, Topics: []string{"parking", "staff"}}})
	say(20, store.ReadComment{Band: survey.Promoter, Reading: survey.Reading{Language: "fr", Sentiment: 0.1}})
	say(2, store.ReadComment{Band: survey.Promoter, Reading: survey.Reading{Tone: survey.Angry, Sentiment: -0.9}})
	names := map[string]survey.Words{"parking": {"en": "Parking"}}
	var out bytes.Buffer
	require.NoError(t, tally.counted(survey.Program{ID: "nps"}, 10, names).print(&out))
	require.Equal(t, `nps: 42 comments, % that complain 33.3 [21.0, 48.4], that praise 19.0 [10.0, 33.3]
fewer than 10 are angry beside a score that is not unhappy

Topic              n     % of comments      % that complain      % that praise
parking (Parking)  20    47.6 [33.4, 62.3]  60.0 [38.7, 78.1]    40.0 [21.9, 61.3]
price (Price)      12    28.6 [17.2, 43.6]  100.0 [75.8, 100.0]  0.0 [0.0, 24.2]
staff              < 10                                          

Language  n     % of comments      % that complain    % that praise
fr        32    76.2 [61.5, 86.5]  37.5 [22.9, 54.7]  0.0 [0.0, 10.7]
en        < 10                                        
other     < 10                                        

Read by lexicon/1/x. A comment may have several topics, or none. In brackets, 95 % intervals.
`, out.String())
	body, err := json.Marshal(tally.counted(survey.Program{ID: "nps"}, 10, names))
	require.NoError(t, err)
	require.Contains(t, string(body), `{"id":"staff","name":"staff"}`, "few are not counted there either")
	out.Reset()
	require.NoError(t, tally.counted(survey.Program{}, 50, names).print(&out))
	require.Equal(t, "feedback: fewer than 50 comments can be shown.\n", out.String())
}

func TestContrarySaysWhatTheScoreDoesNot(t *testing.T) {
	t.Parallel()
	tally := newCommentTally()
	for _, c := range []store.ReadComment{
		{Band: survey.Promoter, Reading: survey.Reading{Tone: survey.Angry}},
		{Band: survey.Detractor, Reading: survey.Reading{Tone: survey.Angry}},
		{Band: survey.Detractor, Reading: survey.Reading{Tone: survey.Pleased}},
		{Reading: survey.Reading{Tone: survey.Angry}}, // feedback without a score
		{Reading: survey.Reading{Tone: survey.Pleased}},
	} {
		tally.add(c)
	}
	require.Equal(t, []int{5, 1, 1}, []int{tally.all.n, tally.angry, tally.pleased})
}

func TestTrainingInWords(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	writeTraining(&b, store.TextTraining{At: time.Date(2026, 3, 2, 3, 30, 0, 0, time.UTC), Version: "abc", Comments: 420}, []text.Trial{
		{Language: "fr", Comments: 320, Before: 0.672, Model: 0.931, Gain: 0.259, Low: 0.201, High: 0.317, Status: card.OK, Reason: "it reads better"},
		{Language: "de", Comments: 80, Status: card.ThinData, Kept: true, Reason: "too few"},
	})
	require.Equal(t, `Trained on 2026-03-02 on 420 comments. Model abc reads comments.

How many of both kinds were read rightly, % (a coin: 50), of comments that were not trained on
language  of         n    before  model  gain               status
fr        sentiment  320  67.2    93.1   25.9 [20.1, 31.7]  ok: it reads better
de        sentiment  80                                     thin_data, earlier model kept: too few
`, b.String())
}

func TestCommentsCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	require.NoError(t, w.setup().database(t.Context()))
	a, err := newApp(t.Context(), w.config, w.logger())
	require.NoError(t, err)
	read := a.comments.Reader(t.Context())
	for i := range 12 {
		_, err := a.store.SaveFeedback(t.Context(), survey.Feedback{
			ID: fmt.Sprintf("f%d", i), Source: "g2", SourceID: strconv.Itoa(i), Kind: survey.FeedbackReview, Text: "Much too expensive", At: time.Now(),
			Reading: read("Much too expensive", "en"),
		})
		require.NoError(t, err)
	}
	require.NoError(t, a.close())
	file := writeFile(t, string(w.yaml))
	counted := cxloop(t, "comments", "-c", file)
	require.Zero(t, counted.code, counted.errOut)
	require.Contains(t, counted.out, "feedback: 12 comments, % that complain 100.0 [75.8, 100.0], that praise 0.0 [0.0, 24.2]")
	require.Contains(t, counted.out, "price (Price)  12")
	require.Equal(t, "feedback: fewer than 10 comments can be shown.\n", cxloop(t, "comments", "--to", "2020-01", "-c", file).out)
	require.Contains(t, cxloop(t, "comments", "--training", "-c", file).out, "Nothing was trained yet")
	require.Equal(t, "null\n", cxloop(t, "comments", "--training", "--json", "-c", file).out)
	for _, wrong := range [][]string{{"nobody"}, {"--from", "monday"}, {"--from", "2026-02", "--to", "2026-01"}, {"won-deal-nps", "other"}} {
		got := cxloop(t, append([]string{"comments", "-c", file}, wrong...)...)
		require.Equal(t, exitUsage, got.code, got.errOut)
	}
}
