package survey

import (
	"bytes"
	"strings"
	"testing"
)

func testTokens(t *testing.T, fill byte) Tokens {
	t.Helper()
	tokens, err := NewTokens(bytes.Repeat([]byte{fill}, MinTokenKey))
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestTokens(t *testing.T) {
	t.Parallel()
	tokens := testTokens(t, 1)
	token := tokens.Seal(TokenSurvey, "inv1")
	if id, err := tokens.Open(TokenSurvey, token); err != nil || id != "inv1" {
		t.Fatalf("Open = %q, %v", id, err)
	}
	if token != tokens.Seal(TokenSurvey, "inv1") {
		t.Error("a token made again is another")
	}
	_, sum, _ := strings.Cut(token, ".")
	for name, forged := range map[string]string{
		"empty": "", "no signature": "inv1", "empty signature": "inv1.", "another id": "inv2." + sum,
		"cut": token[:len(token)-1], "longer": token + "A", "not base64": "inv1.!!!", "padded": token + "==",
		"another scope's": tokens.Seal(TokenReferral, "inv1"), "another key's": testTokens(t, 2).Seal(TokenSurvey, "inv1"),
		"far too long": strings.Repeat("a", 1000) + "." + sum,
	} {
		if id, err := tokens.Open(TokenSurvey, forged); err == nil {
			t.Errorf("%s: opened as %q", name, id)
		}
	}
}

func TestTokenKeyMustBeLong(t *testing.T) {
	t.Parallel()
	if _, err := NewTokens(make([]byte, MinTokenKey-1)); err == nil {
		t.Error("a short key was taken")
	}
}

func FuzzOpenToken(f *testing.F) {
	tokens, err := NewTokens(make([]byte, MinTokenKey))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("inv1.AAAA")
	f.Add(tokens.Seal(TokenUnsubscribe, "inv1"))
	f.Fuzz(func(t *testing.T, token string) {
		if id, err := tokens.Open(TokenSurvey, token); err == nil && tokens.Seal(TokenSurvey, id) != token {
			t.Fatalf("%q opens as %q but was not made for it", token, id)
		}
	})
}
