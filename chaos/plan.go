package chaos

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// path is what a customer does.
type path int

const (
	promoter path = iota
	passive
	// detractor has a case that the account team acknowledges and resolves.
	detractor
	// colleague is a detractor of the company of the customer before.
	colleague
	// corrector answers, and answers otherwise a little later.
	corrector
	// hesitant gives a score and never says that it is all.
	hesitant
	// silent never answers and is reminded.
	silent
	// leaver unsubscribes, and then has another deal.
	leaver
	// regular has two deals at once.
	regular
	// shopper comes by events that are posted twice.
	shopper
)

// paths says how many of 20 customers take which path.
var paths = []struct {
	path  path
	share int
}{
	{promoter, 5}, {passive, 3}, {detractor, 3}, {colleague, 2}, {corrector, 2},
	{hesitant, 1}, {silent, 1}, {leaver, 1}, {regular, 1}, {shopper, 1},
}

// target is what is killed.
type target int

const (
	httpProcess target = iota
	workerProcess
	temporalServer
	postgresServer
)

// strike is one kill.
type strike struct {
	at     time.Duration
	target target
}

// visit is what one customer will do and when their deal is won.
type visit struct {
	path  path
	score int
	// then is the corrector's second score.
	then int
	at   time.Duration
}

// plan is everything about a run that chance decides, but the vendors' faults.
type plan struct {
	visits  []visit
	strikes []strike
}

// strikeEvery is how long after each other processes are killed, on average.
const strikeEvery = 2 * time.Second

// maxRestarts is how often each server is killed at most.
const maxRestarts = 3

// newPlan is the same for the same seed.
func newPlan(seed uint64, loops, kills int) plan {
	chance := rand.New(rand.NewPCG(seed, 0xc405))
	span := time.Duration(max(kills, 1)) * strikeEvery
	within := func(share float64) time.Duration {
		return time.Duration(chance.Float64() * share * float64(span))
	}
	var p plan
	for range loops {
		v := visit{path: anyPath(chance), at: within(0.9)}
		v.score, v.then = v.path.scores(chance)
		p.visits = append(p.visits, v)
	}
	for range kills {
		s := strike{at: within(1), target: workerProcess}
		if chance.IntN(5) < 2 {
			s.target = httpProcess
		}
		p.strikes = append(p.strikes, s)
	}
	for range min(maxRestarts, (kills+3)/4) {
		p.strikes = append(p.strikes, strike{within(1), temporalServer}, strike{within(1), postgresServer})
	}
	slices.SortFunc(p.strikes, func(a, b strike) int { return cmp.Compare(a.at, b.at) })
	return p
}

func anyPath(chance *rand.Rand) path {
	n := chance.IntN(20)
	for _, p := range paths {
		if n -= p.share; n < 0 {
			return p.path
		}
	}
	panic("chaos: the shares of the paths are less than 20")
}

// scores are the first answer of a path and the second.
func (p path) scores(chance *rand.Rand) (first, second int) {
	happy, unhappy := 9+chance.IntN(2), chance.IntN(7)
	switch p {
	case passive:
		return 7 + chance.IntN(2), 0
	case detractor, colleague, hesitant:
		return unhappy, 0
	case corrector:
		if chance.IntN(2) == 0 {
			return unhappy, happy
		}
		return happy, unhappy
	}
	return happy, 0
}
