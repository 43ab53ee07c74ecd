package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// formats are the kinds of text that schema.json names. Their errors quote no
// secret.
var formats = map[string]func(string) error{
	"slug":          checkSlug,
	"event-type":    matching(regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`), "want small words with dots between, for example deal.changed"),
	"property":      matching(regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`), "want a property's internal name, such as annualrevenue"),
	"digits":        matching(regexp.MustCompile(`^[0-9]{1,18}$`), "want a number"),
	"color":         matching(regexp.MustCompile(`^#[0-9a-fA-F]{6}$`), "want a colour such as #1f5eff, in quotes"),
	"channel":       matching(regexp.MustCompile(`^[CG][A-Z0-9]{7,}$`), "want a Slack channel id such as C0123ABCD, not a name: it stands at the end of the channel's link"),
	"slack-user":    matching(regexp.MustCompile(`^[UW][A-Z0-9]{6,}$`), "want a Slack user id such as U0123ABCD, not a name: a user's profile has it under Copy member ID"),
	"owner-field":   matching(regexp.MustCompile(`^account\.[A-Za-z_][A-Za-z0-9_]*$`), "want account.<attribute>, for example account.csm_owner"),
	"event-key":     matching(eventKeyPattern, "want the verification key that SendGrid's settings show for signed events"),
	"version-date":  matching(regexp.MustCompile(`^20\d\d-\d\d$`), "want a dated version such as 2026-09"),
	"dimension":     matching(segmentName, "want small letters, digits and _, for example industry"),
	"category":      matching(categoryPattern, "want account.<attribute>, contact.<attribute> or event.<field>, for example account.industry"),
	"fact":          matching(factPattern, "want account.<attribute> or contact.<attribute>, for example account.annualrevenue"),
	"currency":      matching(regexp.MustCompile(`^[A-Z]{3}$`), "want a currency in three capital letters, for example EUR"),
	"record-url":    checkRecordURL,
	"span":          checkSpan,
	"share":         checkShare,
	"range":         checkRange,
	"business-span": checkBusinessSpan,
	"cron":          checkCron,
	"calendar-id":   checkCalendarID,
	"timezone":      checkTimezone,
	"hours":         checkHours,
	"holiday":       checkHoliday,
	"day":           checkDay,
	"date":          checkDate,
	"holiday-list":  checkHolidayList,
	"address":       checkAddress,
	"host":          matching(hostPattern, "want a host such as smtp.example.com, without a port"),
	"network":       checkNetwork,
	"email":         checkEmail,
	"url":           checkURL,
	"public-url":    checkPublicURL,
	"collector":     checkCollector,
	"store-url":     checkStoreURL,
	"token-key":     checkTokenKey,
	"payload-key":   checkPayloadKey,
	"origin":        checkOrigin,
	"whsec":         checkWebhookSecret,
	"line":          checkLine,
	"topic-words":   checkTopicWords,
	"account-sid":   matching(regexp.MustCompile(`^AC[0-9a-f]{32}$`), "want the SID of a Twilio account: AC and 32 hexadecimal digits"),
	"api-key-sid":   matching(regexp.MustCompile(`^SK[0-9a-f]{32}$`), "want the SID of a Twilio API key: SK and 32 hexadecimal digits"),
	"sms-sender":    matching(regexp.MustCompile(`^(\+[1-9][0-9]{6,14}|MG[0-9a-f]{32})$`), "want a number such as +4915112345678, or the SID of a messaging service: MG and 32 hexadecimal digits"),
	"region":        checkRegion,
	"domain":        matching(domainPattern, "want a mail domain in small letters, without @, for example example.com"),
}

// eventKeyPattern is of base64 of the DER of a P-256 key, which always begins alike.
var eventKeyPattern = regexp.MustCompile(`^MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}==$`)

var domainPattern = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$`)

// hostPattern is a name or an address, of which only IPv6 has colons.
var hostPattern = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*)$`)

var slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

var checkSlug = matching(slugPattern, "want small letters, digits and -, at most 40, for example won-deal-nps")

func matching(pattern *regexp.Regexp, want string) func(string) error {
	return func(text string) error {
		if !pattern.MatchString(text) {
			return fmt.Errorf("%q: %s", text, want)
		}
		return nil
	}
}

func checkSpan(text string) error {
	_, err := survey.ParseSpan(text)
	return err
}

func checkBusinessSpan(text string) error {
	_, err := survey.ParseBusinessSpan(text)
	return err
}

func checkShare(text string) error {
	_, err := survey.ParseShare(text)
	return err
}

func checkAddress(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return fmt.Errorf("%q: want host:port, for example 127.0.0.1:8080", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 && port != "0" {
		return fmt.Errorf("%q: want a port of 1 to 65535 after the colon", text)
	}
	return nil
}

// checkNetwork takes a network whose address has no bits behind its mask: one that
// has them means something else than it says.
func checkNetwork(text string) error {
	p, err := netip.ParsePrefix(text)
	if err != nil || p != p.Masked() {
		return fmt.Errorf("%q: want a network such as 10.0.0.0/8, or one address as 10.1.2.3/32", text)
	}
	return nil
}

func checkRegion(text string) error {
	if !survey.ValidRegion(text) {
		return fmt.Errorf("%q: want a country in two capital letters, for example DE", text)
	}
	return nil
}

func checkEmail(text string) error {
	if !survey.ValidAddress(text) {
		return fmt.Errorf("%q: want a bare e-mail address in ASCII, for example hello@example.com", text)
	}
	return nil
}

func checkURL(text string) error {
	_, err := parseURL(text)
	return err
}

// parseURL takes https everywhere, and http for this machine alone.
func parseURL(text string) (*url.URL, error) {
	u, err := parseHTTP(text)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("plain http is for this machine only (localhost, 127.0.0.1): want https://%s", u.Host)
	}
	return u, nil
}

func parseHTTP(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Opaque != "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("want an address that begins with https://")
	case u.Hostname() == "":
		return nil, errors.New("the address has no host")
	case u.User != nil:
		return nil, errors.New("an address must not hold a user or a password")
	}
	return u, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func checkPublicURL(text string) error {
	u, err := parseURL(text)
	if err != nil {
		return err
	}
	return checkBase(u)
}

// checkCollector takes plain http everywhere: collectors stand in the same network, and
// traces hold no secret.
func checkCollector(text string) error {
	u, err := parseHTTP(text)
	if err != nil {
		return err
	}
	if strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/v1/traces") {
		return errors.New("want the collector's address without /v1/traces, for example http://127.0.0.1:4318")
	}
	return checkBase(u)
}

// checkBase takes what a path can be appended to.
func checkBase(u *url.URL) error {
	if u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("want an address without ? and #: %s://%s%s", u.Scheme, u.Host, u.Path)
	}
	return nil
}

func checkStoreURL(text string) error {
	if file, ok := strings.CutPrefix(text, "sqlite:"); ok {
		if file == "" {
			return errors.New("want a path after sqlite:, for example sqlite:/var/lib/cxloop/cxloop.db")
		}
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("want sqlite:PATH or postgres://user@host/database")
	}
	return nil
}

// complete puts the keystore beside an SQLite database: cxloop.db, cxloop-keys.db.
func (s *Store) complete() {
	file, ok := strings.CutPrefix(s.URL.Reveal(), "sqlite:")
	if s.KeysURL.Reveal() != "" || !ok {
		return
	}
	extension := filepath.Ext(file)
	s.KeysURL = NewSecret("sqlite:" + strings.TrimSuffix(file, extension) + "-keys" + extension)
}

func checkTokenKey(text string) error {
	if len(text) < survey.MinTokenKey {
		return fmt.Errorf("the key has %d bytes: want at least %d, for example from openssl rand -base64 48", len(text), survey.MinTokenKey)
	}
	return nil
}

// checkPayloadKey wants what AES-256 does.
func checkPayloadKey(text string) error {
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != 32 {
		return errors.New("want 32 bytes in base64: openssl rand -base64 32")
	}
	return nil
}

// checkOrigin takes what a browser sends as the origin of a page.
func checkOrigin(text string) error {
	u, err := parseURL(text)
	if err != nil {
		return err
	}
	if want := strings.ToLower(u.Scheme + "://" + u.Host); text != want {
		return fmt.Errorf("want an origin in small letters, without a path: %s", want)
	}
	return nil
}

// checkWebhookSecret follows Standard Webhooks: whsec_ and 24 to 64 bytes in base64.
func checkWebhookSecret(text string) error {
	encoded, ok := strings.CutPrefix(text, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return errors.New("want whsec_ and 24 to 64 bytes in base64 (Standard Webhooks): echo whsec_$(openssl rand -base64 32)")
	}
	return nil
}

func checkLine(text string) error {
	if strings.ContainsAny(text, "\r\n") {
		return errors.New("want one line")
	}
	return nil
}
