package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/survey"
)

func TestDevCommandsOfOwnPrograms(t *testing.T) {
	t.Parallel()
	d := dev{own: []byte{}, files: &devFiles{}, config: &config.Config{Programs: []survey.Program{{ID: "a-nps"}}}}
	require.Equal(t, []string{"results --period quarter", "comments a-nps", "behaviour", "effect"}, d.commandsShown())
	d.config.ROI.Currency, d.config.Models.Customer = "EUR", survey.ObjectAccount
	require.Equal(t, []string{"results --period quarter", "comments a-nps", "behaviour", "models list", "models run", "roi", "effect"}, d.commandsShown())
}

// commandsShown are the commands that the playground lists, without what is the same of all.
func (d *dev) commandsShown() (all []string) {
	for _, c := range d.commands() {
		line, _ := strings.CutPrefix(c.Line, os.Args[0]+" ")
		line, _ = strings.CutSuffix(line, " -c "+devConfig)
		all = append(all, line)
	}
	return all
}

func TestDevRefusesOwnFolder(t *testing.T) {
	t.Parallel()
	o := devOptions{data: t.TempDir()}
	file := filepath.Join(o.data, devConfig)
	require.NoError(t, o.checkData())
	require.NoError(t, os.WriteFile(file, []byte("server: {}\n"), 0o644))
	require.ErrorContains(t, o.checkData(), file)

	body, err := config.Dev(config.DevOptions{Key: make([]byte, survey.MinTokenKey)}, os.LookupEnv)
	require.NoError(t, err)
	require.NoError(t, replaceFile(file, body))
	require.NoError(t, o.checkData())
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	left, err := os.ReadDir(o.data)
	require.NoError(t, err)
	require.Len(t, left, 1)
}
