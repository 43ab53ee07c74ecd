package activities

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/mail"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestTestMail(t *testing.T) {
	t.Parallel()
	program, composer := testProgram(), testComposer(t)
	link := "https://cx.nordwind.example/p/" + composer.Tokens.Seal(survey.TokenTest, "nps_fr")
	for kind, want := range map[string]string{store.MailInvite: link + "?score=10", store.MailReminder: link + "?score=10", store.MailAsk: link + "?page=referral"} {
		m, err := composer.TestMail(program, kind, "fr", "id1", person(0, "fr"), survey.Account{Name: "Ångström"})
		require.NoError(t, err)
		r := m.Recipients[0]
		text, html := m.Filled(r)
		require.Equal(t, "test", m.Kind)
		require.True(t, strings.HasPrefix(r.Subject, "[Test] "))
		require.Equal(t, "nps", r.Headers[TestHeader])
		require.Equal(t, "<"+link+"?page=unsubscribe>", r.Headers["List-Unsubscribe"])
		require.Contains(t, html, `href="`+want+`"`)
		for _, real := range []string{"/s/", "/u/", "/r/", "-cxloop."} {
			require.NotContains(t, text+html, real)
		}
	}
	program.Reminder = 0
	_, err := composer.TestMail(program, store.MailReminder, "fr", "id1", person(0, "fr"), survey.Account{})
	require.EqualError(t, err, "program nps sends no reminder: want invite, ask")
}

func TestProgramsOwnSenderAndBrand(t *testing.T) {
	t.Parallel()
	l := letterTo(invitationMail, "id1", "en", person(0, "en"), survey.Account{Name: "Ångström"})
	l.config.Sender = &survey.Sender{Email: "zoe@zeta.example"}
	l.config.Brand = &survey.Brand{Name: "Zeta", Color: "#123456", Address: "Zeta, 2 Street"}
	m := testComposer(t).mailing([]letter{l})
	require.Equal(t, mail.Address{Email: "zoe@zeta.example", Name: "Zeta"}, m.From)
	require.Equal(t, mail.Address{Email: "hello@nordwind.example"}, m.ReplyTo)
	text, html := m.Filled(m.Recipients[0])
	require.Contains(t, m.Recipients[0].Subject, "How do you like Zeta")
	for _, part := range []string{text, html} {
		require.Contains(t, part, "Zeta, 2 Street")
		require.NotContains(t, part, "Nordwind")
	}
}
