package survey

import (
	"strings"
	"unicode/utf16"
)

// The septets or UTF-16 units of one SMS, and of each part of a longer one (3GPP TS
// 23.040, section 9.2.3.24).
const (
	septetsAlone, septetsOfPart = 160, 153
	unitsAlone, unitsOfPart     = 70, 67
)

// The alphabet of an SMS (3GPP TS 23.038, section 6.2.1): the default one, and what of its
// extension is written as two septets.
const (
	gsmAlphabet = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtension = "\f^{}\\[~]|€"
)

// SMSSize is what a text costs as SMS: each part is paid for.
type SMSSize struct {
	Parts int
	// Foreign are the characters that no SMS alphabet has, each once: because of them a
	// part holds 70 characters instead of 160.
	Foreign string
}

// SizeOfSMS counts the parts of a text.
func SizeOfSMS(text string) SMSSize {
	septets, foreign := 0, ""
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmAlphabet, r):
			septets++
		case strings.ContainsRune(gsmExtension, r):
			septets += 2
		case !strings.ContainsRune(foreign, r):
			foreign += string(r)
		}
	}
	if foreign != "" {
		return SMSSize{partsOf(len(utf16.Encode([]rune(text))), unitsAlone, unitsOfPart), foreign}
	}
	return SMSSize{Parts: partsOf(septets, septetsAlone, septetsOfPart)}
}

func partsOf(size, alone, part int) int {
	if size <= alone {
		return 1
	}
	return (size + part - 1) / part
}
