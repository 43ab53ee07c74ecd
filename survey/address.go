package survey

import (
	"net/mail"
	"strings"
)

// ValidAddress reports whether an e-mail address can be given to a mail
// provider, which refuses a whole batch for a single bad one: the plain form
// local@domain of RFC 5321, in ASCII, with a dot in the domain.
// MaxAddress is the longest mail address taken, in bytes.
const MaxAddress = 254

func ValidAddress(address string) bool {
	if len(address) > MaxAddress || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return false
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address {
		return false
	}
	local, domain, _ := strings.Cut(address, "@")
	return len(local) <= 64 && strings.Contains(domain, ".") && !strings.ContainsAny(domain, "[]@")
}
