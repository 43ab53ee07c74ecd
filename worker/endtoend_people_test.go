package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// customer is a person in the CRM with a deal that is not won yet.
type customer struct {
	name, email, id, company, deal string
}

// reference is what the store knows a customer by.
func (w *world) reference(t *testing.T, c customer) string {
	t.Helper()
	return w.referenceOf(t, "hubspot", c.id)
}

// referenceOf is what the store knows a CRM's record by.
func (w *world) referenceOf(t *testing.T, crm, id string) string {
	t.Helper()
	s, err := openStore(w.config)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	reference, err := s.Reference(t.Context(), survey.RecordKey(crm, id))
	require.NoError(t, err)
	return reference
}

func (w *world) company(t *testing.T, name, tier string) string {
	t.Helper()
	company, err := w.sandbox.CreateCompany(map[string]string{"name": name, "tier": tier})
	require.NoError(t, err)
	return company.ID
}

func (w *world) customer(t *testing.T, company, firstName, language string) customer {
	t.Helper()
	email := strings.ToLower(firstName) + "@customers.example"
	contact, err := w.sandbox.CreateContact(map[string]string{
		"email": email, "firstname": firstName, "hs_language": language, "lifecyclestage": "lead",
	}, company)
	require.NoError(t, err)
	c := customer{name: firstName, email: email, id: contact.ID, company: company}
	c.deal = w.newDeal(t, c)
	return c
}

func (w *world) newDeal(t *testing.T, c customer) string {
	t.Helper()
	deal, err := w.sandbox.CreateDeal(map[string]string{"dealname": "Deal", "dealstage": "contractsent", "pipeline": "default"}, c.company, c.id)
	require.NoError(t, err)
	return deal.ID
}

func (w *world) win(t *testing.T, deal string) {
	t.Helper()
	require.NoError(t, w.sandbox.SetProperty(sandbox.Deals, deal, "dealstage", "closedwon", sandbox.SourceUser))
}

// awaitDelivery waits until cxloop has acknowledged the CRM's webhook of a change.
func (w *world) awaitDelivery(t *testing.T, property, source, value string) {
	t.Helper()
	w.await(t, "the webhook about "+property+" = "+value, func(st *sandbox.State) bool {
		for _, d := range st.Deliveries {
			for _, e := range d.Events {
				if e.PropertyName == property && e.ChangeSource == source && e.PropertyValue == value && d.Status == sandbox.DeliveryDelivered {
					return true
				}
			}
		}
		return false
	})
}

// closeTicket makes a ticket of a customer and closes it.
func (w *world) closeTicket(t *testing.T, c customer) {
	t.Helper()
	ticket, err := w.sandbox.CreateTicket(map[string]string{"subject": "It broke", "hs_pipeline": "0", "hs_pipeline_stage": "1"}, c.company, c.id)
	require.NoError(t, err)
	require.NoError(t, w.sandbox.SetProperty(sandbox.Tickets, ticket.ID, "hs_pipeline_stage", "4", sandbox.SourceUser))
}

// mail waits for a customer's mail of a kind: invite, reminder or ask.
func (w *world) mail(t *testing.T, email, kind string) *sandbox.Mail {
	t.Helper()
	var found *sandbox.Mail
	w.await(t, "a mail ("+kind+") to "+email, func(st *sandbox.State) bool {
		for _, m := range st.MailsTo(email) {
			if m.CustomArgs["cxloop_kind"] == kind {
				found = m
			}
		}
		return found != nil
	})
	return found
}

// mails returns the kinds of the mails that somebody got, oldest first.
func (w *world) mails(email string) []string {
	kinds := []string{}
	w.sandbox.Read(func(st *sandbox.State) {
		for _, m := range st.MailsTo(email) {
			kinds = append(kinds, m.CustomArgs["cxloop_kind"])
		}
	})
	return kinds
}

// link returns the mail's survey or referral link.
func link(t *testing.T, m *sandbox.Mail) string {
	t.Helper()
	found := regexp.MustCompile(`http://\S+/[sra]/[A-Za-z0-9._-]+`).FindString(m.Text())
	require.NotEmpty(t, found, "the mail %q holds no link:\n%s", m.Subject, m.Text())
	return found
}

// unsubscribeLink returns the address for mail providers (RFC 8058).
func unsubscribeLink(t *testing.T, m *sandbox.Mail) string {
	t.Helper()
	require.Equal(t, "List-Unsubscribe=One-Click", m.Headers["List-Unsubscribe-Post"])
	address := strings.Trim(m.Headers["List-Unsubscribe"], "<>")
	require.Regexp(t, `^http://\S+/u/\S+$`, address)
	return address
}

// answer is what a request was answered with.
type answer struct {
	status int
	body   string
	header http.Header
}

func (w *world) do(t *testing.T, method, url string, header http.Header, body []byte) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	require.NoError(t, err)
	req.Header = header
	resp, err := w.http.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, string(text), resp.Header}
}

func (w *world) get(t *testing.T, url string) answer {
	t.Helper()
	return w.do(t, http.MethodGet, url, http.Header{}, nil)
}

// post sends a form, given as name and value by turns.
func (w *world) post(t *testing.T, address string, fields ...string) answer {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return w.do(t, http.MethodPost, address, formHeader(), []byte(form.Encode()))
}

func formHeader() http.Header {
	return http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
}

// give answers a survey and is done.
func (w *world) give(t *testing.T, m *sandbox.Mail, score, comment string) {
	t.Helper()
	a := w.post(t, link(t, m), "score", score, "comment", comment, "done", "1")
	require.Equal(t, http.StatusOK, a.status, a.body)
}

// message waits for the only message of a channel that is about somebody and passes
// the check.
func (w *world) message(t *testing.T, channel, about, what string, check func(blocks string) bool) *sandbox.Message {
	t.Helper()
	var found *sandbox.Message
	w.await(t, "in Slack, about "+about+": "+what, func(st *sandbox.State) bool {
		for _, m := range st.Messages(channel) {
			if blocks := readable(m.Blocks); strings.Contains(blocks, about) && check(blocks) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// readable is JSON without the escapes of < and >.
func readable(blocks json.RawMessage) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(blocks))
}

func contains(text string) func(string) bool {
	return func(blocks string) bool { return strings.Contains(blocks, text) }
}

// click presses a button, and sends the form behind it.
func (w *world) click(t *testing.T, m *sandbox.Message, action survey.CaseAction, user string) *sandbox.Interaction {
	t.Helper()
	var form map[string]string
	if action == survey.ActionResolve || action == survey.ActionReject {
		form = map[string]string{"choice": survey.OptionOther, "note": "Settled by phone."}
	}
	in, err := w.sandbox.ClickThrough(m.Channel, m.TS, string(action), user, form)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, in.Status, in.Response)
	return in
}

// clickAs sends an earlier click once more, as if another user had pressed another
// button.
func (w *world) clickAs(t *testing.T, in *sandbox.Interaction, action survey.CaseAction, user string) {
	t.Helper()
	payload := strings.NewReplacer(`"id":"`+in.UserID+`"`, `"id":"`+user+`"`, `"`+in.Action+`"`, `"`+string(action)+`"`).
		Replace(string(in.Payload))
	body := []byte(url.Values{"payload": {payload}}.Encode())
	a := w.do(t, http.MethodPost, w.url+"/hooks/slack", slackHeader(testSecret, body, time.Now()), body)
	require.Equal(t, http.StatusOK, a.status, a.body)
}

// slackHeader signs in Slack's way ("Verifying requests from Slack").
func slackHeader(secret string, body []byte, at time.Time) http.Header {
	header, seconds := formHeader(), strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + seconds + ":" + string(body)))
	header.Set("X-Slack-Request-Timestamp", seconds)
	header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return header
}

// hubSpotHeader signs in HubSpot's way ("Validating requests", v3).
func hubSpotHeader(secret, url string, body []byte, at time.Time) http.Header {
	millis := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(http.MethodPost + url + string(body) + millis))
	header := http.Header{"Content-Type": {"application/json"}}
	header.Set("X-HubSpot-Request-Timestamp", millis)
	header.Set("X-HubSpot-Signature-v3", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return header
}

// webhookHeader signs by Standard Webhooks.
func webhookHeader(t *testing.T, secret, id string, body []byte, at time.Time) http.Header {
	t.Helper()
	signer, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	signature, err := signer.Sign(id, at, body)
	require.NoError(t, err)
	header := http.Header{"Content-Type": {"application/json"}}
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return header
}

func bearer(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}}
}
