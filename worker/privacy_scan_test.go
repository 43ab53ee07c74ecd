package main

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// scanner finds marked persons in what cxloop leaves behind, in plain text of any
// case and in the encodings that texts go through on their way there.
type scanner struct {
	needles []needle
	leaks   []leak
	seen    map[leak]bool
	// area is what is looked through now, and looked how much of each there was.
	area   string
	looked map[string]size
}

// size is how much was looked through.
type size struct{ values, bytes int }

// report says what was looked through.
func (s *scanner) report() string {
	var b strings.Builder
	for _, area := range slices.Sorted(maps.Keys(s.looked)) {
		fmt.Fprintf(&b, "%s: %d values, %d kB\n", area, s.looked[area].values, s.looked[area].bytes/1000)
	}
	return b.String()
}

// needle is how a mark looks in an encoding.
type needle struct {
	mark, encoding string
	folded         bool // compared in lower case
	text           []byte
}

// leak is a mark where it must not be.
type leak struct{ place, mark, encoding string }

func (l leak) String() string { return fmt.Sprintf("%s holds %q (%s)", l.place, l.mark, l.encoding) }

// newScanner looks for marks, which are long enough to stand nowhere by chance.
func newScanner(marks ...string) *scanner {
	s := &scanner{seen: map[leak]bool{}, looked: map[string]size{}}
	for _, mark := range marks {
		s.addFolded(mark)
		for _, text := range []string{mark, strings.ToLower(mark), strings.ToUpper(mark)} {
			s.addBase64(mark, text)
		}
		lower := []byte(strings.ToLower(mark))
		s.add(mark, "SHA-256", true, fmt.Sprintf("%x", sha256.Sum256(lower)))
		s.add(mark, "SHA-1", true, fmt.Sprintf("%x", sha1.Sum(lower)))
		s.add(mark, "MD5", true, fmt.Sprintf("%x", md5.Sum(lower)))
	}
	return s
}

func (s *scanner) add(mark, encoding string, folded bool, text string) {
	if folded {
		text = strings.ToLower(text)
	}
	s.needles = append(s.needles, needle{mark, encoding, folded, []byte(text)})
}

// addFolded adds the encodings in which the cases of letters stay apart.
func (s *scanner) addFolded(mark string) {
	escaped := url.QueryEscape(mark)
	s.add(mark, "plain", true, mark)
	s.add(mark, "hexadecimal", true, hex.EncodeToString([]byte(mark)))
	s.add(mark, "hexadecimal, lower case", true, hex.EncodeToString([]byte(strings.ToLower(mark))))
	s.add(mark, "UTF-16", true, wide(mark))
	if escaped != mark {
		s.add(mark, "URL", true, escaped)
		s.add(mark, "quoted-printable", true, strings.ReplaceAll(escaped, "%", "="))
		s.add(mark, "JSON escapes", true, strings.Trim(strconv.QuoteToASCII(mark), `"`))
	}
}

func wide(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return b.String()
}

// addBase64 adds what is the same of a text's base64 wherever it begins.
func (s *scanner) addBase64(mark, text string) {
	for before := range 3 {
		encoded := base64.StdEncoding.EncodeToString(append(make([]byte, before), text...))
		first := (before*8 + 5) / 6
		last := (before + len(text)) * 8 / 6
		part := encoded[first:last]
		s.add(mark, "base64", false, part)
		if safe := strings.NewReplacer("+", "-", "/", "_").Replace(part); safe != part {
			s.add(mark, "base64", false, safe)
		}
	}
}

// scan notes every mark in what a place holds.
func (s *scanner) scan(place string, content []byte) {
	folded := bytes.ToLower(content)
	looked := s.looked[s.area]
	s.looked[s.area] = size{looked.values + 1, looked.bytes + len(content)}
	for _, n := range s.needles {
		in := content
		if n.folded {
			in = folded
		}
		l := leak{place, n.mark, n.encoding}
		if !s.seen[l] && bytes.Contains(in, n.text) {
			s.seen[l] = true
			s.leaks = append(s.leaks, l)
		}
	}
}

// scanLines names the line of a log in what it finds.
func (s *scanner) scanLines(place, text string) {
	for line := range strings.Lines(text) {
		s.scan(place+": "+strings.TrimSpace(line), []byte(line))
	}
}

func TestScannerFindsEncodings(t *testing.T) {
	t.Parallel()
	const ascii, other = "Quimbyvox", "Žabkówna"
	inJSON := func(text string) string {
		out, err := json.Marshal(map[string][]byte{"a": []byte(text)})
		require.NoError(t, err)
		return string(out)
	}
	for name, text := range map[string]string{
		"plain": "dear " + ascii, "other case": "to quimbyvox@x.example", "upper case": "QUIMBYVOX",
		"UTF-16": wide("x " + ascii), "bytes in JSON": inJSON("xy" + ascii), "other bytes in JSON": inJSON("hello " + ascii + " there"),
		"base64 of a URL": base64.RawURLEncoding.EncodeToString([]byte("?" + strings.ToLower(ascii) + "?")),
		"hexadecimal":     hex.EncodeToString([]byte("a" + ascii)), "digest": fmt.Sprintf("%X", sha256.Sum256([]byte("quimbyvox"))),
	} {
		s := newScanner(ascii)
		s.scan("here", []byte(text))
		require.NotEmpty(t, s.leaks, name)
		require.Equal(t, "here", s.leaks[0].place)
	}
	for name, text := range map[string]string{
		"plain": "an " + other, "URL": "/s?name=" + url.QueryEscape(other), "JSON": `"\u017dabk\u00f3wna"`,
		"quoted-printable": "=C5=BDabk=C3=B3wna", "base64": base64.StdEncoding.EncodeToString([]byte("1" + other)),
	} {
		s := newScanner(other)
		s.scan("here", []byte(text))
		require.NotEmpty(t, s.leaks, name)
	}
	s := newScanner(ascii, other)
	s.scan("here", []byte("neither Quimby vox nor Zabkowna"))
	require.Empty(t, s.leaks)
}
