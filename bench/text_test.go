package bench

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// Times are another matter on a machine that runs other tests: here they are bounded loosely.
func TestTextFigures(t *testing.T) {
	r := &run{Options: Options{Progress: io.Discard}}
	figures, err := r.textFigures(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, "text.us_per_comment", figures[0].Name)
	require.Positive(t, figures[0].Value)
	require.Less(t, figures[0].Value, 1000.0)
}
