package csvfile

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

var now = time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)

func options(kind survey.BehaviourKind) Options {
	return Options{Kind: kind, CRM: "shop", Source: "erp", Now: now}
}

func read(t *testing.T, text string, o Options) ([]survey.Behaviour, error) {
	t.Helper()
	var out []survey.Behaviour
	rows, err := Read(strings.NewReader(text), o, func(b survey.Behaviour) error {
		out = append(out, b)
		return nil
	})
	if err == nil {
		require.Len(t, out, rows)
	}
	return out, err
}

func TestReadPurchases(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	one := survey.Behaviour{
		Kind: survey.PurchaseKind, CRM: "shop", Source: "erp", ID: "1001", Contact: survey.Tell("shop/77", now),
		Start: survey.Tell(survey.Start{At: at}, now), Worth: survey.Tell(survey.Worth{Amount: 4990, Currency: "EUR"}, now),
	}
	got, err := read(t, "id,contact_id,bought_at,amount,currency\n1001,77,2026-11-01,49.90,eur\n", options(survey.PurchaseKind))
	require.NoError(t, err)
	require.Equal(t, []survey.Behaviour{one}, got)

	o := options(survey.PurchaseKind)
	o.Currency, o.Columns = "EUR", map[string]string{"Order No.": "id", "Notes": ""}
	got, err = read(t, "\uFEFFOrder No.;Contact_ID ;bought_at;amount;Notes\r\n 1001 ;77;2026-11-01T00:00:00Z;49.9;\"two\nlines\"\r\n", o)
	require.NoError(t, err)
	require.Equal(t, []survey.Behaviour{one}, got)

	got, err = read(t, "id\tcontact_id\taccount_id\tbought_at\tamount\tcurrency\trefunded\trefunded_at\tcancelled_at\n"+
		"1\t\t7\t2026-11-01\t\t\t\t\t2026-11-02\n2\t77\t\t2026-11-01\t5\tEUR\t1.5\t2026-11-03\t\n", options(survey.PurchaseKind))
	require.NoError(t, err)
	require.Equal(t, survey.Tell("shop/7", now), got[0].Account)
	require.Zero(t, got[0].Contact)
	require.Zero(t, got[0].Worth, "not known")
	require.Equal(t, survey.Tell(at.AddDate(0, 0, 1), now), got[0].End)
	require.Equal(t, survey.Tell(time.Time{}, now), got[1].End, "it stands")
	require.Equal(t, []survey.BehaviourChange{{ID: "file", What: survey.Refunded, At: at.AddDate(0, 0, 2), Amount: 150, AsOf: now}}, got[1].Changes)
}

func TestReadSubscriptionsAndTickets(t *testing.T) {
	t.Parallel()
	got, err := read(t, "id,account_id,started_at,amount,currency,months,renews_at,ends_at\ns1,7,2026-01-01,99,EUR,12,2027-01-01,\n", options(survey.SubscriptionKind))
	require.NoError(t, err)
	require.Equal(t, survey.Tell(12, now), got[0].Months)
	require.Equal(t, 2027, got[0].RenewsAt.Value.Year())
	require.Equal(t, survey.Tell(time.Time{}, now), got[0].End)
	got, err = read(t, "id,contact_id,opened_at,closed_at\nt1,77,2026-11-01,2026-11-03\nt2,77,2026-11-01,\n", options(survey.TicketKind))
	require.NoError(t, err)
	require.Equal(t, 3, got[0].End.Value.Day())
	require.Zero(t, got[1].End.Value)
}

func TestReadNamesThePlace(t *testing.T) {
	t.Parallel()
	const header = "id,contact_id,bought_at,amount,currency\n"
	for text, want := range map[string]string{
		"":                                  "1:1: the file is empty: want a line with the names of the columns",
		"id,contact_id,bought_at,curency\n": `1:25: column "curency" is not known, did you mean currency? (say --column "curency=FIELD", or --column "curency=" to leave it out)`,
		"id,contact_id,ID,bought_at\n":      "1:15: id has two columns",
		"id,amount,bought_at\n":             "1:1: there is no column contact_id or account_id: whose is it?",
		"contact_id\n": "1:1: there is no column id: want id, bought_at, and may have contact_id, account_id, amount, currency, refunded, refunded_at, cancelled_at\n" +
			"1:1: there is no column bought_at: want id, bought_at, and may have contact_id, account_id, amount, currency, refunded, refunded_at, cancelled_at",
		header + "1,77,2026-11-01,49.9\n":                         "2:1: the line has more or fewer columns than the first",
		header + "1,77,2026-11-01,\"49.9,EUR\n":                   "2:27: " + `extraneous or missing " in quoted-field`,
		header + ",77,2026-11-01,5,EUR\n":                         "2:1: id is empty",
		header + "1,,2026-11-01,5,EUR\n":                          "2:3: contact_id is empty, and so is account_id: whose is it?",
		header + "1,77,,5,EUR\n":                                  "2:6: bought_at is empty",
		header + "1,77,1.11.2026,5,EUR\n":                         "2:6: bought_at is not a moment: want 2006-01-02T15:04:05Z (RFC 3339) or 2006-01-02",
		header + "1,77,2026-12-01,5,EUR\n":                        "2:6: bought_at lies in the future",
		header + "1,77,2026-11-01,\"1,234.50\",EUR\n":             "2:17: amount is not an amount: want digits with a decimal point, such as 1234.50",
		header + "1,77,2026-11-01,-5.00,EUR\n":                    "2:17: amount is below 0: what was given back of a purchase stands in its row, as refunded",
		header + "1,77,2026-11-01,5,\n":                           "2:19: currency is empty: an amount needs one, such as EUR",
		header + "1,77,2026-11-01,5,Euro\n":                       "2:19: currency is not a currency's code of three letters, such as EUR (ISO 4217)",
		header + "1,77,2026-11-01,5,EUR\n1,78,2026-11-01,5,EUR\n": "3:1: id stands in line 2 already: each has a row of its own",
		header + "1,77,2026-11-01,x,EUR\n2,77,y,5,EUR\n":          "2:17: amount is not an amount: want digits with a decimal point, such as 1234.50\n3:6: bought_at is not a moment: want 2006-01-02T15:04:05Z (RFC 3339) or 2006-01-02",
		"id,contact_id,bought_at,amount\n1,77,2026-11-01,5\n":     "2:17: amount has no currency: add a column currency, or say --currency",
		"id,contact_id,bought_at,refunded\n1,77,2026-11-01,5\n":   "2:17: refunded needs a column refunded_at: when it was given back",
		"id,contact_id,bought_at,amount,currency,refunded,refunded_at\n1,77,2026-11-01,10,EUR,10.01,2026-11-03\n": "2:24: refunded is more than amount: no more than it cost is given back of a purchase",
		"id,contact_id,bought_at,amount,currency,refunded,refunded_at\n1,77,2026-11-01,10,EUR,-5,2026-11-03\n":    "2:24: refunded is not an amount: want digits with a decimal point, such as 1234.50",
		"id,contact_id,bought_at,amount,currency,refunded,refunded_at\n1,77,2026-11-01,10,EUR,5,2026-10-03\n":     "2:26: refunded_at lies before bought_at",
		"id,contact_id,bought_at,amount,currency,refunded,refunded_at\n1,77,2026-11-01,10,EUR,5,\n":               "2:26: refunded_at is empty: when was it given back?",
		"id,contact_id,bought_at,amount,currency,refunded,refunded_at\n1,77,2026-11-01,x,EUR,5,2026-11-03\n":      "2:17: amount is not an amount: want digits with a decimal point, such as 1234.50",
		"\xff\xfei\x00d\x00\n":                          "1:1: the file is not UTF-8: save it with that encoding",
		"id,contact_id,bought_at\n\xff,77,2026-11-01\n": "2:1: id is not UTF-8: save the file with that encoding",
	} {
		_, err := read(t, text, options(survey.PurchaseKind))
		require.EqualError(t, err, want, text)
	}
	o := options(survey.PurchaseKind)
	o.Columns = map[string]string{"Order": "id"}
	_, err := read(t, "id,contact_id,bought_at\n", o)
	require.EqualError(t, err, `1:1: there is no column "Order"`)
	o.Columns = map[string]string{"Order": "number"}
	_, err = read(t, "Order,contact_id,bought_at,id\n", o)
	require.EqualError(t, err, `1:1: column "Order" is to be "number", which is none of id, bought_at, contact_id, account_id, amount, currency, refunded, refunded_at, cancelled_at`)

	broken := errors.New("broken")
	_, err = Read(io.MultiReader(strings.NewReader("id,contact_id,bought_at\n1,2,"), iotest.ErrReader(broken)), options(survey.PurchaseKind), nil)
	require.Equal(t, broken, err, "nothing is wrong with the file")
}

func TestReadWantsTheEndAfterTheStart(t *testing.T) {
	t.Parallel()
	for kind, c := range map[survey.BehaviourKind]struct{ text, want string }{
		survey.PurchaseKind:     {"id,contact_id,bought_at,cancelled_at\n1,77,2026-11-09,2026-10-09\n", "2:17: cancelled_at lies before bought_at"},
		survey.SubscriptionKind: {"id,contact_id,started_at,ends_at\n1,77,2026-01-01,2025-01-01\n", "2:17: ends_at lies before started_at"},
		survey.TicketKind:       {"id,contact_id,opened_at,closed_at\n1,77,2026-10-01,2026-09-03\n", "2:17: closed_at lies before opened_at"},
	} {
		_, err := read(t, c.text, options(kind))
		require.EqualError(t, err, c.want)
	}
	_, err := read(t, "id,contact_id,started_at,months,renews_at\n1,77,2026-01-01,0,2025-01-01\n", options(survey.SubscriptionKind))
	require.EqualError(t, err, "2:17: months is not a period: want whole months, 1 to 120\n2:19: renews_at lies before started_at")
	_, err = read(t, "id,contact_id,opened_at,closed_at\n1,77,2026-10-01T15:00:00Z,2026-10-01\n", options(survey.TicketKind))
	require.NoError(t, err, "a date alone is its first moment")
}

func TestReadStopsAtSomePoint(t *testing.T) {
	t.Parallel()
	_, err := read(t, "id,contact_id,bought_at\n"+strings.Repeat("x,1,\n", 1000), options(survey.PurchaseKind))
	require.Len(t, strings.Split(err.Error(), "\n"), MaxFaults+1)
}

func FuzzRead(f *testing.F) {
	f.Add("id,contact_id,bought_at,amount,currency\n1,77,2026-11-01,49.90,EUR\n")
	f.Add("id;account_id;started_at;ends_at\n\"a\";b;2026-11-01T00:00:00Z;\n")
	f.Add("\uFEFFid\tcontact_id\topened_at\tclosed_at\n1\t2\t\t\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range survey.BehaviourKinds {
			_, _ = Read(strings.NewReader(text), options(kind), func(b survey.Behaviour) error {
				require.NotEmpty(t, b.ID)
				require.False(t, b.Start.AsOf.IsZero())
				require.True(t, b.Worth.AsOf.IsZero() || survey.ValidCurrency(b.Worth.Value.Currency))
				return nil
			})
		}
	})
}
