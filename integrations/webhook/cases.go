package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

// toldCase is the data of a message about a case: ids and states.
type toldCase struct {
	CRM     string   `json:"crm"`
	Case    caseData `json:"case"`
	Contact objectID `json:"contact"`
	Account objectID `json:"account,omitzero"`
}

type caseData struct {
	ID       string              `json:"id"`
	Revision int                 `json:"revision"`
	State    survey.CaseState    `json:"state"`
	Priority survey.CasePriority `json:"priority"`
	Cause    string              `json:"cause,omitempty"`
	Program  string              `json:"program"`
	OpenedAt time.Time           `json:"opened_at"`
	EndedAt  time.Time           `json:"ended_at,omitzero"`
}

type objectID struct {
	ID string `json:"id"`
}

// TellCase implements crm.CaseTeller: it posts a signed webhook to the push URL, whose id
// is the same as often as the same is told.
func (c *CRM) TellCase(ctx context.Context, news crm.CaseNews) error {
	if c.pushURL == "" {
		return nil
	}
	id := fmt.Sprintf("msg_%s_%s_%d", news.Type, news.Case, news.Revision)
	return c.post(ctx, news.Type, id, toldCase{
		CRM: c.id, Contact: objectID{news.ContactID}, Account: objectID{news.AccountID},
		Case: caseData{
			ID: news.Case, Revision: news.Revision, State: news.State, Priority: news.Priority, Cause: news.Cause, Program: news.Program,
			OpenedAt: news.OpenedAt.UTC(), EndedAt: news.EndedAt.UTC(),
		},
	})
}

// eventCaseClosed is the type of the one event that may be about a case of cxloop's and
// name no contact.
const eventCaseClosed = "case.closed"

func namesContact(object map[string]any) bool {
	data, _ := object["data"].(map[string]any)
	return data["contact"] != nil
}

// parseClosing reads the data of such an event.
func parseClosing(object map[string]any) (map[string]any, error) {
	data, _ := object["data"].(map[string]any)
	plain(data)
	about, err := objectOf(data, "data.", "case")
	if err != nil {
		return nil, err
	}
	if about == nil {
		return nil, fault("data.contact.id", "is missing")
	}
	if err := checkID(about, "data.case.id", true); err != nil {
		return nil, err
	}
	return map[string]any{"case": map[string]any{"id": about["id"]}}, nil
}

// Closing implements crm.CaseWatcher.
func (c *CRM) Closing(e survey.Event) (crm.Closing, bool) {
	if e.Type != eventCaseClosed {
		return crm.Closing{}, false
	}
	about, _ := e.Data["case"].(map[string]any)
	id, ok := about["id"].(string)
	return crm.Closing{Case: id}, ok
}
