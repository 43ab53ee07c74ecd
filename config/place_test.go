package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzPlaceInsideAnExpression writes a wrong expression in any way: what is reported
// stands inside the file.
func FuzzPlaceInsideAnExpression(f *testing.F) {
	for _, seed := range []string{
		"account.tire == 1", "|\n      a &&\n      account.tire", ">-\n\n      a\n", `"\u00e9\x41\
      && b"`, "'it''s'", "&a !!str x", "${X} && a", "'${X} && a'", "\"a\\", "|2\n       a", "a\r\n      b", "? x", "''", "\"\\t\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		body := valid + "    audience: " + written + "\n"
		_, err := LoadBytes("f", []byte(body), env("X", "account.tire"))
		wrong, _ := err.(Errors)
		lines := strings.Split(body, "\n")
		for _, e := range wrong {
			if strings.HasSuffix(e.Path, "].audience") && strings.Contains(e.Message, "known") {
				require.True(t, e.Line >= 33 && e.Line <= len(lines), "line %d", e.Line)
				require.True(t, e.Column >= 1 && e.Column <= len([]rune(lines[e.Line-1]))+1, "column %d of line %d", e.Column, e.Line)
			}
		}
	})
}
