package chaos

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// call is one call of cxloop to a vendor that must not be made twice.
type call struct {
	effects []string
	began   time.Time
	ended   time.Time
	// ambiguous says how the call ended where that does not tell whether the work was
	// done; "" where it does.
	ambiguous string
}

// calls watches the vendors' stand-ins from outside.
type calls struct {
	next http.Handler
	mu   sync.Mutex
	made []call
}

const maxBody = 64 << 20

// ServeHTTP notes what mails and messages a call is about, and how it ended.
func (c *calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/mail/send") && !strings.HasSuffix(r.URL.Path, "/chat.postMessage") {
		c.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil { // the worker was killed while it wrote
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	made := call{effects: effectsIn(r.URL.Path, body), began: time.Now()}
	answer := &watched{ResponseWriter: w}
	defer func() {
		made.ended, made.ambiguous = time.Now(), ambiguous(answer.status, r.Context())
		c.mu.Lock()
		defer c.mu.Unlock()
		c.made = append(c.made, made)
	}()
	c.next.ServeHTTP(answer, r)
}

func ambiguous(status int, caller context.Context) string {
	switch {
	case status == 0:
		return "the vendor gave no answer"
	case caller.Err() != nil:
		return "the worker did not hear the answer"
	case status >= http.StatusInternalServerError:
		return fmt.Sprintf("the vendor answered %d", status)
	}
	return ""
}

// watched keeps the status; 0 is an answer that was never written.
type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(body []byte) (int, error) {
	w.status = cmp.Or(w.status, http.StatusOK)
	return w.ResponseWriter.Write(body)
}

// caseButton is the value of a case's button: the case and its revision.
var caseButton = regexp.MustCompile(`"value":\s*"([A-Za-z0-9_-]+)\.\d+"`)

// effectsIn are the keys of the effects that a call is to have.
func effectsIn(path string, body []byte) (keys []string) {
	if strings.HasSuffix(path, "/chat.postMessage") {
		text := string(body)
		if form, err := url.ParseQuery(text); err == nil && form.Has("blocks") {
			text = form.Get("blocks")
			if key := effectNamed([]byte(form.Get("metadata"))); key != "" {
				return append(keys, key)
			}
		}
		if id := caseIn([]byte(text)); id != "" {
			keys = append(keys, "slack/case/"+id)
		}
		return keys
	}
	var mail struct {
		CustomArgs       map[string]string `json:"custom_args"`
		Personalizations []struct {
			CustomArgs map[string]string `json:"custom_args"`
		} `json:"personalizations"`
	}
	if json.Unmarshal(body, &mail) != nil {
		return nil
	}
	for _, p := range mail.Personalizations {
		args := map[string]string{}
		for _, from := range []map[string]string{mail.CustomArgs, p.CustomArgs} {
			for name, value := range from {
				args[name] = value
			}
		}
		keys = append(keys, fmt.Sprintf("mail/%s/%s", args["cxloop_kind"], args["cxloop_id"]))
	}
	return keys
}

// caseIn is the id of the case that a message's buttons are of, or "".
func caseIn(blocks []byte) string {
	if match := caseButton.FindSubmatch(blocks); match != nil {
		return string(match[1])
	}
	return ""
}

// of returns the calls for an effect.
func (c *calls) of(effect string) (found []call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, made := range c.made {
		for _, key := range made.effects {
			if key == effect {
				found = append(found, made)
			}
		}
	}
	return found
}
