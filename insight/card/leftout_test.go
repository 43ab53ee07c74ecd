package card

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLeftOut(t *testing.T) {
	t.Parallel()
	var l LeftOut
	require.Empty(t, l.Sentence("customers"))
	l.Add("a time")
	l.Add("an amount")
	l.Add("an amount")
	require.Equal(t, 3, l.N())
	require.Equal(t, "Left out: 3 customers, for a time (1), an amount (2).", l.Sentence("customers"))
}
