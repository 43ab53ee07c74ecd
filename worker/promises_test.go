package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPromisesNameTests holds docs/promises.md to tests that exist.
func TestPromisesNameTests(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/promises.md")
	require.NoError(t, err)
	tests := regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(page), -1)
	require.Greater(t, len(tests), 50)
	for _, found := range tests {
		require.True(t, inTests(t, found[1], "func "+found[2]+"("), "%s has no %s", found[1], found[2])
	}
	cases := regexp.MustCompile("`storetest: ([^`…]+)`").FindAllStringSubmatch(string(page), -1)
	require.Greater(t, len(cases), 10)
	for _, found := range cases {
		require.True(t, inFiles(t, "../store/storetest/*.go", `"`+found[1]+`":`), "storetest has no case %q", found[1])
	}
}

func inTests(t *testing.T, folder, text string) bool {
	t.Helper()
	return inFiles(t, filepath.Join("..", folder, "*_test.go"), text)
}

func inFiles(t *testing.T, pattern, text string) bool {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(content), text) {
			return true
		}
	}
	return false
}
