package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
)

func TestTemplatesAreListed(t *testing.T) {
	t.Parallel()
	got := cxloop(t, "templates")
	require.Zero(t, got.code, got.errOut)
	require.Regexp(t, `(?m)^delivery +csat +After a delivery`, got.out)
	require.Equal(t, len(config.Templates()), strings.Count(got.out, "\n"))
	got = cxloop(t, "templates", "--json")
	require.Contains(t, got.out, `{"name":"nps","metric":"nps","causes":0,"about":"How likely`)
	require.Contains(t, got.out, `{"name":"delivery","metric":"csat","causes":6,`)
}
