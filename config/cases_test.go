package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestRecordURL(t *testing.T) {
	t.Parallel()
	body := strings.Replace(valid, "    client_secret: s3cret\n", "    client_secret: s3cret\n    record_url: 'https://app.hubspot.com/contacts/1/record/{object}/{id}'\n", 1)
	body = strings.Replace(body, "    type: webhook\n", "    type: webhook\n    record_url: 'https://crm.example.com/{object}?id={id}'\n", 1)
	cfg, err := LoadBytes("f", []byte(body), env())
	require.NoError(t, err)
	for want, of := range map[string]struct {
		crm    string
		object survey.Object
	}{
		"https://app.hubspot.com/contacts/1/record/0-1/77":    {"hubspot", survey.Object{Type: survey.ObjectContact, ID: "77"}},
		"https://app.hubspot.com/contacts/1/record/0-2/88":    {"hubspot", survey.Object{Type: survey.ObjectAccount, ID: "88"}},
		"https://crm.example.com/account?id=a%2Fb%3Cc%7Cd%3E": {"shop", survey.Object{Type: survey.ObjectAccount, ID: "a/b<c|d>"}},
	} {
		require.Equal(t, want, cfg.RecordURL(of.crm, of.object))
	}
	require.Empty(t, cfg.RecordURL("other", survey.Object{Type: survey.ObjectContact, ID: "77"}))
	require.Empty(t, cfg.RecordURL("shop", survey.Object{Type: survey.ObjectContact, ID: strings.Repeat("7", 1000)}), "Slack takes no such text")
}

func TestCasesSection(t *testing.T) {
	t.Parallel()
	cfg, err := LoadBytes("f", []byte(valid+"cases: {value: account.arr, currency: EUR, renewal: contact.renews, segment: account.segment, page_for: 0}\n"), env())
	require.NoError(t, err)
	require.Equal(t, Cases{CaseFacts: survey.CaseFacts{Worth: "account.arr", Currency: "EUR", Renewal: "contact.renews", Segment: "account.segment"}}, cfg.Cases)
	cfg, err = LoadBytes("f", []byte(valid), env("CXLOOP_CASES_VALUE", "account.arr"))
	require.NoError(t, err)
	require.Equal(t, "account.arr", cfg.Cases.Worth)
}

// What HubSpot is not asked for no case shows; of other systems nobody knows beforehand.
func TestFactsThatNoCRMIsAskedFor(t *testing.T) {
	t.Parallel()
	alone := strings.Replace(valid, "  - id: shop\n    type: webhook\n    secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\n", "", 1)
	for section, want := range map[string]string{
		"cases: {segment: account.segment}":                          "",
		"cases: {value: account.arr}":                                "f:30:16: cases.value: no CRM is asked for it: add arr to company_properties of one, or declare it in fields",
		"cases: {churn_risk: contact.churn}":                         "f:30:21: cases.churn_risk: no CRM is asked for it: add churn to contact_properties of one, or declare it in fields",
		"cases: {value: account.arr}\nfields: {account.arr: number}": "",
	} {
		_, err := LoadBytes("f", []byte(alone+section+"\n"), env())
		if want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
}

func TestWhatFollowsFromAMistakeIsNotReported(t *testing.T) {
	t.Parallel()
	alone := strings.Replace(valid, "  - id: shop\n    type: webhook\n    secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\n", "", 1)
	const wanting = "dimensions: [{id: industry, from: account.industry}]\ncases: {value: account.arr}\n"
	_, err := LoadBytes("f", []byte(strings.Replace(alone, "token: t0ken", "tokn: t0ken", 1)+wanting), env())
	require.EqualError(t, err, "f:7:5: crm[0].token: is required\nf:9:5: crm[0].tokn: unknown key: did you mean token?")
	_, err = LoadBytes("f", []byte(alone+wanting+"fields: {account.industry: word}\n"), env())
	require.EqualError(t, err, "f:32:28: fields.account.industry: want text or number or boolean or time")
	_, err = LoadBytes("f", []byte(valid+"dimensions: [{id: Industry, from: account.industry}]\npopulation: [{by: industry, shares: {a: 1}}]\n"), env())
	require.ErrorContains(t, err, "dimensions[0].id")
	require.NotContains(t, err.Error(), "population")
}
