package web

import (
	"bytes"
	"fmt"
	"net/http"

	"rsc.io/qr"

	"github.com/cxloop/cxloop/survey"
)

// The white margin of a QR code, in modules (ISO/IEC 18004, 9.1).
const quietZone = 4

// QRCode is a picture of an address that phones read, as SVG: black on white in any
// colour scheme.
func QRCode(address string) ([]byte, error) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return nil, fmt.Errorf("qr code: %w", err)
	}
	size := code.Size + 2*quietZone
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges">`, size, size, 8*size, 8*size)
	fmt.Fprintf(&out, `<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, size, size)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&out, "M%d %dh1v1h-1z", x+quietZone, y+quietZone)
			}
		}
	}
	out.WriteString(`"/></svg>` + "\n")
	return out.Bytes(), nil
}

// QRCodePNG is the same as PNG.
func QRCodePNG(address string) ([]byte, error) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return nil, fmt.Errorf("qr code: %w", err)
	}
	return code.PNG(), nil
}

// showQRCode serves the picture of a survey's own link.
func (s *Server) showQRCode(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	if _, err := s.opt.Tokens.Open(survey.TokenSurvey, token); err != nil {
		return noticeBadLink
	}
	picture, err := QRCode(s.publicURL + "/s/" + token)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "private, max-age=86400")
	_, _ = w.Write(picture) // the caller went away: nothing is left to do
	return nil
}
