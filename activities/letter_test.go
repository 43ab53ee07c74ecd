package activities

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/sendgrid"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

var update = flag.Bool("update", false, "write the mails in testdata anew")

// awkward is a contact whose names would break a mail that does not escape them.
func awkward(locale string) (survey.Contact, survey.Account) {
	c := person(0, locale)
	c.FirstName, c.LastName = "<b>Zoë</b> & Co", `O'Brien "the" <x@x.example>`
	return c, survey.Account{Key: c.AccountKey, CRM: crmID, ID: "a0", Name: "Ångström & <Söhne>"}
}

func letterTo(kind mailKind, id, locale string, c survey.Contact, a survey.Account) letter {
	program := testProgram()
	return letter{
		sheet: sheetOf(program, string(kind), locale), id: id, config: &program, contact: c, account: a,
	}
}

// deliver sends letters of one sheet through the stand-in, which holds them to
// SendGrid's contract and replaces the tags, and returns the mails as they arrive.
func deliver(t *testing.T, letters ...letter) []*sandbox.Mail {
	t.Helper()
	box, url := standIns(t, specs())
	client, err := sendgrid.New(sendgrid.Options{BaseURL: url + "/sendgrid", APIKey: secret})
	require.NoError(t, err)
	_, err = client.Deliver(t.Context(), testComposer(t).mailing(letters))
	require.NoError(t, err)
	return box.Snapshot().Mails
}

// shown is a mail as a text to compare.
func shown(m *sandbox.Mail) string {
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s <%s>\nTo: %s <%s>\nSubject: %s\n", m.From.Name, m.From.Email, m.To.Name, m.To.Email, m.Subject)
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		fmt.Fprintf(&b, "%s: %s\n", name, m.Headers[name])
	}
	fmt.Fprintf(&b, "categories: %v\ncustom args: %v\n\n%s\n\n%s", m.Categories, m.CustomArgs, m.Text(), m.HTML())
	return b.String()
}

func TestMailsAsTheyArrive(t *testing.T) {
	t.Parallel()
	for _, kind := range []mailKind{invitationMail, reminderMail, askMail} {
		for _, locale := range []string{"en", "fr"} {
			name := string(kind) + "." + locale
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				contact, account := awkward(locale)
				got := shown(deliver(t, letterTo(kind, "id1", locale, contact, account))[0])
				file := filepath.Join("testdata", name+".mail")
				if *update {
					require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				}
				want, err := os.ReadFile(file)
				require.NoError(t, err)
				require.Equal(t, string(want), got, "run with -update and look at the difference")
			})
		}
	}
}

func TestNamesInMails(t *testing.T) {
	t.Parallel()
	contact, account := awkward("en")
	m := deliver(t, letterTo(invitationMail, "id1", "en", contact, account))[0]
	require.Contains(t, m.HTML(), "Hello &lt;b&gt;Zoë&lt;/b&gt; &amp; Co,")
	require.Contains(t, m.HTML(), "a friend of Ångström &amp; &lt;Söhne&gt;?")
	require.NotContains(t, m.HTML(), "<b>Zoë")
	require.Contains(t, m.Text(), "Hello <b>Zoë</b> & Co,")
	require.NotContains(t, m.Text(), "&amp;")
	require.Equal(t, "How do you like Nordwind <b>Zoë</b> & Co", m.Subject)
}

func TestNamesThatAreNotKnown(t *testing.T) {
	t.Parallel()
	nameless := survey.Contact{Key: "hubspot/1", Email: "x@customers.example"}
	m := deliver(t, letterTo(invitationMail, "id1", "en", nameless, survey.Account{}))[0]
	require.Equal(t, "How do you like Nordwind", m.Subject)
	require.Contains(t, m.Text(), "Hello,\n")
	require.Contains(t, m.Text(), "Would you recommend Nordwind to a friend of?")
	require.Empty(t, m.To.Name)
	require.NotRegexp(t, `\{(first_name|account|brand)\}`, m.Text()+m.HTML()+m.Subject)
}

func TestNamesAddNoHeader(t *testing.T) {
	t.Parallel()
	contact, account := awkward("en")
	contact.FirstName = "Zoë\r\nBcc: all@customers.example\n\n<script>"
	for _, kind := range []mailKind{invitationMail, reminderMail, askMail} {
		m := deliver(t, letterTo(kind, "id1", "en", contact, account))[0]
		require.NotRegexp(t, `[\r\n]`, m.Subject)
		require.NotRegexp(t, `[\r\n]`, m.To.Name)
		require.Contains(t, m.Subject, "Zoë Bcc: all@customers.example <script>")
		require.NotContains(t, m.HTML(), "<script>")
		require.Len(t, m.Headers, 4)
	}
}

// A placeholder within a name is a name like any other.
func TestNamesFillNothing(t *testing.T) {
	t.Parallel()
	contact, account := awkward("en")
	contact.FirstName = "{account}"
	m := deliver(t, letterTo(invitationMail, "id1", "en", contact, account))[0]
	require.Contains(t, m.Text(), "Hello {account},")
}

func TestEachRecipientHasTheirOwnMail(t *testing.T) {
	t.Parallel()
	ana, ben := person(1, "en"), person(2, "en")
	ana.FirstName, ben.FirstName = "Ana", "Ben"
	mails := deliver(t, letterTo(invitationMail, "id1", "en", ana, survey.Account{Name: "A"}), letterTo(invitationMail, "id2", "en", ben, survey.Account{Name: "B"}))
	require.Len(t, mails, 2)
	require.Equal(t, mails[0].SendID, mails[1].SendID, "one call")
	tokens := testComposer(t).Tokens
	for i, want := range []struct{ own, other, id string }{{"Ana", "Ben", "id1"}, {"Ben", "Ana", "id2"}} {
		m := mails[i]
		all := m.Subject + m.Text() + m.HTML()
		require.Equal(t, "How do you like Nordwind "+want.own, m.Subject)
		require.NotContains(t, all, want.other)
		require.NotContains(t, all, "-cxloop.", "a tag was not replaced")
		require.Contains(t, m.Text(), "https://cx.nordwind.example/s/"+tokens.Seal(survey.TokenSurvey, want.id)+"\n")
		require.Equal(t, map[string]string{"cxloop_kind": "invite", "cxloop_id": want.id}, m.CustomArgs)
	}
}

func TestScoresAreLinks(t *testing.T) {
	t.Parallel()
	contact, account := awkward("en")
	for metric, want := range map[survey.Metric][]string{
		survey.NPS: {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"},
		survey.CES: {"1", "2", "3", "4", "5", "6", "7"},
	} {
		l := letterTo(invitationMail, "id1", "en", contact, account)
		l.config.Metric = metric
		link := regexp.QuoteMeta("https://cx.nordwind.example/s/" + testComposer(t).Tokens.Seal(survey.TokenSurvey, "id1"))
		var scores []string
		for _, match := range regexp.MustCompile(`href="`+link+`\?score=(\d+)"[^>]*>(\d+)</a>`).FindAllStringSubmatch(deliver(t, l)[0].HTML(), -1) {
			require.Equal(t, match[1], match[2])
			scores = append(scores, match[1])
		}
		require.Equal(t, want, scores, metric)
	}
}

func TestUnsubscribeHeaders(t *testing.T) {
	t.Parallel()
	contact, account := awkward("en")
	for kind, id := range map[mailKind]string{invitationMail: "id1", reminderMail: "id1", askMail: "ask-id1"} {
		m := deliver(t, letterTo(kind, "id1", "en", contact, account))[0]
		link := "https://cx.nordwind.example/u/" + testComposer(t).Tokens.Seal(survey.TokenUnsubscribe, id)
		require.Equal(t, map[string]string{
			"List-Unsubscribe": "<" + link + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
			"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply",
		}, m.Headers, kind)
		require.Contains(t, m.Text(), ": "+link+"\n")
		require.Contains(t, m.HTML(), `href="`+link+`"`)
	}
}

// What SendGrid keeps for statistics and sends back with events names nobody.
func TestNoPersonalDataBesideTheMail(t *testing.T) {
	t.Parallel()
	contact, account := awkward("en")
	for _, kind := range []mailKind{invitationMail, reminderMail, askMail} {
		m := deliver(t, letterTo(kind, "id1", "en", contact, account))[0]
		require.Equal(t, []string{"cxloop", "cxloop-" + string(kind)}, m.Categories)
		require.Equal(t, map[string]string{"cxloop_kind": string(kind), "cxloop_id": "id1"}, m.CustomArgs)
	}
}
