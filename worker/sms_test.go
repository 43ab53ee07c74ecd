package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const smsYAML = `twilio: {account_sid: AC0123456789abcdef0123456789abcdef, auth_token: t, from: "+353861234567"}
programs:
  - {id: order-csat, template: csat, channel: sms`

func TestPreviewShowsSMS(t *testing.T) {
	t.Parallel()
	file := writeFile(t, strings.Replace(validYAML, "programs:\n  - {id: order-csat, template: csat", smsYAML, 1))
	folder := filepath.Join(t.TempDir(), "preview")
	require.Zero(t, cxloop(t, "preview", "order-csat", "-c", file, "--out", folder).code)
	index := read(t, folder, "index.html")
	for locale, begins := range map[string]string{"de": "Acme: Ihre Meinung", "en": "Acme: how are we", "es": "Acme: ¿nos da", "fr": "Acme : votre avis"} {
		text := read(t, folder, locale+"/sms.txt")
		require.True(t, strings.HasPrefix(text, begins), text)
		require.Contains(t, text, "https://cx.example.com/s/")
		require.Contains(t, index, begins)
	}
	require.Equal(t, 4, strings.Count(index, "SMS, 1 part:"))
	require.NotContains(t, index, "mail-invite")
	require.NoFileExists(t, filepath.Join(folder, "en", "mail-invite.html"))
}

func TestCheckNotesLongSMS(t *testing.T) {
	t.Parallel()
	file := writeFile(t, strings.Replace(validYAML, "programs:\n  - {id: order-csat, template: csat",
		smsYAML+", texts: {es: {sms: 'Hola {first_name}, ¿cómo fue? {link} Para no recibir más: STOP'}}", 1))
	require.Equal(t, ran{out: "note: programs[0].texts.es.sms of order-csat is sent in 2 parts, each of which is paid for: because of óá a part holds 70 characters instead of 160\n" +
		file + " is valid: 1 program, 1 CRM\n"}, cxloop(t, "check", "-c", file))
}
