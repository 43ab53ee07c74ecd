package config

import (
	"reflect"
	"strconv"

	"github.com/cxloop/cxloop/insight/effect"
)

// ROI is what closing the loop costs, and what it brings. What is nil is not known. Amounts
// are in Currency.
type ROI struct {
	Currency string `yaml:"currency"`
	// Licence and Operation cost so much each month, Mail and SMS each.
	Licence   *effect.Range `yaml:"licence"`
	Operation *effect.Range `yaml:"operation"`
	Mail      *effect.Range `yaml:"mail"`
	SMS       *effect.Range `yaml:"sms"`
	// CaseMinutes are what people work on a case, an hour of whom costs Hour.
	CaseMinutes *effect.Range `yaml:"case_minutes"`
	Hour        *effect.Range `yaml:"hour"`
	// Margin is what is left of revenue, 0 to 1.
	Margin *effect.Range `yaml:"margin"`
	// CustomerValue is the revenue of a customer who is kept, for as long as you count it.
	CustomerValue *effect.Range `yaml:"customer_value"`
	// Kept is the share of customers who were called and would have left otherwise, 0 to 1.
	Kept *effect.Range `yaml:"kept"`
}

// checkROI reports shares that are none, and amounts without a currency.
func (d *document) checkROI(roi ROI) {
	at := path{"roi"}
	for name, share := range map[string]*effect.Range{"margin": roi.Margin, "kept": roi.Kept} {
		if share != nil && share.High > 1 {
			d.add(at.join(name), "want a share of 0 to 1, for example 0.6 or 0.5..0.7")
		}
	}
	if roi.Currency == "" && roi != (ROI{}) {
		d.add(at, "want the currency of these amounts, for example currency: EUR")
	}
}

func checkRange(text string) error {
	_, err := effect.ParseRange(text)
	return err
}

// rangeOfNumber lets a number stand where a range is wanted.
func rangeOfNumber(from, to reflect.Type, value any) (any, error) {
	if to != reflect.TypeFor[effect.Range]() {
		return value, nil
	}
	switch number := value.(type) {
	case int:
		return effect.ParseRange(strconv.Itoa(number))
	case int64:
		return effect.ParseRange(strconv.FormatInt(number, 10))
	case float64:
		return effect.ParseRange(strconv.FormatFloat(number, 'f', -1, 64))
	}
	return value, nil
}
