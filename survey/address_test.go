package survey

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"lena@nordwind.example": true, "a.b+c@x.co": true, "": false, "lena": false, "lena@": false, "@x.example": false,
		"lena@localhost": false, "Lena <lena@x.example>": false, "lena@x.example, b@x.example": false,
		"lena @x.example": false, "léna@x.example": false, "lena@[127.0.0.1]": false, `"a@b"@x.example`: false,
		"lena@x.example\nBcc: b@x.example": false, strings.Repeat("a", 65) + "@x.example": false,
	} {
		require.Equal(t, want, ValidAddress(address), address)
	}
}
