package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cxloop/cxloop/survey"
)

// FuzzAnswer sends any body to the code that reads an answer: what it takes is
// within the rules, and what it refuses says why.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"score=9", "score=9&comment=good&done=1", "score=&comment=", "score=1&score=2", "score=%39", "score=+9", "score=९",
		"score=9&question=causes&answer=price&answer=other&other=x", "score=2&question=serious&answer=5&again=1", "score=2&question=serious",
		"score=2&question=fair&answer=a%0D%0Ab", "score=2&question=fair&answer=%ff", "score=2&question=&answer=a", "score=1&question=causes&other=%00",
		"score=9;comment=x", "%zz", "score=9&comment=%ff", "score=9&comment=%00", "score=99999999999999999999",
	} {
		f.Add("application/x-www-form-urlencoded", body)
	}
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"score\"\r\n\r\n9\r\n--x--\r\n")
	f.Add("multipart/form-data", "")
	v := visit{letter: letter{program: programs()[2]}}
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest(http.MethodPost, "/s/token?score=5", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		form, err := readForm(httptest.NewRecorder(), r)
		var got survey.Answer
		if err == nil {
			got, err = v.answer(form)
		}
		if err != nil {
			if p, ok := errors.AsType[*formProblem](err); !ok || p.status < 400 || p.status > 499 || p.text == "" {
				t.Errorf("%q: %v is not for the person who sent it", body, err)
			}
			return
		}
		if got.Score < 0 || got.Score > 10 || !utf8.ValidString(got.Comment) || strings.ContainsRune(got.Comment, 0) ||
			utf8.RuneCountInString(got.Comment) > survey.MaxComment {
			t.Errorf("%q: taken as %+v", body, got)
		}
		for id, answer := range got.Answers {
			question, asked := v.program.Question(id)
			again, err := question.Answer(answer.Chosen, answer.Text)
			if !asked || len(got.Answers) > 1 || err != nil || !reflect.DeepEqual(again, answer) {
				t.Errorf("%q: taken as %+v, %v", body, got, err)
			}
		}
	})
}
