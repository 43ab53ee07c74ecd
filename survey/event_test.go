package survey

import (
	"encoding/json"
	"testing"
)

func eventOf(t *testing.T, data string) Event {
	t.Helper()
	e := Event{CRM: "shop", Type: "order.delivered"}
	if err := json.Unmarshal([]byte(data), &e.Data); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEventFields(t *testing.T) {
	t.Parallel()
	e := eventOf(t, `{"total": 19.5, "paid": true, "account": {"id": 42, "tags": ["a"]}, "none": null}`)
	for path, want := range map[string]string{"total": "19.5", "paid": "true", "account.id": "42"} {
		if got, ok := e.Field(path); !ok || got != want {
			t.Errorf("%s = %q, %v; want %q", path, got, ok, want)
		}
	}
	for _, path := range []string{"", "account", "account.tags", "account.id.more", "missing", "none"} {
		if got, ok := e.Field(path); ok {
			t.Errorf("%s = %q; want nothing", path, got)
		}
	}
}

func TestEventPeople(t *testing.T) {
	t.Parallel()
	e := eventOf(t, `{
		"contact": {"id": "c1", "email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace", "locale": "en-GB", "timezone": "Europe/London", "vip": true},
		"account": {"id": 7, "name": "Engines Ltd", "region": "EMEA"}}`)
	contact, account := e.People()
	if contact == nil || account == nil {
		t.Fatal("nobody found")
	}
	if contact.Key != "shop/c1" || contact.AccountKey != "shop/7" || contact.Name() != "Ada Lovelace" || contact.Attributes["vip"] != "true" {
		t.Errorf("contact %+v", contact)
	}
	if account.Key != "shop/7" || account.Name != "Engines Ltd" || account.Attributes["region"] != "EMEA" {
		t.Errorf("account %+v", account)
	}
	if contact, account := eventOf(t, `{"contact": {"email": "x@example.com"}}`).People(); contact != nil || account != nil {
		t.Errorf("people without an id: %v, %v", contact, account)
	}
}

func TestTrigger(t *testing.T) {
	t.Parallel()
	e := eventOf(t, `{"property": "dealstage", "value": "closedwon"}`)
	where := func(property, value string) map[string]string {
		return map[string]string{"property": property, "value": value}
	}
	for name, c := range map[string]struct {
		trigger Trigger
		want    bool
	}{
		"type alone":      {Trigger{Event: "order.delivered"}, true},
		"another type":    {Trigger{Event: "order.paid"}, false},
		"its CRM":         {Trigger{CRM: "shop", Event: "order.delivered"}, true},
		"another CRM":     {Trigger{CRM: "hubspot", Event: "order.delivered"}, false},
		"fields that are": {Trigger{Event: "order.delivered", Where: where("dealstage", "closedwon")}, true},
		"another value":   {Trigger{Event: "order.delivered", Where: where("dealstage", "closedlost")}, false},
		"a field missing": {Trigger{Event: "order.delivered", Where: map[string]string{"amount": "1"}}, false},
	} {
		if got := c.trigger.Matches(e); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestContactSignals(t *testing.T) {
	t.Parallel()
	got := ContactSignals(Program{Metric: NPS}, Response{Score: 9, Band: Promoter, AnsweredAt: noon})
	if got[SignalNPSLast] != "9" || got[SignalNPSBand] != "promoter" || got[SignalNPSLastAt] != "2026-11-21T12:00:00Z" {
		t.Errorf("nps: %v", got)
	}
	if got := ContactSignals(Program{Metric: CSAT}, Response{Score: 4}); len(got) != 1 || got[SignalCSATLast] != "4" {
		t.Errorf("csat: %v", got)
	}
	if got := ContactSignals(Program{Metric: CES}, Response{Score: 7}); len(got) != 1 || got[SignalCESLast] != "7" {
		t.Errorf("ces: %v", got)
	}
}

func TestAnEventTakesNothingAwayFromWhatIsKnown(t *testing.T) {
	t.Parallel()
	known := Contact{Key: "shop/c1", Email: "ada@example.com", FirstName: "Ada", Locale: "fr", AccountKey: "shop/7", Attributes: map[string]string{"tier": "gold", "city": "Lyon"}}
	got := Contact{Key: "shop/c1", FirstName: "Adèle", Attributes: map[string]string{"city": "Paris"}}.Over(known)
	if got.Email != known.Email || got.FirstName != "Adèle" || got.Locale != "fr" || got.AccountKey != "shop/7" {
		t.Errorf("contact %+v", got)
	}
	if got.Attributes["tier"] != "gold" || got.Attributes["city"] != "Paris" || known.Attributes["city"] != "Lyon" {
		t.Errorf("attributes %v, known %v", got.Attributes, known.Attributes)
	}
	account := Account{Key: "shop/7"}.Over(Account{Key: "shop/7", Name: "Engines Ltd", Attributes: map[string]string{"region": "EMEA"}})
	if account.Name != "Engines Ltd" || account.Attributes["region"] != "EMEA" {
		t.Errorf("account %+v", account)
	}
}
