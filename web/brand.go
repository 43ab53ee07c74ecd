package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/cxloop/cxloop/survey"
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
	on, err := survey.TextOn(color)
	if err != nil {
		return nil, "", fmt.Errorf("brand: %w", err)
	}
	rules, err := pageFiles.ReadFile("pages/page.css")
	if err != nil {
		return nil, "", fmt.Errorf("page style: %w", err)
	}
	css = bytes.Join([][]byte{fmt.Appendf(nil, ":root{--brand:%s;--on-brand:%s}\n", color, on), rules}, nil)
	digest := sha256.Sum256(css)
	return css, hex.EncodeToString(digest[:4]), nil
}

// of is the brand that a program's customers know.
func (b Brand) of(p survey.Program) Brand {
	own := p.BrandOver(survey.Brand{Name: b.Name, Color: b.Color, PrivacyURL: b.PrivacyURL})
	return Brand{Name: own.Name, Color: own.Color, PrivacyURL: own.PrivacyURL}
}
