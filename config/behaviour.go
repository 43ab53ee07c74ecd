package config

import (
	"strconv"

	"github.com/cxloop/cxloop/survey"
)

// Behaviour says which records of HubSpot tell what customers did.
type Behaviour struct {
	// Deals that are won are purchases. Amount and Currency are properties of theirs; a
	// Currency of three capitals is that of all deals.
	Deals    bool   `yaml:"deals"`
	Amount   string `yaml:"amount"`
	Currency string `yaml:"currency"`
	// Tickets are those of customers.
	Tickets bool `yaml:"tickets"`
}

// ObjectTypes are those of the records that are read.
func (b Behaviour) ObjectTypes() []string {
	var types []string
	if b.Deals {
		types = append(types, survey.ObjectDeal)
	}
	if b.Tickets {
		types = append(types, survey.ObjectTicket)
	}
	return types
}

// checkBehaviour reports what nothing is read by.
func (d *document) checkBehaviour(cfg *Config) {
	for i, c := range cfg.CRM {
		at := path{"crm", strconv.Itoa(i), "behaviour"}
		if d.failed(at) || c.Type != HubSpot {
			continue
		}
		for _, key := range []string{"amount", "currency"} {
			if at := at.join(key); !c.Behaviour.Deals && d.value(at) != nil {
				d.addAtKey(at, "is for deals: true")
			}
		}
	}
}
