package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// peer is who is connected: the caller, or a proxy. It is invalid where nobody
// can tell.
func peer(r *http.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	return from.Addr().Unmap().WithZone("")
}

// forwarded reports whether a proxy says that it passes the request on.
func forwarded(r *http.Request) bool {
	return r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" || r.Header.Get("X-Real-Ip") != ""
}

// caller is who sent the request: the last address of X-Forwarded-For that is no
// trusted proxy, where a trusted proxy is connected, else who is connected. What
// stands further left may be made up.
func (s *Server) caller(r *http.Request) netip.Addr {
	at := peer(r)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(at); i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop
	}
	return at
}

func (s *Server) trusted(at netip.Addr) bool {
	for _, proxies := range s.opt.TrustedProxies {
		if proxies.Contains(at) {
			return true
		}
	}
	return false
}

// parseHop takes an address with a port too, as some proxies write it.
func parseHop(text string) (netip.Addr, error) {
	at, err := netip.ParseAddr(text)
	if err != nil {
		var with netip.AddrPort
		with, err = netip.ParseAddrPort(text)
		at = with.Addr()
	}
	return at.Unmap().WithZone(""), err
}
