package survey

import "github.com/nyaruka/phonenumbers"

// E164 is a phone number in the form of ITU-T E.164, + and up to 15 digits. A national
// number is taken as one of a region, two capital letters of ISO 3166-1 such as DE;
// with a region of "" it is refused. ok is false for what can be nobody's number.
func E164(number, region string) (e164 string, ok bool) {
	parsed, err := phonenumbers.Parse(number, region)
	if err != nil || !phonenumbers.IsValidNumber(parsed) {
		return "", false
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), true
}

// ValidRegion reports whether a region has phone numbers that E164 knows.
func ValidRegion(region string) bool { return phonenumbers.GetCountryCodeForRegion(region) != 0 }
