package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

// The example of Twilio's documentation of request validation.
const (
	docsToken     = "12345"
	docsAddress   = "https://mycompany.com/myapp.php?foo=1&bar=2"
	docsSignature = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
)

func docsForm() url.Values {
	return url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"},
		"From": {"+14158675309"}, "To": {"+18005551212"},
	}
}

// sign puts the signature for an address in the place of the documentation's.
func sign(h http.Header, address string, form url.Values) {
	mac := hmac.New(sha1.New, []byte(docsToken))
	mac.Write([]byte(address))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + form.Get(name)))
	}
	h.Set(signatureHeader, base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func TestVerify(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(h http.Header, form url.Values) (token, address string)
		want   string
	}{
		"the documentation's": {func(http.Header, url.Values) (string, string) { return docsToken, docsAddress }, ""},
		"with a port": {func(h http.Header, form url.Values) (string, string) {
			sign(h, "https://mycompany.com:8443/myapp.php", form)
			return docsToken, "https://mycompany.com:8443/myapp.php"
		}, ""},
		"with a port that is not signed": {func(h http.Header, form url.Values) (string, string) {
			sign(h, "https://mycompany.com/myapp.php", form)
			return docsToken, "https://mycompany.com:8443/myapp.php"
		}, ""},
		"with the usual port signed": {func(h http.Header, form url.Values) (string, string) {
			sign(h, "https://mycompany.com:443/myapp.php", form)
			return docsToken, "https://mycompany.com/myapp.php"
		}, ""},
		"other port": {func(h http.Header, form url.Values) (string, string) {
			sign(h, "https://mycompany.com:8444/myapp.php", form)
			return docsToken, "https://mycompany.com:8443/myapp.php"
		}, "signature does not match"},
		"other token":   {func(http.Header, url.Values) (string, string) { return "12346", docsAddress }, "signature does not match"},
		"other address": {func(http.Header, url.Values) (string, string) { return docsToken, docsAddress + "3" }, "signature does not match"},
		"other value": {func(_ http.Header, form url.Values) (string, string) {
			form.Set("Digits", "1235")
			return docsToken, docsAddress
		}, "signature does not match"},
		"one more": {func(_ http.Header, form url.Values) (string, string) {
			form.Set("Extra", "")
			return docsToken, docsAddress
		}, "signature does not match"},
		"none": {func(h http.Header, _ url.Values) (string, string) {
			h.Del(signatureHeader)
			return docsToken, docsAddress
		}, "X-Twilio-Signature is missing"},
		"no base64": {func(h http.Header, _ url.Values) (string, string) {
			h.Set(signatureHeader, "?")
			return docsToken, docsAddress
		}, "X-Twilio-Signature is not base64"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, form := http.Header{signatureHeader: {docsSignature}}, docsForm()
			token, address := test.change(h, form)
			err := Verify(token, h, address, form)
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, test.want)
			}
		})
	}
}

func TestParseNotice(t *testing.T) {
	t.Parallel()
	const from, to = "+4915112345601", "+353861234567"
	reply := func(body, optOut string) url.Values {
		form := url.Values{"MessageSid": {"SM1"}, "From": {from}, "To": {to}, "Body": {body}, "SmsStatus": {"received"}}
		if optOut != "" {
			form.Set("OptOutType", optOut)
		}
		return form
	}
	status := func(what, code string) url.Values {
		return url.Values{"MessageSid": {"SM1"}, "From": {to}, "To": {from}, "MessageStatus": {what}, "ErrorCode": {code}}
	}
	for name, test := range map[string]struct {
		form url.Values
		want Notice
		told survey.MailEvent
		err  string
	}{
		"stop":              {form: reply("STOP", ""), want: Notice{MessageSID: "SM1", Phone: from, Asked: survey.NumberStopped}},
		"stop in a whisper": {form: reply(" stop. \n", ""), want: Notice{MessageSID: "SM1", Phone: from, Asked: survey.NumberStopped}},
		"stop in French":    {form: reply("Arrêt", ""), want: Notice{MessageSID: "SM1", Phone: from, Asked: survey.NumberStopped}},
		"own word":          {form: reply("NOMORE", "STOP"), want: Notice{MessageSID: "SM1", Phone: from, Asked: survey.NumberStopped}},
		"start":             {form: reply("Start", "START"), want: Notice{MessageSID: "SM1", Phone: from, Asked: survey.NumberResumed}},
		"help":              {form: reply("HELP", "HELP"), want: Notice{MessageSID: "SM1", Phone: from}},
		"chat":              {form: reply("Don't stop!", ""), want: Notice{MessageSID: "SM1", Phone: from}},
		"sent":              {form: status("sent", ""), want: Notice{MessageSID: "SM1", Phone: from, Status: "sent"}},
		"delivered":         {form: status("delivered", ""), want: Notice{MessageSID: "SM1", Phone: from, Status: "delivered"}, told: survey.MailDelivered},
		"unknown handset":   {form: status("undelivered", "30005"), want: Notice{MessageSID: "SM1", Phone: from, Status: "undelivered", Code: "30005"}, told: survey.MailBounced},
		"phone is off":      {form: status("undelivered", "30003"), want: Notice{MessageSID: "SM1", Phone: from, Status: "undelivered", Code: "30003"}, told: survey.MailBlocked},
		"no landline":       {form: status("failed", "30006"), want: Notice{MessageSID: "SM1", Phone: from, Status: "failed", Code: "30006"}, told: survey.MailBounced},
		"queue overflow":    {form: status("failed", "30001"), want: Notice{MessageSID: "SM1", Phone: from, Status: "failed", Code: "30001"}, told: survey.MailDropped},
		"no message":        {form: url.Values{"MessageStatus": {"sent"}}, err: "MessageSid is missing"},
		"no number":         {form: url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"sent"}, "To": {"12"}}, err: "the customer's number is none"},
		"short code chats":  {form: url.Values{"MessageSid": {"SM1"}, "From": {"12345"}, "Body": {"hi"}}, want: Notice{MessageSID: "SM1", Phone: "12345"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseNotice(test.form)
			if test.err != "" {
				require.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			require.Equal(t, test.told, got.Told())
		})
	}
}

func FuzzNotice(f *testing.F) {
	f.Add("MessageSid=SM1&MessageStatus=undelivered&To=%2B4915112345601&ErrorCode=30005")
	f.Add("MessageSid=SM1&From=%2B4915112345601&Body=STOP&OptOutType=STOP")
	f.Add("Body=%ff&MessageSid=&From=+1")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		n, err := ParseNotice(form)
		if err != nil {
			require.Zero(t, n)
			require.Less(t, len(err.Error()), 100)
			return
		}
		require.NotEmpty(t, n.MessageSID)
		if n.Asked != "" || n.Status != "" {
			require.True(t, strings.HasPrefix(n.Phone, "+"), n.Phone)
		}
		require.False(t, n.Asked != "" && n.Told() != "")
	})
}
