package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLocaleFallback asks people in the nearest language that a program has, and in its
// first one where there is none: the mail and the page are in the same.
func TestLocaleFallback(t *testing.T) {
	t.Parallel()
	w := startWorld(t, databases[0])
	for id, test := range map[string]struct{ event, locale, want, button string }{
		"quebec":         {"visit.ended", "fr-CA", "fr", "Envoyer"},
		"austria":        {"visit.ended", "de_AT", "de", "Absenden"},
		"mexico":         {"visit.ended", "es-MX", "es", "Enviar"},
		"brazil":         {"visit.ended", "pt-BR", "en", "Send"},
		"nowhere":        {"visit.ended", "", "en", "Send"},
		"english-french": {"tasting.held", "fr-CA", "en", "Send"}, // the program has English alone
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			body := fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":"test","type":%q,
				"data":{"contact":{"id":%[1]q,"email":"%[1]s@other.example","locale":%[3]q}}}`, id, test.event, test.locale)
			a := w.do(t, http.MethodPost, w.url+"/v1/events?crm=shop", bearer(testSecret), body)
			require.Equal(t, http.StatusOK, a.status, a.body)
			m := w.mail(t, id+"@other.example", "invite")
			require.Contains(t, m.HTML(), `lang="`+test.want+`"`)
			page := w.get(t, link(t, m))
			require.Equal(t, http.StatusOK, page.status)
			require.Contains(t, page.body, `lang="`+test.want+`"`)
			require.Contains(t, page.body, test.button)
		})
	}
}
