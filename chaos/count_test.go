package chaos

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCountSaysWhatIsBroken(t *testing.T) {
	t.Parallel()
	var c count
	c.must("mails lost", nil)
	require.Empty(t, c.broken)
	c.must("mails sent twice", moreThanOnce(map[string]int{"invite/A": 2, "invite/B": 1, "ask/A": 3}))
	require.Equal(t, []string{"mails sent twice: 2"}, c.broken)
	require.Equal(t, []string{"mails lost: 0", "mails sent twice: 2", "  ask/A: 3 times", "  invite/A: 2 times"}, c.lines)
}

const (
	mailPath  = "/sendgrid/v3/mail/send"
	slackPath = "/slack/api/chat.postMessage"
)

func TestEffectsOfACall(t *testing.T) {
	t.Parallel()
	mail := `{"custom_args":{"cxloop_kind":"invite"},"personalizations":[{"custom_args":{"cxloop_id":"A"}},{"custom_args":{"cxloop_id":"B","cxloop_kind":"ask"}}]}`
	require.Equal(t, []string{"mail/invite/A", "mail/ask/B"}, effectsIn(mailPath, []byte(mail)))
	blocks := `[{"type":"actions","elements":[{"type":"button","value":"CASE7.1"}]}]`
	require.Equal(t, []string{"slack/case/CASE7"}, effectsIn(slackPath, []byte(url.Values{"blocks": {blocks}}.Encode())))
	require.Equal(t, []string{"slack/case/CASE7"}, effectsIn(slackPath, []byte(`{"blocks":`+blocks+`}`)))
	require.Empty(t, effectsIn(slackPath, []byte(`text=hello`)))
	require.Empty(t, effectsIn(mailPath, []byte(`{`)))
}

// An effect is unknown for a reason when the vendor did not say, or when nobody was
// there to hear it.
func TestEffectsInTheCRM(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"score 2<br>[cxloop case AB2]":                  "crm/case/AB2",
		"Case opened.<br>[cxloop case AB2, after 0]":    "crm/note/AB2/0",
		"[cxloop case X, after 9]<br>[cxloop case AB2]": "crm/case/AB2",
		"somebody's own [cxloop case AB2] with more":    "crm/a text without a mark",
	} {
		require.Equal(t, want, filedEffect(body))
	}
}

func TestAmbiguous(t *testing.T) {
	t.Parallel()
	answers := map[string]func(http.ResponseWriter){
		"good":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) },
		"short":  func(w http.ResponseWriter) { _, _ = io.WriteString(w, "ok") },
		"late":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"failed": func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"cut":    func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	}
	watch := &calls{next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers[r.Header.Get("Answer")](w) })}
	server := httptest.NewServer(watch)
	defer server.Close()
	for answer := range answers {
		body := `{"personalizations":[{"custom_args":{"cxloop_kind":"invite","cxloop_id":"` + answer + `"}}]}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+mailPath, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Answer", answer)
		resp, err := server.Client().Do(req)
		require.Equal(t, answer == "cut", err != nil)
		if err == nil {
			require.NoError(t, resp.Body.Close())
		}
	}
	r := run{world: &world{calls: watch}, aged: map[string]time.Time{"mail/invite/never": time.Now()}}
	for _, effect := range []string{"mail/invite/good", "mail/invite/short", "mail/invite/late", "mail/invite/never"} {
		require.Empty(t, r.ambiguous(effect), effect)
	}
	for _, effect := range []string{"mail/invite/failed", "mail/invite/cut"} {
		require.NotEmpty(t, r.ambiguous(effect), effect)
	}
	r.struck = []time.Time{time.Now()}
	require.NotEmpty(t, r.ambiguous("mail/invite/good"))
	require.NotEmpty(t, r.ambiguous("mail/invite/never"))
	r.struck = []time.Time{time.Now().Add(time.Hour)}
	require.Empty(t, r.ambiguous("mail/invite/good"))
}
