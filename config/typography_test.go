package config

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// French has a space before these signs, at which no line may break. In an SMS that space
// would double the price: the alphabet of SMS has no such.
func TestFrenchSignsStayWithTheirWords(t *testing.T) {
	t.Parallel()
	broken := regexp.MustCompile(`\S [;?!](\s|"|'|$)|".*\S : `)
	files, err := fs.Glob(templateFiles, "templates/*.yaml")
	require.NoError(t, err)
	for _, file := range append(files, "texts/fr.yaml") {
		text, err := fs.ReadFile(templateFiles, file)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "sms:") && !strings.HasPrefix(line, "resurvey_sms:") {
				assert.NotRegexp(t, broken, line, file)
			}
		}
	}
}
