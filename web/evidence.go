package web

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// fieldPage is the page that a form came from.
const fieldPage = "page"

// The names of a mail's links that unsubscribe, and that lead on from an ask; those with a
// score go by it.
const (
	linkUnsubscribe = "unsubscribe"
	linkReferral    = "referral"
	linkAsk         = "ask"
)

//go:embed networks.txt
var builtInNetworks string

// scannerNetworks are the built-in networks of mail scanners, with further ones.
func scannerNetworks(further []netip.Prefix) ([]netip.Prefix, error) {
	networks := further[:len(further):len(further)]
	for line := range strings.Lines(builtInNetworks) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		network, err := netip.ParsePrefix(line)
		if err != nil {
			return nil, fmt.Errorf("networks of mail scanners: %w", err)
		}
		networks = append(networks, network)
	}
	return networks, nil
}

// visitOf is what a request tells of who visits the links of a mail: where it came
// from only as long as the request takes.
func (s *Server) visitOf(r *http.Request, item string) store.VisitNote {
	from := s.caller(r)
	if from.IsLoopback() && !s.trusted(from) {
		// A proxy that is not trusted to say for whom it asks: all would be one visitor.
		return store.VisitNote{Item: item, At: s.opt.Now()}
	}
	note := store.VisitNote{
		Item: item, Source: network(from).String() + "\n" + r.UserAgent(), Prefetch: prefetched(r.Header), At: s.opt.Now(),
	}
	for _, scanners := range s.networks {
		note.Network = note.Network || scanners.Contains(from)
	}
	return note
}

// prefetched reports whether a request says that nobody reads its answer yet.
func prefetched(h http.Header) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		purpose := strings.ToLower(h.Get(name))
		if strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "preview") {
			return true
		}
	}
	return false
}

// mailLinks is how many links of their own an invitation's mail has: one for each score,
// or one for all, and one that unsubscribes. An ask's has two.
func mailLinks(p survey.Program, item string) int {
	if strings.HasPrefix(item, survey.UnsubscribeAsk) || !p.ScoresInMail() {
		return 2
	}
	low, high := p.Range()
	return high - low + 2
}

// linkOf names the link that leads to a survey with a score, or without.
func linkOf(p survey.Program, score string) string {
	if n, err := p.ParseScore(score); err == nil && p.ScoresInMail() {
		return strconv.Itoa(n)
	}
	return "survey"
}

// noteLink notes that a link of a mail was opened. That it could not be noted spoils
// nobody's answer.
func (s *Server) noteLink(r *http.Request, item, link string, p survey.Program) {
	note := s.visitOf(r, item)
	note.Link, note.Links = link, mailLinks(p, item)
	s.note(r.Context(), note)
}

func (s *Server) note(ctx context.Context, note store.VisitNote) {
	if err := s.opt.Store.NoteVisit(ctx, note, s.opt.Clock.Now()); err != nil {
		s.log(ctx).Warn("a visit was not noted", "item", note.Item, "error", err)
	}
}

// newPage names a page that is shown now.
func newPage() string { return strings.ToLower(rand.Text()[:10]) }

// pageOf is the page that a form came from, "" for none or what no page of ours has.
func pageOf(value string) string {
	if len(value) != 10 {
		return ""
	}
	for _, c := range value {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return ""
		}
	}
	return value
}

// seenPath is the address of a stylesheet without rules, which a browser loads that
// shows the page of an address, and a scanner that only reads it does not. It works without JavaScript,
// and tells nothing but that.
func seenPath(action, page string) string {
	if page == "" {
		return ""
	}
	return action + "/seen.css?page=" + page
}

// serveSeen notes that a page is shown.
func (s *Server) serveSeen(scope survey.TokenScope) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		item, err := s.opt.Tokens.Open(scope, r.PathValue("token"))
		switch scope {
		case survey.TokenReferral, survey.TokenAsk:
			item = survey.UnsubscribeAsk + item
		case survey.TokenFriend:
			item = survey.VisitFriend + item
		}
		page := pageOf(r.URL.Query().Get("page"))
		if err == nil && page != "" {
			note := s.visitOf(r, item)
			note.Page, note.Shown = page, true
			s.note(r.Context(), note)
		}
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusOK)
	}
}
