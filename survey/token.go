package survey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// TokenScope says what a link may be used for. A token of one scope is worth
// nothing in another.
type TokenScope string

// The scopes of links.
const (
	TokenSurvey   TokenScope = "survey"
	TokenReferral TokenScope = "referral"
	// TokenAsk is of an ask for a review or a testimonial.
	TokenAsk         TokenScope = "ask"
	TokenUnsubscribe TokenScope = "unsubscribe"
	// TokenTest is of test mails: its id is a TestID, and nothing is recorded by it.
	TokenTest TokenScope = "test"
	// TokenProgram is a program's public link: its id is the program's.
	TokenProgram TokenScope = "program"
	// TokenFriend is the link that a promoter passes on: its id is the ask's. TokenFriendForm
	// is a form behind it: when it was shown, and the id of its lead.
	TokenFriend     TokenScope = "friend"
	TokenFriendForm TokenScope = "friend_form"
	// TokenVisit is one visit to such a link: its id becomes that of the invitation
	// that the visit's first answer makes.
	TokenVisit TokenScope = "visit"
	// TokenCase is of the page of a case, by the case's id.
	TokenCase TokenScope = "case"
)

// UnsubscribeAsk begins the id in an unsubscribe link that came with a referral
// ask; without it the id is an invitation's. Ids of both are of letters and digits.
const UnsubscribeAsk = "ask-"

// VisitFriend begins what the visits to the page are of that an ask's promoter passes on.
const VisitFriend = "friend-"

// TestID is the id in the links of a program's test mail in a language.
func TestID(program, locale string) string { return program + "_" + locale }

// ParseTestID is the inverse of TestID.
func ParseTestID(id string) (program, locale string, ok bool) { return strings.Cut(id, "_") }

// Tokens makes and reads the tokens in customers' links: the id that the link is
// for and an HMAC-SHA256 over scope and id, cut to 128 bits. They are the same
// each time, so that a mail made again holds the same link.
type Tokens struct{ key []byte }

// MinTokenKey is the shortest key taken, in bytes.
const MinTokenKey = 32

// NewTokens takes the secret key.
func NewTokens(key []byte) (Tokens, error) {
	if len(key) < MinTokenKey {
		return Tokens{}, fmt.Errorf("token key has %d bytes: want at least %d", len(key), MinTokenKey)
	}
	return Tokens{key: key}, nil
}

// Seal makes the token of an id, which may hold letters, digits, - and _ only.
func (t Tokens) Seal(scope TokenScope, id string) string {
	return id + "." + base64.RawURLEncoding.EncodeToString(t.mac(scope, id))
}

// Open checks a token in constant time and returns its id.
func (t Tokens) Open(scope TokenScope, token string) (id string, err error) {
	id, sum, ok := strings.Cut(token, ".")
	if !ok || id == "" || len(token) > 128 {
		return "", fmt.Errorf("this link is incomplete")
	}
	got, err := base64.RawURLEncoding.Strict().DecodeString(sum)
	if err != nil || !hmac.Equal(got, t.mac(scope, id)) {
		return "", fmt.Errorf("this link is not valid")
	}
	return id, nil
}

func (t Tokens) mac(scope TokenScope, id string) []byte {
	h := hmac.New(sha256.New, t.key)
	h.Write([]byte(scope))
	h.Write([]byte{0})
	h.Write([]byte(id))
	return h.Sum(nil)[:16]
}
