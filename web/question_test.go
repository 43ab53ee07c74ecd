package web

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// asking returns an invitation to the program that asks questions, and its page.
func (s *site) asking(locale string) (id, path string) {
	s.Helper()
	id = s.inviteTo(programs()[2], locale)
	return id, s.survey(id)
}

func TestQuestionsAfterTheScore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, path := s.asking("en")
	page := s.post(path, url.Values{"score": {"2"}})
	s.has(page, 200, "<legend><h1>What mattered most?</h1></legend>", "The &lt;people&gt;", "Go on", "Thank you, Ada &lt;b&gt;!", `name="other"`)
	s.want(strings.Index(page.body, `value="other"`) > strings.LastIndex(page.body, `value="price"`), "\"other\" is not the last option")
	s.want(s.response(id).Score == 2, "the score is not safe before the questions")

	s.has(s.post(path, url.Values{"score": {"2"}, "question": {"causes"}, "answer": {"price", "other"}, "other": {" the noise "}}),
		200, "How serious is it?", "A trifle", "A disaster", `value="5" required`)
	s.has(s.post(path, url.Values{"score": {"2"}, "question": {"serious"}, "answer": {"4"}}), 200, `<label for="answer">What would be fair?`, "<textarea")
	s.has(s.post(path, url.Values{"score": {"2"}, "question": {"fair"}, "answer": {"Half\r\nof it"}}), 200, "Why?", "I am done")
	r := s.response(id)
	s.want(!r.Done && s.notified.Load() == 0, "an answer that is not done was announced")
	s.has(s.post(path, url.Values{"score": {"2"}, "comment": {"Loud."}, "done": {"1"}}),
		200, "<li>The price</li>", `<li dir="auto">the noise</li>`, "<li>4</li>", "Half\nof it", "Loud.")
	r = s.response(id)
	require.Equal(t, survey.Answers{
		"causes": {Chosen: []string{"price", "other"}, Text: "the noise"}, "serious": {Chosen: []string{"4"}}, "fair": {Text: "Half\nof it"},
	}, r.Answers)
	s.want(r.Done && r.Revision == 5 && r.Comment == "Loud.", "response %+v", r)
	s.want(len(s.items(store.TopicAnswer)["asking-nps"]) == 1, "want one answer due")
}

func TestQuestionsBranch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, path := s.asking("de")
	s.has(s.post(path, url.Values{"score": {"10"}}), 200, "Was war wichtig?", "Das Tempo")
	s.has(s.post(path, url.Values{"score": {"10"}, "question": {"causes"}, "answer": {"speed"}}), 200, "Why?", "I am done")
	s.has(s.post(path, url.Values{"score": {"10"}, "comment": {""}, "done": {"1"}}), 200, "<li>Das Tempo</li>")
	s.want(s.response(id).Revision == 3, "response %+v", s.response(id))
}

func TestQuestionMayBePassedOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, path := s.asking("en")
	s.has(s.post(path, url.Values{"score": {"8"}}), 200, "What mattered most?")
	s.has(s.post(path, url.Values{"score": {"8"}, "question": {"causes"}}), 200, "I am done")
	s.has(s.get(path), 200, "I am done") // it is not asked again
	s.want(s.response(id).Answers["causes"].Empty(), "response %+v", s.response(id))
}

func TestBackAndReloadInQuestions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, path := s.asking("en")
	causes := url.Values{"score": {"2"}, "question": {"causes"}, "answer": {"speed"}}
	s.has(s.post(path, url.Values{"score": {"2"}}), 200, "What mattered most?")
	s.has(s.post(path, causes), 200, "How serious is it?")
	s.has(s.post(path, causes), 200, "How serious is it?")          // a reload, or a second click
	s.has(s.get(path), 200, "How serious is it?")                   // the link once more
	s.has(s.post(path, url.Values{"score": {"2"}}), 200, "How ser") // another tab, still at the score
	s.want(s.response(id).Revision == 2, "the same again is a change: %+v", s.response(id))
	s.has(s.post(path, url.Values{"score": {"2"}, "question": {"serious"}, "answer": {"3"}}), 200, "I am done")
	causes.Set("answer", "people") // back, another cause
	s.has(s.post(path, causes), 200, "I am done")
	s.has(s.post(path, url.Values{"score": {"2"}, "comment": {"x"}, "done": {"1"}}), 200, "The &lt;people&gt;", "<li>3</li>")
	causes.Set("answer", "price") // back again, from the last page
	s.has(s.post(path, causes), 200, "<li>The price</li>", "<li>3</li>")
	r := s.response(id)
	s.want(r.Done && r.Comment == "x", "an old page took something back: %+v", r)
}

func TestChangeGoesThroughAllQuestions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, path := s.asking("en")
	s.has(s.post(path, url.Values{"score": {"9"}, "question": {"causes"}, "answer": {"other"}, "other": {"luck"}}), 200, "I am done")
	s.has(s.post(path, url.Values{"score": {"9"}, "comment": {"fine"}, "done": {"1"}}), 200, "luck")
	page := s.get(path + "?change=1")
	s.has(page, 200, `name="again" value="1"`, `value="9" required autocomplete="off" checked`, "Go on")
	s.want(!strings.Contains(page.body, "<textarea") && !strings.Contains(page.body, `name="done"`), "the comment comes before the questions")
	s.has(s.post(path, url.Values{"score": {"3"}, "again": {"1"}}), 200, "What mattered most?", `value="luck"`, `name="again" value="1"`)
	s.has(s.post(path, url.Values{"score": {"3"}, "again": {"1"}, "question": {"causes"}, "answer": {"speed"}}), 200, "How serious is it?")
	s.has(s.post(path, url.Values{"score": {"3"}, "again": {"1"}, "question": {"serious"}, "answer": {"5"}}), 200, ">\nfine</textarea>", "I am done")
	s.has(s.post(path, url.Values{"score": {"3"}, "comment": {"not fine"}, "done": {"1"}}), 200, "<li>The speed</li>", "<li>5</li>", "not fine")
	r := s.response(id)
	s.want(r.Band == survey.Detractor && r.Done, "response %+v", r)
	// A promoter again: how serious it is was not asked.
	page = s.post(path, url.Values{"score": {"9"}})
	s.has(page, 200, "<li>The speed</li>")
	s.want(!strings.Contains(page.body, "<li>5</li>"), "an answer that no longer counts is shown:\n%s", page.body)
}

func TestBadAnswersToQuestionsChangeNothing(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", survey.MaxOther+1)
	for _, test := range []struct {
		name    string
		form    url.Values
		message []string
	}{
		{"none where one is required", url.Values{"question": {"serious"}}, []string{`role="alert" lang="de" dir="ltr"><a href="#answer">Please choose.</a>`, `aria-describedby="problem"`, `id="answer"`}},
		{"none of those offered", url.Values{"question": {"causes"}, "answer": {"<script>"}}, []string{"answer &#34;&lt;script&gt;&#34; is none of those offered", `lang="en" dir="ltr"`}},
		{"out of the scale", url.Values{"question": {"serious"}, "answer": {"6"}}, []string{"none of those offered"}},
		{"two of one", url.Values{"question": {"serious"}, "answer": {"1", "2"}}, []string{"2 answers are chosen: want one"}},
		{"two texts", url.Values{"question": {"fair"}, "answer": {"a", "b"}}, []string{"answer is given 2 times"}},
		{"long other", url.Values{"question": {"causes"}, "other": {long}}, []string{"answer has 501 characters: at most 500 are taken", `value="` + long}},
		{"text that is none", url.Values{"question": {"fair"}, "answer": {"\xff"}}, []string{"answer is not valid UTF-8 text"}},
		{"NUL", url.Values{"question": {"fair"}, "answer": {"a\x00"}}, []string{"answer holds a NUL character"}},
		{"question of another program", url.Values{"question": {"nobody"}, "answer": {"1"}}, []string{"the survey has no such question"}},
		{"two questions", url.Values{"question": {"causes", "fair"}}, []string{"question is given 2 times"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			id, path := s.asking("de")
			before := s.kept(id)
			test.form.Set("score", "1")
			s.has(s.post(path, test.form), 422, test.message...)
			s.want(s.kept(id) == before, "the store changed from\n%s\nto\n%s", before, s.kept(id))
		})
	}
}

func TestQuestionWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, path := s.asking("en")
	s.store.broken.Store(true)
	s.has(s.post(path, url.Values{"score": {"2"}, "question": {"causes"}, "answer": {"speed"}, "other": {"my long story"}}),
		503, "could not be kept", `value="my long story"`, `value="speed"`, ` checked`)
	s.want(!strings.Contains(s.log.String(), "my long story"), "the log holds an answer")
}

// The same reader sees the same order each time; different readers see different ones.
func TestOptionsAreShuffledForEachInvitation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	order := func(body string) (ids []string) {
		for _, part := range strings.Split(body, `name="answer" value="`)[1:] {
			id, _, _ := strings.Cut(part, `"`)
			ids = append(ids, id)
		}
		return ids
	}
	var orders [][]string
	for range 12 {
		s.advance(time.Minute) // at once it would be a machine
		_, path := s.asking("en")
		ids := order(s.post(path, url.Values{"score": {"5"}}).body)
		require.Len(t, ids, 4)
		require.Equal(t, "other", ids[3])
		require.Equal(t, ids, order(s.get(path).body))
		if !slices.ContainsFunc(orders, func(o []string) bool { return slices.Equal(o, ids) }) {
			orders = append(orders, ids)
		}
	}
	require.Greater(t, len(orders), 1)
}

// A survey is read on the way, over whatever there is.
func TestPagesAreLight(t *testing.T) {
	t.Parallel()
	const most = 30 << 10
	s := newSite(t)
	_, path := s.asking("en")
	style := len(s.server.pages.style)
	for _, page := range []answer{s.get(path), s.post(path, url.Values{"score": {"5"}})} {
		s.want(len(page.body)+style < most, "page and style have %d bytes: want under %d", len(page.body)+style, most)
	}
}
