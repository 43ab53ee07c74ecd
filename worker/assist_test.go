package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/assist"
)

// The command wants a model, a program that there is, and comments.
func TestSummaryByCommand(t *testing.T) {
	t.Parallel()
	file, _ := commanded(t)
	require.Equal(t, ran{1, "", "cxloop: no language model is configured: give the section language_model\n"}, cxloop(t, "summary", "-c", file))

	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"choices":[{"message":{"content":"Nobody wrote"}}]}`)
	}))
	t.Cleanup(model.Close)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	file = writeFile(t, string(text)+"\nlanguage_model: {base_url: "+model.URL+", model: small}\n")
	require.Equal(t, ran{0, "Comments in that time: 0. At least 10 are wanted: --days goes back further.\n", ""}, cxloop(t, "summary", "-c", file))

	var got assist.Summary
	require.NoError(t, json.Unmarshal([]byte(cxloop(t, "summary", "--json", "--days", "30", "-c", file).out), &got))
	require.InDelta(t, 30*24, got.To.Sub(got.From).Hours(), 1e-9)
	require.Zero(t, got.Comments)
	for _, wrong := range [][]string{{"nothing"}, {"one", "two"}, {"--days", "0"}, {"--days", "99999999999"}, {"--language", "klingon"}} {
		require.Equal(t, exitUsage, cxloop(t, append([]string{"summary", "-c", file}, wrong...)...).code, wrong)
	}
}
