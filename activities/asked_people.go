package activities

import (
	"context"
	"slices"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// toRead are the CRMs that tell what the rules of all programs ask for of contacts, who
// answered a day or more ago. Without such rules none is read.
func (a *Asks) toRead(asks []store.AskRecipient) []string {
	if a.Rules.Consent == nil && a.Rules.OpenTicket == nil {
		return nil
	}
	var crms []string
	for _, r := range asks {
		if slices.Contains(a.Reads, r.Contact.CRM) {
			crms = append(crms, r.Contact.CRM)
		}
	}
	slices.Sort(crms)
	return slices.Compact(crms)
}

// ReadAsked reads the contacts of a batch's waiting asks, and their accounts, from a CRM
// again. It runs on the CRM's queue.
func (a *Contacts) ReadAsked(ctx context.Context, in ResolveInput) error {
	waiting, err := a.Store.WaitingAsks(ctx, in.Batch)
	if err != nil {
		return err
	}
	var objects []survey.Object
	for _, r := range waiting {
		if object := (survey.Object{Type: survey.ObjectContact, ID: r.Contact.ID}); r.Contact.CRM == in.CRM && !slices.Contains(objects, object) {
			objects = append(objects, object)
		}
	}
	if len(objects) == 0 {
		return nil
	}
	stop := heartbeats(ctx)
	found, err := a.CRMs[in.CRM].Resolve(ctx, objects)
	stop()
	if err != nil {
		return readable(err)
	}
	return a.Store.SaveContacts(ctx, found.Contacts, found.Accounts)
}
