package card

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLeftOut(t *testing.T) {
	t.Parallel()
	var l LeftOut
	require.Empty(t, l.Sentence("Customers"))
	l.Add("a time")
	l.Add("an amount")
	l.Add("an amount")
	require.Equal(t, 3, l.N())
	require.Equal(t, "Customers left out: 1 for a time, 2 for an amount.", l.Sentence("Customers"))
}
