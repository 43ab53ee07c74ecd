package survey

import "strings"

// CaseFacts name the fields of accounts and contacts that the team is shown with a case,
// each account.<attribute> or contact.<attribute>, or "" for none.
type CaseFacts struct {
	// Worth is what the customer is worth, a number, in Currency (ISO 4217, or "").
	Worth    string `yaml:"value"`
	Currency string `yaml:"currency"`
	// Renewal is a date.
	Renewal string `yaml:"renewal"`
	Segment string `yaml:"segment"`
	// ChurnRisk is what the CRM holds of it, in its own words.
	ChurnRisk string `yaml:"churn_risk"`
	// Topics are the names of what comments are about, by id, where it is no cause.
	Topics map[string]Words `yaml:"-"`
}

// Value is what a field of CaseFacts holds, "" for nothing.
func (CaseFacts) Value(field string, account Account, contact Contact) string {
	object, name, _ := strings.Cut(field, ".")
	switch {
	case field == "":
		return ""
	case object == ObjectAccount:
		return account.Attributes[name]
	}
	return contact.Attributes[name]
}
