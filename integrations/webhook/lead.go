package webhook

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
)

var _ crm.LeadTaker = (*CRM)(nil)

type leadData struct {
	CRM        string      `json:"crm"`
	Lead       leadFields  `json:"lead"`
	Consent    leadConsent `json:"consent"`
	Program    string      `json:"program"`
	ReferredBy string      `json:"referred_by"`
}

type leadFields struct {
	ID        string `json:"id"`
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name,omitempty"`
	Company   string `json:"company,omitempty"`
	Message   string `json:"message,omitempty"`
	Locale    string `json:"locale,omitempty"`
}

type leadConsent struct {
	Text string `json:"text"`
	At   string `json:"at"`
}

// CreateLead posts a signed webhook of type lead.created to the push URL. Made again it has
// the same id, by which its receiver knows it (Standard Webhooks, webhook-id). Without a
// push URL nobody takes it.
func (c *CRM) CreateLead(ctx context.Context, lead crm.Lead) (crm.LeadRecord, error) {
	if c.pushURL == "" {
		return crm.LeadRecord{}, c.nowhere()
	}
	f := lead.Friend
	return crm.LeadRecord{}, c.post(ctx, "lead.created", "lead_"+lead.ID, leadData{
		CRM: c.id, Program: lead.Program, ReferredBy: lead.ReferredBy,
		Lead: leadFields{
			ID: lead.ID, Email: f.Email, FirstName: f.FirstName, LastName: f.LastName, Company: f.Company, Message: f.Message, Locale: f.Locale,
		},
		Consent: leadConsent{Text: f.Consent, At: f.ConsentAt.UTC().Format(time.RFC3339)},
	})
}
