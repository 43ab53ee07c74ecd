package sandbox

import (
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// pastCustomer is an invented company with what it did until now.
type pastCustomer struct {
	company, tier, segment string
	place                  place
	first, last            string
	revenue                int
	orders                 []pastOrder
	tickets                []pastTicket
	answers                []pastAnswer
}

// pastOrder is a purchase of so many cents.
type pastOrder struct {
	at    time.Time
	cents int64
}

// pastTicket was closed at the zero time where it is still open.
type pastTicket struct{ at, closed time.Time }

type pastAnswer struct {
	at      time.Time
	score   int
	comment string
}

// place is where a company is, and how people are called there.
type place struct {
	country, region, timezone, language, form string
	owner                                     int
	firsts, lasts                             []string
}

var places = []place{
	{"United Kingdom", "EMEA", "Europe/London", "en", "Ltd", 2,
		[]string{"Alice", "Oliver", "Imogen", "Harry", "Nadia", "Callum"}, []string{"Ashworth", "Bennett", "Clarke", "Doyle", "Ellis", "Fletcher", "Hughes"}},
	{"United States", "AMER", "America/New_York", "en", "Inc", 2,
		[]string{"Megan", "Tyler", "Renée", "Carlos", "Dana", "Wesley"}, []string{"Alvarez", "Brooks", "Chen", "Dawson", "Everett", "Foster", "Grant"}},
	{"France", "EMEA", "Europe/Paris", "fr", "SAS", 0,
		[]string{"Julie", "Antoine", "Sophie", "Mathieu", "Inès", "Luc"}, []string{"Bernard", "Caron", "Dubois", "Fontaine", "Garnier", "Lambert", "Perrin"}},
	{"Germany", "EMEA", "Europe/Berlin", "de", "GmbH", 1,
		[]string{"Anna", "Lukas", "Katrin", "Stefan", "Mareike", "Jan"}, []string{"Albrecht", "Becker", "Dietrich", "Engel", "Fuchs", "Keller", "Vogt"}},
	{"Spain", "EMEA", "Europe/Madrid", "es", "SL", 0,
		[]string{"María", "Javier", "Carmen", "Pablo", "Nuria", "Diego"}, []string{"Castro", "Domínguez", "Gil", "Herrera", "Molina", "Navarro", "Vidal"}},
	{"Singapore", "APAC", "Asia/Singapore", "en", "Pte", 3,
		[]string{"Wei Ling", "Arjun", "Mei", "Rahul", "Siti", "Jun"}, []string{"Chua", "Goh", "Iyer", "Lim", "Nair", "Ong", "Tan"}},
}

var (
	pastTiers    = []string{"starter", "starter", "growth", "growth", "enterprise"}
	pastSegments = []string{"services", "retail", "manufacturing"}
)

// How invented customers live. Purchases are those of BG/NBD: everybody buys at a pace of their own, and may be lost
// after each purchase, the likelier the worse they fare.
const (
	pastYears     = 2
	pastRateShape = 5    // of the Gamma distribution of purchases a day
	pastEvery     = 45   // days between two purchases, at the mean pace
	pastLost      = 0.05 // share of purchases after which somebody in the middle of the mood is lost
	pastAsked     = 150  // days between two surveys
	pastSpread    = 0.5  // of the logarithm of one customer's amounts
)

// pastAnswers is how far back customers' answers go.
const pastAnswers = 360 * 24 * time.Hour

// inventPast invents customers with their last years, the same of a seed. What they answered is not older than oldest.
func inventPast(seed uint64, n int, now time.Time, oldest time.Duration) []pastCustomer {
	src := rand.NewPCG(seed, 7)
	out := make([]pastCustomer, n)
	for i := range out {
		out[i] = (&inventor{rng: rand.New(src), now: now, oldest: min(oldest, pastAnswers)}).customer()
	}
	return out
}

type inventor struct {
	rng    *rand.Rand
	now    time.Time
	oldest time.Duration
}

func (v *inventor) customer() pastCustomer {
	at := places[v.rng.IntN(len(places))]
	c := pastCustomer{
		company: pick(v.rng, companyFirst) + " " + pick(v.rng, companyLast) + " " + at.form,
		place:   at, first: pick(v.rng, at.firsts), last: pick(v.rng, at.lasts),
		tier: pick(v.rng, pastTiers), segment: pick(v.rng, pastSegments), revenue: (1 + v.rng.IntN(90)) * 1_000_000,
	}
	// From -1 to 1, a little better than the middle in most.
	mood := math.Tanh(0.45 + 0.85*v.rng.NormFloat64())
	// The figures of the playground should show a difference that is there.
	if at.region == "APAC" {
		mood = max(mood-0.35, -1)
	}
	days := 40 + v.rng.Float64()*(365*pastYears-40)
	lost := v.buy(&c, mood, days)
	if v.rng.Float64() < 0.25-0.25*mood {
		v.complain(&c, days)
	}
	v.answer(&c, mood, days, lost)
	return c
}

// buy has somebody buy from so many days ago on, and returns how many days ago they were lost, 0 of who was not.
func (v *inventor) buy(c *pastCustomer, mood, days float64) (lost float64) {
	rate := distuv.Gamma{Alpha: pastRateShape, Beta: pastRateShape * pastEvery, Src: v.rng}.Rand()
	usual := map[string]float64{"starter": 90, "growth": 260, "enterprise": 900}[c.tier] * math.Exp(0.4*v.rng.NormFloat64())
	for ago := days; ago > 0; ago -= v.rng.ExpFloat64() / rate {
		cents := int64(100 * usual * math.Exp(pastSpread*v.rng.NormFloat64()))
		c.orders = append(c.orders, pastOrder{at: v.ago(ago), cents: cents})
		if v.rng.Float64() < pastLost*math.Exp(-2*mood) {
			return ago
		}
	}
	return 0
}

func (v *inventor) complain(c *pastCustomer, days float64) {
	ago := v.rng.Float64() * days
	t := pastTicket{at: v.ago(ago)}
	if closed := ago - 0.2 - 4*v.rng.ExpFloat64(); closed > 0 {
		t.closed = v.ago(closed)
	}
	c.tickets = append(c.tickets, t)
}

// answer has somebody answer surveys, the happier the oftener, and the seldomer once they are lost.
func (v *inventor) answer(c *pastCustomer, mood, days, lost float64) {
	for ago := min(days, v.oldest.Hours()/24) - v.rng.Float64()*pastAsked; ago > 0; ago -= pastAsked {
		chance := 0.5 + 0.4*mood
		if ago < lost {
			chance /= 4
		}
		if v.rng.Float64() >= chance {
			continue
		}
		score := min(max(int(math.Round(7.3+2.9*mood+1.1*v.rng.NormFloat64())), 0), 10)
		a := pastAnswer{at: v.ago(ago), score: score}
		if v.rng.Float64() < 0.6 {
			a.comment = pastComment(v.rng, score, c.place.language)
		}
		c.answers = append(c.answers, a)
	}
}

func (v *inventor) ago(days float64) time.Time {
	return v.now.Add(-time.Duration(days * 24 * float64(time.Hour))).UTC().Truncate(time.Second)
}

func pick[T any](rng *rand.Rand, of []T) T { return of[rng.IntN(len(of))] }
