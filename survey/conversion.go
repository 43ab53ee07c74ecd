package survey

import (
	"fmt"
	"strconv"
	"strings"
)

// Conversion says which events of a CRM tell that a deal was won.
type Conversion struct {
	// Trigger matches those events; its CRM is the one that they come from.
	Trigger `yaml:",inline"`
	// Amount and Currency are fields that hold what the deal is worth: properties of the
	// deal's record where the event names one, else paths into the event's data; "" for
	// none. A Currency of three capitals is the currency itself.
	Amount   string `yaml:"amount"`
	Currency string `yaml:"currency"`
}

// FixedCurrency is the currency of all deals, "" where each tells its own.
func (c Conversion) FixedCurrency() string {
	if ValidCurrency(c.Currency) {
		return c.Currency
	}
	return ""
}

// ValidCurrency reports whether a text is a currency's code in the form of ISO 4217.
func ValidCurrency(code string) bool {
	if len(code) != 3 {
		return false
	}
	for _, c := range code {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// Fields are the names of a deal's properties that tell what it is worth.
func (c Conversion) Fields() []string {
	var names []string
	if c.Amount != "" {
		names = append(names, c.Amount)
	}
	if c.Currency != "" && c.FixedCurrency() == "" {
		names = append(names, c.Currency)
	}
	return names
}

// Worth reads what a deal is worth from its fields. known is false where they tell no
// amount; the currency is "" where they name none.
func (c Conversion) Worth(field func(name string) string) (amount Hundredths, currency string, known bool) {
	currency = c.FixedCurrency()
	if currency == "" && c.Currency != "" {
		if code := strings.ToUpper(field(c.Currency)); ValidCurrency(code) {
			currency = code
		}
	}
	if c.Amount == "" {
		return 0, currency, false
	}
	amount, err := ParseAmount(field(c.Amount))
	return amount, currency, err == nil
}

// Hundredths is an amount of money in hundredths of its currency's unit.
type Hundredths int64

// String writes the amount with two decimals: 1234.50.
func (h Hundredths) String() string {
	sign := ""
	if h < 0 {
		sign, h = "-", -h
	}
	return fmt.Sprintf("%s%d.%02d", sign, h/100, h%100)
}

// MarshalText implements encoding.TextMarshaler: JSON has the amount as text.
func (h Hundredths) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// maxAmount keeps sums of many amounts from overflowing.
const maxAmount = 1e13

// ParseAmount reads an amount as CRMs write it: digits with a decimal point, without
// separators of thousands. What is smaller than a hundredth is rounded.
func ParseAmount(text string) (Hundredths, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.Trim(text, "0123456789.eE+") != "" {
		return 0, fmt.Errorf("not an amount: want digits with a decimal point, such as 1234.50")
	}
	units, err := strconv.ParseFloat(text, 64)
	if err != nil || units > maxAmount {
		return 0, fmt.Errorf("not an amount: want digits with a decimal point, up to %.0f", maxAmount)
	}
	return Hundredths(units*100 + 0.5), nil
}
