package activities

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// How long what CRM and Slack said of an owner is believed, and how long a refusal of
// theirs, which an operator may have mended.
const (
	ownerFresh   = 24 * time.Hour
	refusalFresh = time.Hour
)

// Owners finds out who in Slack has an account. Its activity runs on the CRM's queue.
type Owners struct {
	Store store.Store
	CRMs  map[string]crm.CRM
	Clock survey.Clock
	Slack SlackPeople
	// OwnerOf is the CRM's id of an account's owner, "" where there is none.
	OwnerOf func(survey.Account) string
	// Observe is told of the calls to Slack.
	Observe integrations.Observer
	Log     *slog.Logger
}

// SlackPeople finds members of the workspace. Its errors are *integrations.Error.
type SlackPeople interface {
	// LookupByEmail returns the member who has an address, the zero User for nobody.
	LookupByEmail(ctx context.Context, email string) (slack.User, error)
}

// LookUpOwner asks the CRM for the owner of a case's account, and Slack for who has their
// mail address, unless that was done lately. The address is kept nowhere. Where the CRM told
// that the account was changed, it is read anew before.
func (o *Owners) LookUpOwner(ctx context.Context, in CaseRef) error {
	if err := o.readAccount(ctx, in.Case); err != nil {
		return err
	}
	detail, err := o.Store.Case(ctx, in.Case)
	if err != nil {
		return err
	}
	owner, err := o.Store.Owner(ctx, detail.Case.CRM, o.OwnerOf(detail.Account))
	if err != nil || owner.ID == "" || !staleOwner(owner) {
		return err
	}
	found, err := o.lookUp(ctx, detail, owner.ID)
	if e, ok := errors.AsType[*integrations.Error](err); ok && e.Kind == integrations.Permanent {
		o.Log.Warn("nobody says who in Slack an owner is: their cases go to the channel", "crm", detail.Case.CRM, "owner", owner.ID, "error", err)
		found, err = owner, nil
		found.At = time.Now().Add(refusalFresh - ownerFresh)
	}
	if err != nil {
		return repeatable(err)
	}
	return o.Store.SaveOwner(ctx, detail.Case.CRM, found)
}

// readAccount reads the account of a case, and its contact, where the CRM told of a change,
// and is done with what was told before.
func (o *Owners) readAccount(ctx context.Context, id string) error {
	clicks, err := o.Store.PendingClicks(ctx, id)
	if err != nil {
		return err
	}
	var told []string
	for _, click := range clicks {
		if click.Action == survey.ActionAccountChanged {
			told = append(told, click.ID)
		}
	}
	if len(told) == 0 {
		return nil
	}
	detail, err := o.Store.Case(ctx, id)
	if err != nil {
		return err
	}
	if vendor := o.CRMs[detail.Case.CRM]; vendor != nil {
		found, err := vendor.Resolve(ctx, []survey.Object{
			{Type: survey.ObjectAccount, ID: detail.Account.ID}, {Type: survey.ObjectContact, ID: detail.Contact.ID},
		})
		if err != nil {
			return readable(err)
		}
		if err := o.Store.SaveContacts(ctx, found.Contacts, found.Accounts); err != nil {
			return err
		}
	}
	_, err = o.Store.AdvanceCase(ctx, id, o.Clock.Now(), func(*survey.Case, []survey.Click) store.Advance {
		return store.Advance{Done: told}
	})
	return err
}

func staleOwner(o survey.Owner) bool { return time.Since(o.At) >= ownerFresh }

func (o *Owners) lookUp(ctx context.Context, detail store.CaseDetail, id string) (survey.Owner, error) {
	// A CRM that cannot be asked sends the address with the account.
	person := crm.Owner{ID: id, Email: detail.Account.Attributes[survey.OwnerEmail], Active: true}
	if vendor, ok := o.CRMs[detail.Case.CRM].(crm.Owners); ok {
		var err error
		if person, err = vendor.Owner(ctx, id); err != nil {
			return survey.Owner{}, err
		}
	}
	found := survey.Owner{ID: id, Zone: person.Zone, At: time.Now()}
	away, changes := person.AwayAt(found.At)
	if found.Away = away; !changes.IsZero() && changes.Before(found.At.Add(ownerFresh)) {
		found.At = changes.Add(-ownerFresh) // it is not believed any longer
	}
	if person.Email == "" {
		return found, nil
	}
	user, err := o.Slack.LookupByEmail(integrations.WithObserver(ctx, o.Observe), person.Email)
	if err != nil {
		return survey.Owner{}, err
	}
	found.User, found.Zone, found.Away = user.ID, cmp.Or(user.Zone, found.Zone), found.Away || user.ID != "" && !user.Active
	return found, nil
}
