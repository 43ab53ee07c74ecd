package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
)

// Brand is how pages look like those of the company that asks.
type Brand struct {
	Name string
	// Color is #rrggbb, or "" for DefaultColor.
	Color string
	// PrivacyURL is the company's privacy notice, or "".
	PrivacyURL string
}

// DefaultColor is the colour of a brand that has none.
const DefaultColor = "#1f5eff"

// stylesheet returns the pages' style in the brand's colour, and a short sum of
// it.
func (b Brand) stylesheet() (css []byte, sum string, err error) {
	color := b.Color
	if color == "" {
		color = DefaultColor
	}
	on, err := textOn(color)
	if err != nil {
		return nil, "", err
	}
	rules, err := pageFiles.ReadFile("pages/page.css")
	if err != nil {
		return nil, "", fmt.Errorf("page style: %w", err)
	}
	css = bytes.Join([][]byte{fmt.Appendf(nil, ":root{--brand:%s;--on-brand:%s}\n", color, on), rules}, nil)
	digest := sha256.Sum256(css)
	return css, hex.EncodeToString(digest[:4]), nil
}

// textOn returns black or white, whichever is easier to read on a colour. The
// better of the two always has a contrast of 4.5 or more (WCAG 2.2, 1.4.3).
func textOn(color string) (string, error) {
	rgb, err := strconv.ParseUint(color[min(1, len(color)):], 16, 32)
	if err != nil || len(color) != 7 || color[0] != '#' {
		return "", fmt.Errorf("brand colour %q: want #rrggbb, for example %s", color, DefaultColor)
	}
	linear := func(shift uint) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	luminance := 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
	if (luminance+0.05)/0.05 > 1.05/(luminance+0.05) {
		return "#000", nil
	}
	return "#fff", nil
}
