package survey

import (
	"regexp"
	"strings"
	"unicode"
)

// What stands for something that Mask hid.
const (
	MaskedName    = "[name]"   // of the contact
	MaskedPerson  = "[person]" // of somebody else, as far as that can be told
	MaskedCompany = "[company]"
	MaskedMail    = "[mail]"
	MaskedNumber  = "[number]"
	MaskedLink    = "[link]"
	MaskedAddress = "[address]"
)

var (
	// anything about an @ is an address, or a name at a social network
	mailLike = regexp.MustCompile(`[^\s@]+\s@\s[^\s@]+(?:\s?\.\s?\pL{2,})*|[^\s@]*@[^\s@]*`)
	// an address that is written to be read by people alone
	mailSpelt = regexp.MustCompile(`(?i)[\pL\p{Nd}._+-]+(?:\s*[(\[{]\s*(?:at|ät|arobase|arroba)\s*[)\]}]\s*[\pL\p{Nd}-]+(?:\s*(?:\.|[(\[{]\s*` + dot + `\s*[)\]}]|\s` + dot + `\s)\s*[\pL\p{Nd}-]+)*` +
		`|\s+(?:at|arobase|arroba)\s+[\pL\p{Nd}-]+(?:\.[\pL\p{Nd}-]+|\s+` + dot + `\s+[\pL\p{Nd}-]+)+)`)
	linkLike = regexp.MustCompile(`(?i:\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+)|(?:[\pL\p{Nd}-]+\.)+\pL{2,}/\S*` +
		`|\b(?:[\pL\p{Nd}-]+\.)+(?:[a-z]{2}|(?i:com|net|org|info|biz|app|dev|shop|cloud|online|store|site|tech|group))\b`)
	// five digits and more, however they are set: phones, customers, orders, cards, dates
	numberLike = regexp.MustCompile(`\p{Nd}(?:[\s().,:;/\-‐-―·•*_|+]{0,7}\p{Nd}){4,}`)
	// what is said to be a number of something, and codes
	numberNamed = regexp.MustCompile(`(?i)(#|\b(?:no|nr|number|nummer|order|ticket|invoice|case|bestellung|rechnung|auftrag|kunde|vertrag|commande|facture|contrat|dossier|pedido|factura|contrato|número|numéro|pin|cvv)\b|n[°º])([.:#°º\s]*)\p{Nd}{2,}`)
	codeLike    = regexp.MustCompile(`[\pL\p{Nd}]+(?:[-_/#][\pL\p{Nd}]+)*`)
	amountLike  = regexp.MustCompile(`^\p{Nd}{1,4}[-/]?\pL{1,12}$`)

	addressLike = regexp.MustCompile(strings.Join([]string{
		`(?i:[\pL.-]*stra(?:ß|ss)e|\pL[\pL.-]*str\.|\pL{3,}(?:gasse|allee|platz|weg|ring|damm|ufer))\s+\p{Nd}{1,4}\s?[a-zA-Z]?\b`,
		`(?i:\p{Nd}{1,4}\s?(?:bis|ter)?,?\s+(?:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai|route)\s)[^\p{Nd},.;:!?\n]{1,40}`,
		`\p{Nd}{1,5}[a-zA-Z]?\s+(?:\p{Lu}[\pL'’-]+\s+){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Square|Way|Court|Terrace|Crescent|Close|Boulevard|Blvd)\b`,
		`(?i:\b(?:calle|avenida|avda\.?|plaza|paseo|carrer)\s+)[\pL'’ .-]{2,30}?,?\s+\p{Nd}{1,4}\b`,
		`\b[A-Z]{1,2}\p{Nd}[A-Z\p{Nd}]?\s?\p{Nd}[A-Z]{2}\b`, // a British postcode
	}, "|"))

	titled     = regexp.MustCompile(`\b(Mr|Mrs|Ms|Mx|Dr|Prof|Herrn?|Frau|Mme|Mlle|Madame|Monsieur|Sra?|Srta|Señora?|M\.|Hr\.)((?:\.?\s+(?:Dr|Prof|Dra))?\.?\s+)` + properName)
	introduced = regexp.MustCompile(`(\b[Mm]y name is|\b[Ii]ch hei(?:ß|ss)e|\b[Mm]ein Name ist|\b[Jj]e m['’]appelle|\b[Mm]on nom est|\b[Mm]e llamo|\b[Mm]i nombre es)(\s+)` + properName)
	signed     = regexp.MustCompile(`(?m)(\b(?i:regards|sincerely|best wishes|cheers|grü(?:ß|ss)en?|gruß|mfg|cordialement|salutations|saludos?|atentamente))([,.!\s–-]*[,\n]\s*|\s+)([\pL'’.-]+(?:[ \t]+[\pL'’.-]+){0,3})[ \t.]*$`)
)

const (
	dot        = `(?:dot|punkt|point|punto)`
	properName = `(\p{Lu}[\pL'’-]+(?:\s+\p{Lu}[\pL'’-]+)?)`
)

// Mask hides what tells who wrote a text or whom it is about, as far as that can be told:
// mail addresses, links, streets with their numbers, numbers of five digits and more, codes,
// the names of a contact and of their company, and names with a title, in a signature or in
// "my name is". Other names stay.
func Mask(text string, contact Contact, account Account) string {
	text = mailSpelt.ReplaceAllLiteralString(text, MaskedMail)
	text = mailLike.ReplaceAllLiteralString(text, MaskedMail)
	text = linkLike.ReplaceAllLiteralString(text, MaskedLink)
	text = addressLike.ReplaceAllLiteralString(text, MaskedAddress)
	text = codeLike.ReplaceAllStringFunc(text, maskCode)
	text = numberNamed.ReplaceAllString(text, "${1}${2}"+MaskedNumber)
	text = numberLike.ReplaceAllLiteralString(text, MaskedNumber)
	// The contact's names first: a draft puts those back.
	text = maskNames(text, namesOf(contact, account))
	for _, pattern := range []*regexp.Regexp{titled, introduced, signed} {
		text = maskPerson(text, pattern)
	}
	return text
}

// maskCode hides a word of letters and three digits and more, unless it is as 500EUR.
func maskCode(word string) string {
	letters, digits := false, 0
	for _, r := range word {
		switch {
		case unicode.IsLetter(r):
			letters = true
		case unicode.IsDigit(r):
			digits++
		}
	}
	if !letters || digits < 3 || amountLike.MatchString(word) {
		return word
	}
	return MaskedNumber
}

// maskPerson hides the name that is the third group of a pattern.
func maskPerson(text string, pattern *regexp.Regexp) string {
	var out strings.Builder
	copied := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
		// "Regards" at the end of a line of its own, or before what is hidden already
		if pattern == signed && !signs(text[at[4]:at[5]], text[at[6]:at[7]]) {
			continue
		}
		out.WriteString(text[copied:at[6]] + MaskedPerson)
		copied = at[7]
	}
	return out.String() + text[copied:]
}

// signs tells whether what follows a closing word is a name: behind a comma or on a line of
// its own any words are, else those with capitals.
func signs(between, name string) bool {
	if strings.ContainsAny(between, ",\n") {
		return true
	}
	for _, word := range strings.Fields(name) {
		if r := []rune(word)[0]; !unicode.IsUpper(r) {
			return false
		}
	}
	return true
}
