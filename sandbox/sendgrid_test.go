package sandbox

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sendgrid/rest"
	"github.com/sendgrid/sendgrid-go"
	"github.com/sendgrid/sendgrid-go/helpers/mail"
	"github.com/stretchr/testify/require"
)

// send uses a client of its own: a shared one mixes up bodies.
func (st *stand) send(m *mail.SGMailV3) (*rest.Response, error) {
	client := sendgrid.NewSendClient(sendGridKey)
	client.BaseURL = st.url + "/sendgrid/v3/mail/send"
	return client.SendWithContext(st.t.Context(), m)
}

func npsMail(recipients ...string) *mail.SGMailV3 {
	m := mail.NewV3Mail()
	m.SetFrom(mail.NewEmail("Acme", "cx@acme.example"))
	m.Subject = "One question, -first-"
	m.AddContent(mail.NewContent("text/plain", "Hello -first-: -link-"), mail.NewContent("text/html", `<a href="-link-">-first-</a>`))
	m.AddCategories("nps")
	m.SetHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	m.SetCustomArg("program", "post-deal")
	for i, to := range recipients {
		p := mail.NewPersonalization()
		p.AddTos(mail.NewEmail("", to))
		p.SetSubstitution("-first-", fmt.Sprint("Person ", i))
		p.SetSubstitution("-link-", fmt.Sprint("https://cx.example/s/", i))
		p.SetHeader("List-Unsubscribe", "<-link->")
		p.SetCustomArg("invitation_id", fmt.Sprint("inv-", i))
		m.AddPersonalizations(p)
	}
	return m
}

func TestSendGridDeliversToEachRecipient(t *testing.T) {
	t.Parallel()
	st := newStand(t, nil)
	at := st.clock.now().Add(71 * time.Hour).Truncate(time.Second)
	m := npsMail("a@x.example", "B@x.example")
	m.SetSendAt(int(at.Unix()))
	m.Personalizations[0].AddCCs(mail.NewEmail("", "boss@x.example"))
	m.SetReplyTo(mail.NewEmail("Help", "help@acme.example"))
	resp, err := st.send(m)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, resp.StatusCode, resp.Body)
	require.Empty(t, resp.Body)
	require.Len(t, resp.Headers["X-Message-Id"], 1)

	state := st.s.Snapshot()
	require.Len(t, state.Mails, 3)
	require.Len(t, state.MailsTo("boss@x.example"), 1)
	got := state.MailsTo("b@x.example")[0]
	require.Equal(t, resp.Headers["X-Message-Id"][0], got.SendID)
	require.Equal(t, "One question, Person 1", got.Subject)
	require.Equal(t, "Hello Person 1: https://cx.example/s/1", got.Text())
	require.Equal(t, `<a href="https://cx.example/s/1">Person 1</a>`, got.HTML())
	require.Equal(t, map[string]string{"List-Unsubscribe": "<https://cx.example/s/1>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}, got.Headers)
	require.Equal(t, map[string]string{"program": "post-deal", "invitation_id": "inv-1"}, got.CustomArgs)
	require.Equal(t, Address{Email: "cx@acme.example", Name: "Acme"}, got.From)
	require.Equal(t, []Address{{Email: "help@acme.example", Name: "Help"}}, got.ReplyTo)
	require.True(t, at.Equal(got.SendAt))
	require.Empty(t, st.refusals())
}

func TestSendGridTakesTheLargestCall(t *testing.T) {
	t.Parallel()
	st := newStand(t, nil)
	to := make([]string, 1000)
	for i := range to {
		to[i] = fmt.Sprintf("p%d@x.example", i)
	}
	resp, err := st.send(npsMail(to...))
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, resp.StatusCode, resp.Body)
	require.EqualValues(t, 1000, st.s.Snapshot().Counts.Mails)
}

func TestSendGridAcceptsGzipAndItsOwnSandboxMode(t *testing.T) {
	t.Parallel()
	st := newStand(t, nil)
	m := npsMail("a@x.example")
	client := sendgrid.NewSendClient(sendGridKey)
	client.BaseURL = st.url + "/sendgrid/v3/mail/send"
	client.Headers["Content-Encoding"] = "gzip"
	resp, err := client.SendWithContext(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, resp.StatusCode, resp.Body)

	on := true
	m.SetMailSettings(mail.NewMailSettings().SetSandboxMode(mail.NewSetting(on)))
	resp, err = st.send(m)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, resp.Body)
	require.EqualValues(t, 1, st.s.Snapshot().Counts.Mails)
}

// plainMail is the smallest valid body, as JSON values that a test changes.
func plainMail() args {
	return args{
		"personalizations": []any{args{"to": []any{args{"email": "a@x.example"}}}},
		"from":             args{"email": "cx@acme.example"},
		"subject":          "One question",
		"content":          []any{args{"type": "text/plain", "value": "Hello"}},
	}
}

func (st *stand) sendRaw(m args) (*http.Response, map[string]any) {
	st.t.Helper()
	raw, err := json.Marshal(m)
	require.NoError(st.t, err)
	return st.post("/sendgrid/v3/mail/send", "application/json", string(raw), http.Header{"Authorization": {"Bearer " + sendGridKey}})
}

func TestSendGridRefuses(t *testing.T) {
	t.Parallel()
	envelope := func(change args) args {
		p := args{"to": []any{args{"email": "a@x.example"}}}
		for k, v := range change {
			p[k] = v
		}
		return args{"personalizations": []any{p}}
	}
	many := func(n int) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = args{"email": fmt.Sprintf("p%d@x.example", i)}
		}
		return out
	}
	part := func(kind, value string) args { return args{"type": kind, "value": value} }
	words := func(n int) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = fmt.Sprint("c", i)
		}
		return out
	}
	email := func(a string) args { return args{"email": a} }
	in72h := newTestClock().now().Add(72 * time.Hour).Unix()
	for name, tc := range map[string]struct {
		rule, field string
		// bad and good replace top-level keys of a valid request; nil removes one.
		bad, good args
	}{
		"no personalization":     {"personalizations_min", "personalizations", args{"personalizations": []any{}}, nil},
		"1001 personalizations":  {"personalizations_max", "personalizations", args{"personalizations": repeat(1001, envelope(nil)["personalizations"].([]any)[0])}, nil},
		"1001 recipients":        {"recipients_max", "personalizations", envelope(args{"to": many(999), "cc": []any{email("x@y.example"), email("z@y.example")}}), envelope(args{"to": many(999), "cc": []any{email("x@y.example")}})},
		"nobody":                 {"to_required", "personalizations.0.to", envelope(args{"to": []any{}}), nil},
		"null envelope":          {"to_required", "personalizations.0.to", args{"personalizations": []any{nil}}, nil},
		"address":                {"address", "personalizations.0.to.0.email", envelope(args{"to": []any{email("not an address")}}), nil},
		"address with a name":    {"address", "personalizations.0.to.0.email", envelope(args{"to": []any{email("A <a@x.example>")}}), envelope(args{"to": []any{args{"email": "a@x.example", "name": "A"}}})},
		"bcc address":            {"address", "personalizations.0.bcc.0.email", envelope(args{"bcc": []any{email("")}}), nil},
		"same address twice":     {"address_unique", "personalizations.0", envelope(args{"to": []any{email("a@x.example"), email("A@X.example")}}), nil},
		"same address in bcc":    {"address_unique", "personalizations.0", envelope(args{"bcc": []any{email("a@x.example")}}), nil},
		"no sender":              {"from_required", "from.email", args{"from": nil}, nil},
		"sender's address":       {"from_address", "from.email", args{"from": email("cx")}, nil},
		"envelope's sender":      {"from_address", "personalizations.0.from.email", envelope(args{"from": email("cx")}), envelope(args{"from": email("cx@acme.example")})},
		"reply-to":               {"reply_to", "reply_to.email", args{"reply_to": email("x")}, nil},
		"both reply-tos":         {"reply_to", "reply_to_list", args{"reply_to": email("x@y.example"), "reply_to_list": []any{email("x@y.example")}}, args{"reply_to_list": []any{email("x@y.example")}}},
		"no subject":             {"subject_required", "subject", args{"subject": nil}, args{"subject": nil, "personalizations": envelope(args{"subject": "Own"})["personalizations"]}},
		"no content":             {"content_required", "content", args{"content": []any{}}, nil},
		"empty content":          {"content_value", "content.0.value", args{"content": []any{part("text/plain", "")}}, nil},
		"content without type":   {"content_type", "content.0.type", args{"content": []any{part("", "x")}}, nil},
		"HTML before text":       {"content_order", "content", args{"content": []any{part("text/html", "x"), part("text/plain", "x")}}, args{"content": []any{part("text/plain", "x"), part("text/html", "x")}}},
		"other before HTML":      {"content_order", "content", args{"content": []any{part("text/calendar", "x"), part("text/html", "x")}}, nil},
		"text twice":             {"content_order", "content", args{"content": []any{part("text/plain", "x"), part("text/plain", "y")}}, nil},
		"template":               {"template", "template_id", args{"template_id": "d-1"}, nil},
		"unknown key":            {"unknown_key", "priority", args{"priority": 1}, nil},
		"unknown key inside":     {"unknown_key", "phone", envelope(args{"to": []any{args{"email": "a@x.example", "phone": "1"}}}), nil},
		"legacy sections":        {"unknown_key", "sections", args{"sections": args{"a": "b"}}, nil},
		"custom arg a number":    {"type", "custom_args", args{"custom_args": args{"n": 1}}, args{"custom_args": args{"n": "1"}}},
		"custom args a string":   {"type", "custom_args", args{"custom_args": "x"}, nil},
		"envelope's custom arg":  {"type", "personalizations.custom_args", envelope(args{"custom_args": args{"n": true}}), nil},
		"custom args large":      {"custom_args_max", "personalizations.0.custom_args", args{"custom_args": args{"a": strings.Repeat("x", 10_000-7)}}, args{"custom_args": args{"a": strings.Repeat("x", 10_000-8)}}},
		"custom args together":   {"custom_args_max", "personalizations.0.custom_args", args{"custom_args": args{"a": strings.Repeat("x", 5_000)}, "personalizations": envelope(args{"custom_args": args{"b": strings.Repeat("x", 5_000)}})["personalizations"]}, nil},
		"substitutions large":    {"substitutions_max", "personalizations.0.substitutions", envelope(args{"substitutions": args{"a": strings.Repeat("x", 10_000-7)}}), envelope(args{"substitutions": args{"a": strings.Repeat("x", 10_000-8)}})},
		"11 categories":          {"categories_max", "categories", args{"categories": words(11)}, args{"categories": words(10)}},
		"same category twice":    {"categories_unique", "categories", args{"categories": []any{"a", "a"}}, nil},
		"reserved header":        {"header_reserved", "headers.X-SG-ID", args{"headers": args{"X-SG-ID": "1"}}, args{"headers": args{"X-Program": "1"}}},
		"envelope's header":      {"header_reserved", "personalizations.0.headers.reply-to", envelope(args{"headers": args{"reply-to": "a@x.example"}}), nil},
		"header with line break": {"header", "headers", args{"headers": args{"X-A": "1\r\nX-B: 2"}}, nil},
		"header with space":      {"header", "headers", args{"headers": args{"X A": "1"}}, nil},
		"later than 72 hours":    {"send_at_max", "send_at", args{"send_at": in72h + 1}, args{"send_at": in72h}},
		"envelope's send_at":     {"send_at_max", "personalizations.0.send_at", envelope(args{"send_at": in72h + 1}), nil},
		"send_at a string":       {"type", "send_at", args{"send_at": "soon"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStand(t, nil)
			with := func(change args) args {
				m := plainMail()
				for k, v := range change {
					if m[k] = v; v == nil {
						delete(m, k)
					}
				}
				return m
			}
			resp, answer := st.sendRaw(with(tc.bad))
			require.Equal(t, http.StatusBadRequest, resp.StatusCode)
			first := answer["errors"].([]any)[0].(args)
			require.Equal(t, tc.field, first["field"])
			require.NotEmpty(t, first["message"])
			require.Equal(t, "sendgrid/"+tc.rule, st.lastRefusal().Rule)
			require.Empty(t, st.s.Snapshot().Mails)
			if tc.good != nil {
				resp, answer = st.sendRaw(with(tc.good))
				require.Equal(t, http.StatusAccepted, resp.StatusCode, "%v", answer)
			}
		})
	}
}

func TestSendGridReservedHeaders(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"x-sg-id", "x-sg-eid", "received", "dkim-signature", "Content-Type", "Content-Transfer-Encoding", "To", "From", "Subject", "Reply-To", "CC", "BCC"} {
		m := &mailRequest{Headers: map[string]string{name: "x"}}
		e := m.checkHeaders(time.Time{})
		require.NotNil(t, e, name)
		require.Equal(t, "sendgrid/header_reserved", e.rule)
	}
}

func TestSendGridRequests(t *testing.T) {
	t.Parallel()
	valid, err := json.Marshal(plainMail())
	require.NoError(t, err)
	var bomb bytes.Buffer
	zw := gzip.NewWriter(&bomb)
	_, err = zw.Write(bytes.Repeat([]byte(" "), sendGridBodyMax+1))
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	header := func(pairs ...string) http.Header {
		h := http.Header{"Authorization": {"Bearer " + sendGridKey}}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	for name, tc := range map[string]struct {
		path, kind, body string
		header           http.Header
		status           int
		rule             string
	}{
		"no key":       {"mail/send", "application/json", string(valid), nil, http.StatusUnauthorized, "auth"},
		"wrong key":    {"mail/send", "application/json", string(valid), header("Authorization", "Bearer SG.other"), http.StatusUnauthorized, "auth"},
		"content type": {"mail/send", "text/plain", string(valid), header(), http.StatusUnsupportedMediaType, "content_type"},
		"truncated":    {"mail/send", "application/json", string(valid[:len(valid)-1]), header(), http.StatusBadRequest, "json"},
		"two values":   {"mail/send", "application/json", string(valid) + "{}", header(), http.StatusBadRequest, "json"},
		"not gzip":     {"mail/send", "application/json", string(valid), header("Content-Encoding", "gzip"), http.StatusBadRequest, "body"},
		"gzip bomb":    {"mail/send", "application/json", bomb.String(), header("Content-Encoding", "gzip"), http.StatusRequestEntityTooLarge, "body_max"},
		"30 MB":        {"mail/send", "application/json", strings.Repeat(" ", sendGridBodyMax+1), header(), http.StatusRequestEntityTooLarge, "body_max"},
		"path":         {"mail/sent", "application/json", string(valid), header(), http.StatusNotFound, "path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStand(t, nil)
			resp, answer := st.post("/sendgrid/v3/"+tc.path, tc.kind, tc.body, tc.header)
			require.Equal(t, tc.status, resp.StatusCode)
			require.Len(t, answer["errors"], 1)
			require.Equal(t, "sendgrid/"+tc.rule, st.lastRefusal().Rule)
			require.Empty(t, st.s.Snapshot().Mails)
		})
	}
}

func TestSendGridRateLimit(t *testing.T) {
	t.Parallel()
	st := newStand(t, nil)
	for range sendGridPerMinute {
		resp, _ := st.sendRaw(plainMail())
		require.Equal(t, http.StatusAccepted, resp.StatusCode)
	}
	resp, answer := st.sendRaw(plainMail())
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.Equal(t, "too many requests", answer["errors"].([]any)[0].(args)["message"])
	require.Equal(t, "600", resp.Header.Get("X-RateLimit-Limit"))
	require.Equal(t, "0", resp.Header.Get("X-RateLimit-Remaining"))
	require.Equal(t, fmt.Sprint(st.clock.now().Add(time.Minute).Unix()), resp.Header.Get("X-RateLimit-Reset"))
	st.clock.advance(time.Minute)
	resp, _ = st.sendRaw(plainMail())
	require.Equal(t, http.StatusAccepted, resp.StatusCode)
	require.Equal(t, "599", resp.Header.Get("X-RateLimit-Remaining"))
}

func TestSubstitute(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in, want string
		tags     map[string]string
	}{
		"none":           {"-a-", "-a-", nil},
		"each":           {"-a- and -a-", "1 and 1", map[string]string{"-a-": "1"}},
		"longest first":  {"%name2 %name", "two one", map[string]string{"%name": "one", "%name2": "two"}},
		"not once more":  {"-a-", "-b-", map[string]string{"-a-": "-b-", "-b-": "x"}},
		"an empty tag":   {"abc", "abc", map[string]string{"": "x"}},
		"value is empty": {"a-b-c", "ac", map[string]string{"-b-": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, substitute(tc.in, tc.tags))
		})
	}
}
