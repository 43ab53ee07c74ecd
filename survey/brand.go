package survey

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
)

// Sender is who a program's mails come from, where that is another than the one of all;
// what is "" is that one's.
type Sender struct {
	Email   string `json:"email,omitempty" yaml:"email"`
	Name    string `json:"name,omitempty" yaml:"name"`
	ReplyTo string `json:"reply_to,omitempty" yaml:"reply_to"`
}

// Brand is how customers see who asks. In a program, what is "" is as for all.
type Brand struct {
	Name string `json:"name,omitempty" yaml:"name"`
	// Color is #rrggbb, of buttons.
	Color string `json:"color,omitempty" yaml:"color"`
	// Address is the postal address below each mail.
	Address string `json:"address,omitempty" yaml:"address"`
	// PrivacyURL is the privacy notice.
	PrivacyURL string `json:"privacy_url,omitempty" yaml:"privacy_url"`
}

// BrandOver is the program's brand above the one of all programs.
func (p Program) BrandOver(all Brand) Brand {
	if p.Brand == nil {
		return all
	}
	own := *p.Brand
	return Brand{
		Name: cmp.Or(own.Name, all.Name), Color: cmp.Or(own.Color, all.Color),
		Address: cmp.Or(own.Address, all.Address), PrivacyURL: cmp.Or(own.PrivacyURL, all.PrivacyURL),
	}
}

// SenderOver is the program's sender above the one of all programs. Its name is the
// brand's, where the program has one and names no sender.
func (p Program) SenderOver(all Sender) Sender {
	if p.Brand != nil {
		all.Name = cmp.Or(p.Brand.Name, all.Name)
	}
	if p.Sender == nil {
		return all
	}
	own := *p.Sender
	return Sender{Email: cmp.Or(own.Email, all.Email), Name: cmp.Or(own.Name, all.Name), ReplyTo: cmp.Or(own.ReplyTo, all.ReplyTo)}
}

// TextOn returns #000000 or #ffffff, whichever is easier to read on a colour, #rrggbb.
// The better of the two always has a contrast of 4.5 or more (WCAG 2.2, 1.4.3).
func TextOn(color string) (string, error) {
	rgb, err := strconv.ParseUint(color[min(1, len(color)):], 16, 32)
	if err != nil || len(color) != 7 || color[0] != '#' {
		return "", fmt.Errorf("colour %q: want #rrggbb, for example #1f5eff", color)
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
		return "#000000", nil
	}
	return "#ffffff", nil
}
