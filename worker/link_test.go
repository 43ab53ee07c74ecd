package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	address, err := programLink(w.config, "chat-csat")
	require.NoError(t, err)
	require.Contains(t, address, w.url+"/q/chat-csat.")
	_, err = programLink(w.config, "order-csat")
	require.ErrorContains(t, err, "order-csat is transactional: only programs of kind in_the_moment have a public link")
	_, err = programLink(w.config, "nothing")
	require.ErrorIs(t, err, errUsage)

	file := filepath.Join(t.TempDir(), "counter.png")
	require.NoError(t, writeQRCode(file, address))
	body, err := os.ReadFile(file)
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(body))
	require.NoError(t, err)
	require.Greater(t, picture.Bounds().Dx(), 200)
	require.NoError(t, writeQRCode(filepath.Join(t.TempDir(), "counter.SVG"), address))
	require.ErrorIs(t, writeQRCode("counter.jpg", address), errUsage)
}
