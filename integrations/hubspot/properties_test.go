package hubspot

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whoever reads a field in the CRM finds what it says on one page.
func TestEveryFieldIsExplained(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/signals.md")
	require.NoError(t, err)
	all := slices.Concat(ownProperties[0].properties, ownProperties[1].properties, forecastProperties())
	for _, p := range all {
		require.NotEmpty(t, p.Description, p.Name)
		require.True(t, strings.HasPrefix(p.Label, "CX: "), p.Label)
		if strings.HasPrefix(p.Name, "cx_") {
			require.Contains(t, string(page), "`"+p.Name+"`")
		}
	}
}
