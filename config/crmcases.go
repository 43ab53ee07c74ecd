package config

import (
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/survey"
)

// Tickets are the pipeline of the tickets of cases, by the CRM's ids of it and its stages.
type Tickets struct {
	Pipeline  string `yaml:"pipeline"`
	OpenStage string `yaml:"open_stage"`
	// ClosedStages are those in which a case is over. Tickets are put into the first.
	ClosedStages []string `yaml:"closed_stages"`
}

// UnmarshalYAML fills in the defaults of what is left out.
func (c *CRM) UnmarshalYAML(n *yaml.Node) error {
	type plain CRM
	read := plain{
		Cases: survey.RecordNone, CaseNotes: true,
		Tickets:   Tickets{Pipeline: "0", OpenStage: "1", ClosedStages: []string{"4"}},
		Behaviour: Behaviour{Amount: "amount", Currency: "deal_currency_code"},
	}
	err := n.Decode(&read)
	*c = CRM(read)
	return err
}

// checkCRMCases reports what would not be told of cases, or to nobody.
func (d *document) checkCRMCases(cfg *Config) {
	if d.failed(path{"crm"}) {
		return
	}
	for i, c := range cfg.CRM {
		at := path{"crm", strconv.Itoa(i)}
		if c.Cases == survey.RecordMessages && c.PushURL == "" {
			d.add(at.join("cases"), "push_url is required too: it is where the messages go")
		}
		if at := at.join("tickets"); c.Cases != survey.RecordTicket && d.value(at) != nil {
			d.addAtKey(at, "is for cases: ticket")
		}
		if at := at.join("case_notes"); c.Cases == survey.RecordNone && d.value(at) != nil {
			d.addAtKey(at, "is for cases: task or cases: ticket")
		}
	}
}
