package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
)

// mailServer has all mails go over SMTP to a server of this machine.
func (w *world) mailServer(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, w.config.MailOverSMTP(listener.Addr().String()))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.sandbox.ServeSMTP(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

// overSMTP waits for a mail over SMTP, which its Message-ID tells the kind of.
func (w *world) overSMTP(t *testing.T, email, kind string) *sandbox.Mail {
	t.Helper()
	var found *sandbox.Mail
	w.await(t, "a message ("+kind+") to "+email, func(st *sandbox.State) bool {
		for _, m := range st.MailsTo(email) {
			if m.SMTP && strings.HasPrefix(m.Headers["Message-Id"], "<"+kind+".") {
				found = m
			}
		}
		return found != nil
	})
	return found
}

// TestOverSMTP takes customers from an event over a mail server to a case and to a
// referral, and tells dead addresses from others.
func TestOverSMTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.mailServer(t)
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	wrong := *w.config
	wrong.SMTP.TLS = config.SMTPStartTLS
	refused := (&setup{config: &wrong, out: io.Discard, log: w.logger()}).mailServer(t.Context())
	require.ErrorContains(t, refused, "mail server: smtp: permanent (no_tls): TLS: no_tls: check smtp.host, smtp.port and smtp.tls")
	w.startApp(t)

	for _, id := range []string{"amelie", "bounce"} {
		event := fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":"test","type":"order.delivered",`+
			`"data":{"contact":{"id":%[1]q,"email":"%[1]s@other.example","first_name":"Amélie","locale":"fr-CA"}}}`, id)
		a := w.do(t, http.MethodPost, w.url+"/hooks/shop", webhookHeader(t, testShopSecret, "msg_"+id, event, time.Now()), event)
		require.Equal(t, http.StatusOK, a.status, a.body)
	}
	m := w.overSMTP(t, "amelie@other.example", "invite")
	require.Equal(t, "Acme", m.From.Name)
	require.Contains(t, m.HTML(), `lang="fr"`)
	require.Equal(t, http.StatusOK, w.get(t, unsubscribeLink(t, m)).status)
	w.give(t, m, "1", "Trop d’attente")
	w.message(t, casesChannel, "Amélie", "the comment", func(blocks string) bool { return strings.Contains(blocks, "Trop d’attente") })

	w.awaitNumber(t, 1, "a dead address", `SELECT count(*) FROM invitations i JOIN mail_events e ON e.item = i.id WHERE i.state = 'bounced' AND e.what = 'bounced'`)
	require.Equal(t, 2, w.number(t, `SELECT count(*) FROM effects WHERE vendor = 'smtp' AND state = 'done'`))
	require.Empty(t, w.mails("amelie@other.example")[0], "nothing went to SendGrid")
}
