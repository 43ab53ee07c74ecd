package hubspot

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations"
)

// HubSpot's own statuses (docs: error handling), besides HTTP's.
const (
	statusMigration = 477 // the account moves to another region, for up to 24 hours
	statusEdgeFirst = 521 // 521 to 524: the edge cannot reach HubSpot
	statusEdgeLast  = 524
)

const (
	lockedWait    = 2 * time.Second
	migrationWait = time.Hour
	// dailyWait is how long calls rest when the day's limit is used up. It ends at
	// midnight in the account's time zone, which is not known here.
	dailyWait  = time.Hour
	windowWait = 10 * time.Second
)

// waitOf says how long to wait before a refused call is repeated, and whether
// it may be at all. 0 leaves the wait to the caller.
func (c *Client) waitOf(resp *http.Response) (wait time.Duration, later bool) {
	asked := integrations.RetryAfterOf(resp.Header, c.now())
	switch status := resp.StatusCode; {
	case status == http.StatusTooManyRequests:
		if asked == 0 {
			asked = intervalOf(resp.Header)
		}
		if asked == 0 && resp.Request != nil && isSearch(resp.Request.URL.Path) {
			asked = searchWindow
		}
		if asked == 0 {
			asked = windowWait
		}
		return asked, true
	case status == http.StatusLocked:
		return max(asked, lockedWait), true
	case status == statusMigration:
		if asked == 0 {
			asked = migrationWait
		}
		return asked, true
	case status == http.StatusRequestTimeout,
		status >= statusEdgeFirst && status <= statusEdgeLast,
		status >= 500 && status != http.StatusNotImplemented:
		return asked, true
	}
	return 0, false
}

// didNothing reports whether a refused call that may be repeated later certainly did
// nothing: HubSpot turned it away before it looked at it.
func didNothing(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusLocked || status == statusMigration
}

// refusal is the body of HubSpot's errors, of a whole call or of a row.
type refusal struct {
	Category   string `json:"category"`
	Message    string `json:"message"`
	PolicyName string `json:"policyName"`
	Context    struct {
		IDs           []string `json:"ids"`
		WriteTraceIDs []string `json:"objectWriteTraceId"`
	} `json:"context"`
	Errors []struct {
		Code    string `json:"code"`
		Context struct {
			PropertyName []string `json:"propertyName"`
		} `json:"context"`
	} `json:"errors"`
	CorrelationID string `json:"correlationId"`
}

// unknownProperty is HubSpot's code for a property that the account has not.
const unknownProperty = "PROPERTY_DOESNT_EXIST"

func (r refusal) hasUnknownProperty() bool {
	return strings.Contains(r.Message, unknownProperty) ||
		slices.ContainsFunc(r.details(), func(d string) bool { return strings.HasPrefix(d, unknownProperty) })
}

// details are the codes of a validation error with the properties they are
// about. HubSpot's sentences are left out: they quote values.
func (r refusal) details() []string {
	var out []string
	for _, e := range r.Errors {
		out = append(out, strings.TrimSpace(e.Code+" "+strings.Join(e.Context.PropertyName, " ")))
	}
	// Else a row's property errors come as JSON inside of the sentence.
	if start := strings.IndexByte(r.Message, '['); len(out) == 0 && start >= 0 {
		var inner []struct {
			Error string `json:"error"`
			Name  string `json:"name"`
		}
		if json.Unmarshal([]byte(r.Message[start:]), &inner) == nil {
			for _, e := range inner {
				out = append(out, strings.TrimSpace(e.Error+" "+e.Name))
			}
		}
	}
	return out
}

// describe says what was refused, without values of records.
func (r refusal) describe() string {
	text := r.Category
	if text == "" {
		text = "refused"
	}
	if details := r.details(); len(details) > 0 {
		text += ": " + strings.Join(details, ", ")
	}
	return clip(text, 300)
}

func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

const (
	setupHint  = "run cxloop setup, which creates the cx_* properties"
	tokenHint  = "check the access token of the HubSpot app"
	scopesHint = "give the HubSpot app the scopes to read contacts, companies, deals and tickets and to write contacts and companies, and tickets where cases are tickets"
	pathHint   = "check crm.base_url and the version of HubSpot's paths"
)

// refused types an answer that is not 2xx.
func (c *Client) refused(path string, resp *http.Response, body []byte) *integrations.Error {
	var r refusal
	_ = json.Unmarshal(body, &r) // a proxy's page has no details to add
	e := &integrations.Error{Vendor: vendor, Code: strconv.Itoa(resp.StatusCode), Kind: integrations.Permanent}
	e.Err = &callError{path: path, status: resp.StatusCode, refusal: r}
	if wait, later := c.waitOf(resp); later {
		e.Kind, e.After = integrations.RetryAfter, wait
		if r.PolicyName == "DAILY" {
			e.Code, e.After = "daily_limit", max(wait, dailyWait)
		}
		return e
	}
	switch status := resp.StatusCode; {
	case r.hasUnknownProperty():
		e.Code, e.Hint = unknownProperty, setupHint
	case status == http.StatusUnauthorized:
		e.Hint = tokenHint
	case status == http.StatusForbidden:
		e.Hint = scopesHint
	case status == http.StatusNotFound, status < 400:
		e.Hint = pathHint
	}
	return e
}

// callError is a refused call.
type callError struct {
	path    string
	status  int
	refusal refusal
}

func (e *callError) Error() string {
	text := fmt.Sprintf("%s: %s", e.path, e.refusal.describe())
	if e.refusal.CorrelationID != "" {
		text += " (correlation id " + clip(e.refusal.CorrelationID, 64) + ")"
	}
	return text
}

// badRows reports whether a call was refused for what single rows hold.
func badRows(err error) (refusal, bool) {
	e, ok := errors.AsType[*callError](err)
	if !ok {
		return refusal{}, false
	}
	bad := e.status == http.StatusBadRequest && e.refusal.Category == "VALIDATION_ERROR" && !e.refusal.hasUnknownProperty()
	return e.refusal, bad
}
