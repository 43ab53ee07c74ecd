package web

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
)

var (
	//go:embed pages/widget.js
	widgetJS []byte
	//go:embed pages/embed.js
	embedJS []byte
)

// embedParam is in the addresses of a survey's pages while they are inside a page of
// server.embed_origins.
const embedParam = "embed"

// embedded reports whether a survey is asked for to be shown inside another page. Any
// page may ask; the browser shows it inside those that are configured.
func (s *Server) embedded(r *http.Request) bool {
	return len(s.opt.EmbedOrigins) > 0 && r.URL.Query().Get(embedParam) == "1"
}

// embedScript is the address of embed.js below a path, which changes with its content.
func embedScript(basePath string) string {
	sum := sha256.Sum256(embedJS)
	return basePath + "/static/embed.js?v=" + hex.EncodeToString(sum[:4])
}

// serveWidget serves the script that other sites load. It keeps its address, so it is
// asked for again after an hour.
func serveWidget(w http.ResponseWriter, _ *http.Request) {
	serveScript(w, widgetJS, "public, max-age=3600")
}

func serveEmbed(w http.ResponseWriter, _ *http.Request) {
	serveScript(w, embedJS, "public, max-age=31536000, immutable")
}

func serveScript(w http.ResponseWriter, script []byte, caching string) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Set("Cache-Control", caching)
	_, _ = w.Write(script) // the caller went away: nothing is left to do
}
