package sandbox

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const wellFormed = "From: CX <cx@nordwind.example>\r\nTo: =?UTF-8?Q?Zo=C3=AB?= <zoe@kunde.example>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n" +
	"Message-ID: <invite.1@nordwind.example>\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=UTF-8\r\n" +
	"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n--b\r\nContent-Type: text/html; charset=UTF-8\r\n" +
	"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gr=C3=BC=C3=9Fe</p>\r\n--b--\r\n"

func TestParseMessage(t *testing.T) {
	t.Parallel()
	m, parts, err := parseMessage([]byte(wellFormed))
	require.NoError(t, err)
	require.Equal(t, "Grüße", m.Subject)
	require.Equal(t, Address{Email: "zoe@kunde.example", Name: "Zoë"}, m.To)
	require.Equal(t, []MailPart{{"text/plain", "Grüße"}, {"text/html", "<p>Grüße</p>"}}, parts)
	for name, change := range map[string][2]string{
		"two senders":     {"From: CX", "From: a@x.example\r\nFrom: CX"},
		"no date":         {"Date:", "X-Date:"},
		"a bad date":      {"Mon, 02 Mar", "02.03."},
		"no id":           {"Message-ID:", "X-Message-ID:"},
		"not two parts":   {"multipart/alternative", "multipart/mixed"},
		"8 bit":           {"quoted-printable", "8bit"},
		"another charset": {"charset=UTF-8", "charset=latin1"},
		"cut":             {"--b--\r\n", ""},
	} {
		_, _, err := parseMessage([]byte(strings.Replace(wellFormed, change[0], change[1], 1)))
		require.Error(t, err, name)
	}
}

func FuzzParseMessage(f *testing.F) {
	f.Add([]byte(wellFormed))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, parts, err := parseMessage(raw); err == nil && (m == nil || m.To.Email == "" || parts == nil) {
			t.Fatalf("%q parses as nothing", raw)
		}
	})
}
