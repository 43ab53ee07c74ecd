package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// manyInputs makes a batch of n different ids.
func manyInputs(n int) map[string]any {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	return inputs("phone", "1", ids...)
}

func filters(n int) string {
	return `{"filters":[` + strings.TrimSuffix(strings.Repeat(`{"propertyName":"email","operator":"HAS_PROPERTY"},`, n), ",") + `]}`
}

// TestHubSpotRefuses breaks each rule once: the answer has the vendor's status, the refusal is recorded under the
// rule's name, and no record has changed.
func TestHubSpotRefuses(t *testing.T) {
	t.Parallel()
	const (
		update = "POST " + hsContacts + "/batch/update"
		read   = "POST " + hsContacts + "/batch/read"
		search = "POST " + hsContacts + "/search"
		define = "POST " + hsProperties
		tasks  = "POST /crm/objects/2026-09/tasks"
		assoc  = "POST /crm/associations/2026-09/contacts/companies/batch/read"
		// The first two records of a sandbox.
		one, two = "508369435001", "508369435002"
	)
	property := func(name, label, kind, group string) map[string]any {
		return map[string]any{"name": name, "label": label, "type": kind, "fieldType": "text", "groupName": group}
	}
	link := func(id string, typeID int, category string) map[string]any {
		return map[string]any{"properties": map[string]string{"email": "c@x.example"}, "associations": []any{
			map[string]any{"to": map[string]string{"id": id}, "types": []any{map[string]any{"associationCategory": category, "associationTypeId": typeID}}},
		}}
	}
	tests := []struct {
		name, request string
		body          any
		status        int
		rule          string
	}{
		{"unknown path", "GET /crm/objects/2026-09", nil, 404, "hubspot/path"},
		{"wrong method", "PUT " + hsContacts + "/" + one, `{}`, 404, "hubspot/path"},
		{"unknown version", "POST /crm/objects/v3/contacts/batch/update", inputs("phone", "1", one), 404, "hubspot/version"},
		{"unknown object type", "POST /crm/objects/2026-09/widgets/batch/read", inputs("phone", "1", one), 400, "hubspot/object_type"},
		{"body over the cap", update, strings.Repeat(" ", hubSpotBodyMax+1), 413, "hubspot/body_max"},
		{"truncated JSON", update, `{"inputs":[{"id":"1","proper`, 400, "hubspot/json"},
		{"empty body", update, ``, 400, "hubspot/json"},
		{"two values", update, `{"inputs":[{"id":"` + one + `","properties":{"phone":"1"}}]} {}`, 400, "hubspot/json"},
		{"unknown field", update, `{"inputs":[],"dryRun":true}`, 400, "hubspot/json"},
		{"number as value", update, `{"inputs":[{"id":"` + one + `","properties":{"phone":7}}]}`, 400, "hubspot/json"},
		{"boolean as value", update, `{"inputs":[{"id":"` + one + `","properties":{"phone":true}}]}`, 400, "hubspot/json"},
		{"number as id", update, `{"inputs":[{"id":7,"properties":{"phone":"1"}}]}`, 400, "hubspot/json"},

		{"update of 101", update, manyInputs(101), 400, "hubspot/batch_max"},
		{"update of none", update, manyInputs(0), 400, "hubspot/batch_min"},
		{"update of one id twice", update, inputs("phone", "1", one, one), 400, "hubspot/duplicate_ids"},
		{"update by email", update, `{"inputs":[{"id":"a@x.example","idProperty":"email","properties":{"phone":"1"}}]}`, 400, "hubspot/id_property"},
		{"update of nothing", update, `{"inputs":[{"id":"` + one + `","properties":{}}]}`, 400, "hubspot/properties"},
		{"unknown property", update, inputs("cx_nps_last", "9", one), 400, "hubspot/property_doesnt_exist"},
		{"read-only property", update, inputs("createdate", "2026-01-01T00:00:00Z", one), 400, "hubspot/read_only_value"},
		{"no number", update, inputs("associatedcompanyid", "seven", one), 400, "hubspot/invalid_integer"},
		{"no boolean", update, inputs("hs_email_optout", "yes", one), 400, "hubspot/invalid_option"},
		{"no option", update, inputs("band", "angry", one), 400, "hubspot/invalid_option"},
		{"no date", update, inputs("last_day", "2026-11-20T09:00:00Z", one), 400, "hubspot/invalid_date"},
		{"no time", "POST /crm/objects/2026-09/deals", `{"properties":{"closedate":"soon"}}`, 400, "hubspot/invalid_date"},
		{"no address", update, inputs("email", "nobody", one), 400, "hubspot/invalid_email"},
		{"value too long", update, inputs("phone", strings.Repeat("1", hubSpotValueMax+1), one), 400, "hubspot/value_too_long"},
		{"address of another contact", update, inputs("email", "B@x.example", one), 409, "hubspot/unique_email"},

		{"read of 101", read, map[string]any{"inputs": make([]struct {
			ID string `json:"id"`
		}, 101)}, 400, "hubspot/batch_max"},
		{"read by a property that is not unique", read, `{"inputs":[{"id":"1"}],"idProperty":"phone"}`, 400, "hubspot/id_property"},
		{"create of 101", "POST " + hsContacts + "/batch/create", map[string]any{"inputs": make([]struct{}, 101)}, 400, "hubspot/batch_max"},
		{"create with an unknown property", "POST " + hsContacts + "/batch/create", `{"inputs":[{"properties":{"cx":"1"}}]}`, 400, "hubspot/property_doesnt_exist"},
		{"archive of 101", "POST " + hsContacts + "/batch/archive", map[string]any{"inputs": make([]idObject, 101)}, 400, "hubspot/batch_max"},

		{"get of nothing", "GET " + hsContacts + "/404", nil, 404, "hubspot/not_found"},
		{"get by phone", "GET " + hsContacts + "/1?idProperty=phone", nil, 400, "hubspot/id_property"},
		{"get with an unknown association", "GET " + hsContacts + "/" + one + "?associations=widgets", nil, 400, "hubspot/object_type"},
		{"patch of nothing", "PATCH " + hsContacts + "/404", `{"properties":{"phone":"1"}}`, 404, "hubspot/not_found"},
		{"patch without properties", "PATCH " + hsContacts + "/" + one, `{"properties":{}}`, 400, "hubspot/properties"},
		{"patch of an unknown property", "PATCH " + hsContacts + "/" + one, `{"properties":{"cx":"1"}}`, 400, "hubspot/property_doesnt_exist"},
		{"contact twice", "POST " + hsContacts, `{"properties":{"email":"A@X.example"}}`, 409, "hubspot/unique_email"},
		{"task of an unknown status", tasks, `{"properties":{"hs_timestamp":"2026-01-01T00:00:00Z","hs_task_status":"DONE"}}`, 400, "hubspot/invalid_option"},
		{"ticket of an unknown priority", strings.Replace(tasks, "tasks", "tickets", 1), `{"properties":{"hs_pipeline_stage":"1","hs_ticket_priority":"NORMAL"}}`, 400, "hubspot/invalid_option"},
		{"pipeline that is not there", "GET /crm/pipelines/2026-09/tickets/7", ``, 404, "hubspot/pipeline"},
		{"task without time", tasks, `{"properties":{"hs_task_subject":"Call"}}`, 400, "hubspot/required"},
		{"unknown association type", "POST " + hsContacts, link(two, 9999, hubSpotDefined), 400, "hubspot/association_type"},
		{"unknown association category", "POST " + hsContacts, link(two, 279, "MINE"), 400, "hubspot/association_category"},
		{"association to nothing", "POST " + hsContacts, link("404", 279, hubSpotDefined), 400, "hubspot/association_target"},

		{"associations of none", assoc, `{"inputs":[]}`, 400, "hubspot/batch_min"},
		{"associations of 1001", assoc, map[string]any{"inputs": make([]idObject, 1001)}, 400, "hubspot/batch_max"},
		{"associations to an unknown type", "POST /crm/associations/2026-09/contacts/widgets/batch/read", `{"inputs":[{"id":"1"}]}`, 400, "hubspot/object_type"},
		{"default association of types without one", "POST /crm/associations/2026-09/notes/tasks/batch/associate/default", `{"inputs":[]}`, 400, "hubspot/association_type"},

		{"search on an unknown property", search, `{"filterGroups":[{"filters":[{"propertyName":"cx","operator":"HAS_PROPERTY"}]}]}`, 400, "hubspot/search_property"},
		{"search with an unknown operator", search, `{"filterGroups":[{"filters":[{"propertyName":"email","operator":"LIKE","value":"x"}]}]}`, 400, "hubspot/search_operator"},
		{"search without operand", search, `{"filterGroups":[{"filters":[{"propertyName":"email","operator":"BETWEEN","value":"x"}]}]}`, 400, "hubspot/search_operand"},
		{"search by IN without values", search, `{"filterGroups":[{"filters":[{"propertyName":"email","operator":"IN"}]}]}`, 400, "hubspot/search_operand"},
		{"search of 201", search, `{"limit":201}`, 400, "hubspot/search_limit"},
		{"search beyond 10,000", search, `{"limit":100,"after":"9901"}`, 400, "hubspot/search_window"},
		{"search after a word", search, `{"after":"abc"}`, 400, "hubspot/search_after"},
		{"search with 6 groups", search, `{"filterGroups":[` + strings.Repeat(filters(1)+",", 5) + filters(1) + `]}`, 400, "hubspot/search_groups"},
		{"search with 7 filters in a group", search, `{"filterGroups":[` + filters(7) + `]}`, 400, "hubspot/search_filters"},
		{"search with 20 filters", search, `{"filterGroups":[` + strings.Repeat(filters(5)+",", 3) + filters(5) + `]}`, 400, "hubspot/search_filters"},
		{"search with two sorts", search, `{"sorts":["email","phone"]}`, 400, "hubspot/search_sorts"},
		{"search sorted by an unknown property", search, `{"sorts":["cx"]}`, 400, "hubspot/search_sorts"},
		{"search for too long a text", search, map[string]string{"query": strings.Repeat("x", searchQueryMax+1)}, 400, "hubspot/search_query"},

		{"property exists", define, property("email", "E-mail", "string", "contactinformation"), 409, "hubspot/property_exists"},
		{"property named badly", define, property("NPS last", "NPS", "string", "contactinformation"), 400, "hubspot/property_name"},
		{"property without label", define, property("cx", "", "string", "contactinformation"), 400, "hubspot/property_label"},
		{"property of mismatched type", define, property("cx", "CX", "number", "contactinformation"), 400, "hubspot/property_type"},
		{"property in an unknown group", define, property("cx", "CX", "string", "cxloop"), 400, "hubspot/property_group"},
		{"property with one option twice", define, `{"name":"cx","label":"CX","type":"enumeration","fieldType":"select","groupName":"contactinformation",
			"options":[{"label":"A","value":"a","hidden":false},{"label":"B","value":"a","hidden":false}]}`, 400, "hubspot/property_options"},
		{"properties read of none", define + "/batch/read", `{"inputs":[]}`, 400, "hubspot/batch_min"},
		{"properties create of 101", define + "/batch/create", map[string]any{"inputs": make([]struct{}, 101)}, 400, "hubspot/batch_max"},
		{"unknown property's definition", "GET " + hsProperties + "/cx", nil, 404, "hubspot/not_found"},
		{"group exists", define + "/groups", `{"name":"contactinformation","label":"Again"}`, 409, "hubspot/group_exists"},
		{"group without label", define + "/groups", `{"name":"cxloop"}`, 400, "hubspot/group_name"},
		{"owners by a word", "GET /crm/owners/2026-09?limit=all", nil, 400, "hubspot/owners_page"},
		{"501 owners", "GET /crm/owners/2026-09?limit=501", nil, 400, "hubspot/owners_page"},
		{"unknown owner", "GET /crm/owners/2026-09/7", nil, 404, "hubspot/not_found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newHSClient(t, nil)
			require.Equal(t, one, c.contact("a@x.example", "").ID)
			require.Equal(t, two, c.contact("b@x.example", "").ID)
			for _, def := range []string{
				`{"name":"band","label":"Band","type":"enumeration","fieldType":"select","groupName":"contactinformation","options":[{"label":"P","value":"promoter","hidden":false}]}`,
				`{"name":"last_day","label":"Day","type":"date","fieldType":"date","groupName":"contactinformation"}`,
			} {
				require.Equal(t, http.StatusCreated, c.call("POST", hsProperties, def).status)
			}
			before := crmText(t, c.s)

			method, path, _ := strings.Cut(tt.request, " ")
			answer := c.call(method, path, tt.body)
			require.Equal(t, tt.status, answer.status, "%s", answer.body)
			var body struct{ Status, Message, CorrelationID, Category string }
			answer.decode(t, &body)
			require.Equal(t, "error", body.Status)
			require.NotEmpty(t, body.Message)
			require.Len(t, body.CorrelationID, hubSpotCorrelation)
			require.NotEmpty(t, body.Category)
			require.Equal(t, []string{tt.rule}, rulesOf(c.s))
			require.Equal(t, before, crmText(t, c.s))
		})
	}
}

func rulesOf(s *Sandbox) []string {
	var rules []string
	for _, r := range s.Snapshot().Refusals {
		rules = append(rules, r.Rule)
	}
	return rules
}

// crmText is everything that the CRM holds.
func crmText(t *testing.T, s *Sandbox) string {
	t.Helper()
	st := s.Snapshot()
	text, err := json.Marshal([]any{st.tables[Contacts].list, st.tables[Deals], st.tables[Tasks], st.properties, st.groups})
	require.NoError(t, err)
	return string(text)
}

func TestHubSpotRefusesStrangers(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{"no token": "", "other token": "Bearer pat-other", "other scheme": "Basic " + hsToken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newHSClient(t, nil)
			a, err := c.send("POST", hsContacts+"/batch/update", inputs("phone", "1", "1"), func(r *http.Request) { r.Header.Set("Authorization", header) })
			require.NoError(t, err)
			require.Equal(t, http.StatusUnauthorized, a.status)
			require.Contains(t, string(a.body), "INVALID_AUTHENTICATION")
			require.Equal(t, []string{"hubspot/auth"}, rulesOf(c.s))
			require.NotContains(t, fmt.Sprint(c.s.Snapshot().Refusals), hsToken)
		})
	}
}

func TestHubSpotRefusesOtherContentTypes(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	a, err := c.send("POST", hsContacts+"/batch/update", `{}`, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
	require.NoError(t, err)
	require.Equal(t, http.StatusUnsupportedMediaType, a.status)
	require.Equal(t, []string{"hubspot/content_type"}, rulesOf(c.s))
}

// TestInvalidValuesAreNamed holds the error body against the vendor's example of it.
func TestInvalidValuesAreNamed(t *testing.T) {
	t.Parallel()
	c := newHSClient(t, nil)
	r := c.contact("a@x.example", "")
	var body struct {
		Message string
		Errors  []errorDetail
	}
	c.call("POST", hsContacts+"/batch/update", inputs("missing", "1", r.ID)).decode(t, &body)
	list, ok := strings.CutPrefix(body.Message, "Property values were not valid: ")
	require.True(t, ok, body.Message)
	var entries []map[string]any
	require.NoError(t, json.Unmarshal([]byte(list), &entries))
	keys := []string{}
	for k := range entries[0] {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	require.Equal(t, []string{"error", "isValid", "localizedErrorMessage", "message", "name", "portalId"}, keys)
	require.Equal(t, "PROPERTY_DOESNT_EXIST", entries[0]["error"])
	require.Equal(t, errorDetail{Message: `Property "missing" does not exist`, Code: "PROPERTY_DOESNT_EXIST", Context: map[string][]string{"propertyName": {"missing"}}}, body.Errors[0])
}

// TestHubSpotContract holds requests against the vendor's machine-readable contract: what it forbids beyond the
// built-in rules is refused, and what cxloop's kinds of request need is not.
func TestHubSpotContract(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("CXLOOP_TESTDATA")
	if dir == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	c := newHSClient(t, func(o *Options) { o.SpecsDir = filepath.Join(dir, "specs") })
	c.defineScore()
	r := c.contact("a@x.example", "")
	for request, body := range map[string]any{
		"/batch/update": inputs("cx_nps_last", "9", r.ID),
		"/search":       `{"filterGroups":[` + filters(2) + `],"sorts":["-createdate"],"properties":["email"],"limit":5}`,
		"":              `{"properties":{"email":"b@x.example"}}`,
	} {
		answer := c.call("POST", hsContacts+request, body)
		require.Less(t, answer.status, 300, "%s: %s", request, answer.body)
	}
	require.Empty(t, rulesOf(c.s))
	for request, body := range map[string]string{
		"/batch/update": `{"inputs":[{"id":"` + r.ID + `","properties":{"cx_nps_last":null}}]}`,
		"/search":       `{"sorts":[{"propertyName":"email","direction":"ASCENDING"}]}`,
		"":              `{"associations":[{"to":{"id":7},"types":[]}],"properties":{}}`,
	} {
		answer := c.call("POST", hsContacts+request, body)
		require.Equal(t, http.StatusBadRequest, answer.status, "%s: %s", request, answer.body)
	}
	require.Equal(t, []string{ruleContract, ruleContract, ruleContract}, rulesOf(c.s))
}
