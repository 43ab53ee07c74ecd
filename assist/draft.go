package assist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// ErrNothing is of a case whose customer wrote nothing that could be replied to, or of
// which a model may be shown nothing.
var ErrNothing = errors.New("there is nothing that a reply could be drafted to")

// Drafts tells whether a reply can be drafted to the customer of a case.
func (a *Assistant) Drafts(d store.CaseDetail) bool {
	_, ok := a.replyTo(d)
	return ok
}

// Draft writes a reply to the customer of a case, in their language.
func (a *Assistant) Draft(ctx context.Context, d store.CaseDetail) (string, error) {
	r, ok := a.replyTo(d)
	if !ok {
		return "", ErrNothing
	}
	text, err := json.Marshal(told{r.Program, r.Band, clip(survey.Mask(r.Comment, d.Contact, d.Account), mostToReplyTo)})
	if err != nil {
		return "", err
	}
	language := d.Contact.Locale
	if language == "" {
		language = survey.DefaultLocale
	}
	draft, err := a.Model.Ask(ctx, draftInstruction(language), string(text))
	if err != nil {
		return "", fmt.Errorf("draft a reply: %w", err)
	}
	return unmask(clip(draft, mostDraft), d.Contact, d.Account), nil
}

// What a model is shown of a comment, and what is taken of its draft, in characters.
const (
	mostToReplyTo = 4000
	mostDraft     = 4000
)

// replyTo is the latest answer of the contact of a case that has a comment.
func (a *Assistant) replyTo(d store.CaseDetail) (survey.Response, bool) {
	for _, r := range d.Responses {
		if r.State != survey.Withdrawn && r.Comment != "" && r.ContactKey == d.Contact.Key && a.asksCustomers(r.Program) {
			return r, true
		}
	}
	return survey.Response{}, false
}

// asksCustomers is false of a program that is configured no more: nobody knows whom it asked.
func (a *Assistant) asksCustomers(program string) bool {
	for _, p := range a.Programs {
		if p.ID == program {
			return ofCustomers(p)
		}
	}
	return false
}

func draftInstruction(language string) string {
	return "You draft a reply to a customer who was asked in a survey and is unhappy, for an account manager who will change and send it." +
		" You are given, as JSON, how they rated and what they wrote." +
		" Write at most 120 words, polite and plain: address [name], say what you understood, say that you are sorry where that is due," +
		" ask one question that helps to solve it, and offer a call." +
		" Promise nothing: no refund, no discount, no date, no cause that they did not name. End without a signature, and write no subject and no markup." +
		" Write in the language " + language + "." + untrusted
}

// unmask puts the names of the contact and of their company back.
func unmask(text string, contact survey.Contact, account survey.Account) string {
	name := contact.FirstName
	if name == "" {
		name = contact.Name()
	}
	var pairs []string
	for _, known := range [][2]string{{survey.MaskedName, name}, {survey.MaskedCompany, account.Name}} {
		if known[1] != "" {
			pairs = append(pairs, known[:]...)
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
