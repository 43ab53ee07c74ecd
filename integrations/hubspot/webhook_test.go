package hubspot

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
	"github.com/cxloop/cxloop/survey"
)

const hookURL = "https://cx.example.com/hooks/hs"

var arrival = time.UnixMilli(1_790_000_000_000)

// signed is a delivery as HubSpot would sign it.
func signed(url, body string, at time.Time) crm.Delivery {
	timestamp := strconv.FormatInt(at.UnixMilli(), 10)
	header := http.Header{}
	header.Set(timestampHeader, timestamp)
	header.Set(signatureHeader, base64.StdEncoding.EncodeToString(sign(testSecret, "POST", url, []byte(body), timestamp)))
	return crm.Delivery{Method: "POST", URL: url, Header: header, Body: []byte(body), Received: arrival}
}

func receiver(t testing.TB, appID string) *Client {
	c, err := New(Options{ID: "hs", Token: testToken, ClientSecret: testSecret, AppID: appID})
	require.NoError(t, err)
	return c
}

// The vectors of HubSpot's own SDKs (hubspot-api-python and hubspot-api-ruby,
// Apache-2.0).
func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	for _, v := range []struct{ timestamp, signature string }{
		{"1693657560000", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="},
		{"1700000300000", "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="},
	} {
		ms, err := strconv.ParseInt(v.timestamp, 10, 64)
		require.NoError(t, err)
		d := crm.Delivery{
			Method: "POST", URL: "https://www.example.com/webhook_uri", Body: []byte("{'example_field':'example_value'}"),
			Header: http.Header{}, Received: time.UnixMilli(ms),
		}
		d.Header.Set(signatureHeader, v.signature)
		d.Header.Set(timestampHeader, v.timestamp)
		require.NoError(t, verify(testSecret, d))
		require.Error(t, verify(testSecret+"x", d))
		d.Method = "PUT"
		require.Error(t, verify(testSecret, d))
	}
}

func TestSignatureRefusals(t *testing.T) {
	t.Parallel()
	const body = "[]"
	without := func(name string) crm.Delivery {
		d := signed(hookURL, body, arrival)
		d.Header.Del(name)
		return d
	}
	with := func(change func(*crm.Delivery)) crm.Delivery {
		d := signed(hookURL, body, arrival)
		change(&d)
		return d
	}
	for name, c := range map[string]struct {
		delivery crm.Delivery
		reason   string
	}{
		"no signature":    {without(signatureHeader), "is missing"},
		"no timestamp":    {without(timestampHeader), "is missing"},
		"bad timestamp":   {with(func(d *crm.Delivery) { d.Header.Set(timestampHeader, "soon") }), "not a number"},
		"old":             {signed(hookURL, body, arrival.Add(-5*time.Minute-time.Millisecond)), "older than 5m"},
		"from the future": {signed(hookURL, body, arrival.Add(time.Minute+time.Millisecond)), "from the future"},
		"other body":      {with(func(d *crm.Delivery) { d.Body = []byte("[ ]") }), "does not match"},
		"other address":   {with(func(d *crm.Delivery) { d.URL += "?x=1" }), "does not match"},
		"other time":      {with(func(d *crm.Delivery) { d.Header.Set(timestampHeader, strconv.FormatInt(arrival.UnixMilli()-1, 10)) }), "does not match"},
		"not base64":      {with(func(d *crm.Delivery) { d.Header.Set(signatureHeader, "%%%") }), "does not match"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := receiver(t, "").Receive(c.delivery)
			rejection, ok := err.(*crm.Rejection)
			require.True(t, ok, err)
			require.Equal(t, http.StatusUnauthorized, rejection.Status)
			require.Contains(t, rejection.Reason, c.reason)
		})
	}
	for _, at := range []time.Duration{-5 * time.Minute, time.Minute} {
		_, err := receiver(t, "").Receive(signed(hookURL, body, arrival.Add(at)))
		require.NoError(t, err)
	}
	unconfigured, err := New(Options{ID: "hs", Token: testToken})
	require.NoError(t, err)
	d := signed(hookURL, body, arrival)
	d.Header.Set(signatureHeader, base64.StdEncoding.EncodeToString(sign("", "POST", hookURL, []byte(body), d.Header.Get(timestampHeader))))
	_, err = unconfigured.Receive(d)
	require.ErrorContains(t, err, "no client secret")
}

func TestSignatureDecodesTheListedSequencesOnly(t *testing.T) {
	t.Parallel()
	decoded := signed("https://cx.example.com/hooks/hs?a=:/?@!$'()*,;", "[]", arrival)
	decoded.URL = "https://cx.example.com/hooks/hs?a=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B"
	_, err := receiver(t, "").Receive(decoded)
	require.NoError(t, err)
	kept := signed("https://cx.example.com/hooks/hs?a= +", "[]", arrival)
	kept.URL = "https://cx.example.com/hooks/hs?a=%20%2B"
	_, err = receiver(t, "").Receive(kept)
	require.Error(t, err)
}

func TestReceive(t *testing.T) {
	t.Parallel()
	const body = `[
	 {"eventId":11,"subscriptionId":2,"portalId":33,"appId":44,"occurredAt":1788597072520,"subscriptionType":"object.propertyChange","objectId":546500061938,"objectTypeId":"0-3","propertyName":"dealstage","propertyValue":"closedwon","changeSource":"CRM_UI","sourceId":"userId:98499705"},
	 {"eventId":12,"subscriptionId":2,"portalId":33,"appId":44,"occurredAt":1,"subscriptionType":"ticket.propertyChange","objectId":5,"propertyName":"hs_pipeline_stage","propertyValue":4},
	 {"eventId":13,"subscriptionId":2,"portalId":33,"appId":44,"occurredAt":1,"eventType":"company.creation","objectId":6},
	 {"eventId":14,"subscriptionId":2,"portalId":33,"appId":44,"occurredAt":1,"subscriptionType":"contact.deletion","objectId":7},
	 {"eventId":15,"subscriptionId":2,"portalId":33,"appId":44,"occurredAt":1,"subscriptionType":"contact.propertyChange","objectId":7,"propertyName":"cx_nps_last","propertyValue":"9","changeSource":"INTEGRATION","sourceId":"44"},
	 {"eventId":16,"subscriptionId":2,"portalId":33,"appId":44,"occurredAt":1,"subscriptionType":"contact.propertyChange","objectId":7,"propertyName":"x","propertyValue":null,"changeSource":"INTEGRATION","sourceId":45},
	 {"eventId":17,"subscriptionId":2,"portalId":33,"appId":44,"occurredAt":1,"subscriptionType":"object.propertyChange","objectId":7,"objectTypeId":"2-143967026","propertyName":"x","propertyValue":"y"},
	 {"eventId":18,"subscriptionId":2,"portalId":33,"appId":44,"occurredAt":1,"subscriptionType":"contact.privacyDeletion","objectId":7},
	 {"eventId":19,"subscriptionId":2,"portalId":33,"appId":44,"occurredAt":1,"subscriptionType":"conversation.creation","objectId":7},
	 {"eventId":20,"subscriptionId":2,"portalId":33,"appId":44,"occurredAt":1,"subscriptionType":"deal.associationChange","associationType":"DEAL_TO_CONTACT","fromObjectId":8,"toObjectId":7},
	 {"eventId":21,"subscriptionType":"object.propertyChange","objectId":"a3f","objectTypeId":17,"propertyValue":{}}]`
	events, err := receiver(t, "").Receive(signed(hookURL, body, arrival))
	require.NoError(t, err)
	var types []string
	for _, e := range events {
		types = append(types, e.Type+" "+e.Object.Type+"/"+e.Object.ID)
	}
	require.Equal(t, []string{
		"deal.changed deal/546500061938", "ticket.changed ticket/5", "account.created account/6", "contact.deleted contact/7", "contact.changed contact/7",
	}, types)
	require.Equal(t, survey.Event{
		ID: "33-2-546500061938-11-1788597072520", Source: "hubspot/33", Type: "deal.changed", Subject: "deal/546500061938",
		Time: time.UnixMilli(1788597072520).UTC(), CRM: "hs", Object: &survey.Object{Type: "deal", ID: "546500061938"},
		Data: map[string]any{"property": "dealstage", "value": "closedwon"},
	}, events[0])
	trigger := survey.Trigger{Event: "deal.changed", Where: map[string]string{"property": "dealstage", "value": "closedwon"}}
	require.True(t, trigger.Matches(events[0]))
	require.Equal(t, "4", events[1].Data["value"])
	require.Nil(t, events[2].Data)

	// Another app's writes are the echo when that app is configured as cxloop's.
	events, err = receiver(t, "45").Receive(signed(hookURL, body, arrival))
	require.NoError(t, err)
	require.Len(t, events, 5)
	require.Equal(t, "cx_nps_last", events[4].Data["property"])
}

func TestReceiveNamesThePlace(t *testing.T) {
	t.Parallel()
	const good = `{"portalId":1,"objectId":2,"occurredAt":3,"subscriptionType":"deal.creation"}`
	for body, reason := range map[string]string{
		``:                      "body is not a JSON array of events: unexpected end of JSON input (at byte 0)",
		`{}`:                    "body is not a JSON array of events: want an array, got object",
		`[` + good:              "body is not a JSON array of events: unexpected end of JSON input",
		`[` + good + `,7]`:      "[1]: want an object, got number",
		`[` + good + `,{}]`:     "[1].subscriptionType is missing",
		`[null]`:                "[0].subscriptionType is missing",
		`[{"eventType":7}]`:     "[0].eventType: want text, got number",
		`[{"objectTypeId":{}}]`: "[0].objectTypeId: want text, got object",
		strings.Replace(`[`+good+`]`, `"portalId":1`, `"portalId":"1"`, 1):     "[0].portalId: want a whole number, got string",
		strings.Replace(`[`+good+`]`, `"objectId":2`, `"objectId":1.5`, 1):     "[0].objectId: want a whole number, got number",
		strings.Replace(`[`+good+`]`, `"objectId":2`, `"propertyValue":{}`, 1): "[0].propertyValue: want text, got object",
		strings.Replace(`[`+good+`]`, `"portalId":1,`, ``, 1):                  "[0].portalId is missing",
		strings.Replace(`[`+good+`]`, `"objectId":2`, `"objectId":-2`, 1):      "[0].objectId is missing",
		strings.Replace(`[`+good+`]`, `,"occurredAt":3`, ``, 1):                "[0].occurredAt is missing",
		strings.Replace(`[`+good+`]`, `subscriptionType`, `other`, 1):          "[0].subscriptionType is missing",
	} {
		events, err := receiver(t, "").Receive(signed(hookURL, body, arrival))
		require.Nil(t, events)
		rejection, ok := err.(*crm.Rejection)
		require.True(t, ok, body)
		require.Equal(t, http.StatusBadRequest, rejection.Status)
		require.Contains(t, rejection.Reason, reason)
	}
}

// testData reads a file of the vendors' samples, which are not in this
// repository.
func testData(t *testing.T, path string, into any) {
	root := os.Getenv("CXLOOP_TESTDATA")
	if root == "" {
		t.Skip("CXLOOP_TESTDATA is not set")
	}
	raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into))
}

func TestReceiveVendorSamples(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]int{"classic_events": 9, "docs_events": 3, "platform_object_events": 1} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			var sample struct {
				Events json.RawMessage `json:"events"`
			}
			testData(t, "samples/hubspot/"+file+".json", &sample)
			events, err := receiver(t, "1").Receive(signed(hookURL, string(sample.Events), arrival))
			require.NoError(t, err)
			require.Len(t, events, want)
			if file == "classic_events" { // all are that app's own writes
				events, err = receiver(t, "").Receive(signed(hookURL, string(sample.Events), arrival))
				require.NoError(t, err)
				require.Empty(t, events)
			}
		})
	}
}

func FuzzReceive(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[{"portalId":1,"objectId":2,"occurredAt":3,"subscriptionType":"deal.creation"}]`, `[{"sourceId":[]}]`, `[null]`, `[{"propertyValue":true}]`,
		`[{"eventId":1,"subscriptionId":2,"portalId":3,"objectId":4,"objectTypeId":"0-5","occurredAt":5,"subscriptionType":"object.propertyChange","propertyName":"a","propertyValue":"b"}]`,
	} {
		f.Add([]byte(seed))
	}
	client := receiver(f, "")
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := client.Receive(signed(hookURL, string(body), arrival))
		if err != nil {
			if rejection, ok := err.(*crm.Rejection); !ok || rejection.Status != 400 || events != nil {
				t.Fatalf("events %v, error %v", events, err)
			}
			return
		}
		for _, e := range events {
			if e.ID == "" || e.CRM != "hs" || e.Object == nil || e.Object.ID == "" || e.Time.IsZero() {
				t.Fatalf("incomplete event %+v", e)
			}
		}
	})
}

func FuzzVerify(f *testing.F) {
	good := signed(hookURL, "[]", arrival)
	f.Add(good.Header.Get(signatureHeader), good.Header.Get(timestampHeader), hookURL, []byte("[]"))
	f.Add("", "", "%", []byte("[]"))
	f.Add("AAAA", "-9223372036854775808", hookURL+"%2", []byte{})
	f.Fuzz(func(t *testing.T, signature, timestamp, url string, body []byte) {
		d := crm.Delivery{Method: "POST", URL: url, Header: http.Header{}, Body: body, Received: arrival}
		d.Header.Set(signatureHeader, signature)
		d.Header.Set(timestampHeader, timestamp)
		err := verify(testSecret, d)
		want := base64.StdEncoding.EncodeToString(sign(testSecret, "POST", url, body, timestamp))
		if err == nil && strings.NewReplacer("\r", "", "\n", "").Replace(signature) != want {
			t.Fatalf("forged signature %q taken", signature)
		}
	})
}
