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
	// promoter is asked for a referral and does not mind; the others who are asked do.
	promoter path = iota
	// referrer goes on from the mail that asks for a referral.
	referrer
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
	{promoter, 2}, {referrer, 3}, {passive, 3}, {detractor, 3}, {colleague, 2}, {corrector, 2},
	{hesitant, 1}, {silent, 1}, {leaver, 1}, {regular, 1}, {shopper, 1},
}

// walked are paths for a number of customers: of each 20, in any order, as many take
// each path as is its share.
func walked(customers int, chance *rand.Rand) (all []path) {
	for len(all) < customers {
		from := len(all)
		for _, p := range paths {
			all = append(all, slices.Repeat([]path{p.path}, p.share)...)
		}
		next := all[from:]
		chance.Shuffle(len(next), func(i, j int) { next[i], next[j] = next[j], next[i] })
	}
	return all[:customers]
}

// target is what is killed.
type target string

const (
	httpProcess    target = "http process"
	workerProcess  target = "worker process"
	temporalServer target = "Temporal's server"
	postgresServer target = "PostgreSQL"
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
	// span is how long vendors and network fail.
	span time.Duration
}

const (
	// strikeEvery is how long after each other processes are killed, on average.
	strikeEvery = 2500 * time.Millisecond
	// leastSpan lets a few loops come to their end while vendors fail.
	leastSpan = 12 * time.Second
)

// visitsWithin is the part of the span in which deals are won.
const visitsWithin = 0.8

// maxRestarts is how often each server is killed at most.
const maxRestarts = 3

// newPlan is the same for the same seed.
func newPlan(seed uint64, loops, kills int) plan {
	chance := rand.New(rand.NewPCG(seed, 0xc405))
	p := plan{span: max(time.Duration(kills)*strikeEvery, leastSpan)}
	within := func(share float64) time.Duration {
		return time.Duration(chance.Float64() * share * float64(p.span))
	}
	for _, path := range walked(loops, chance) {
		v := visit{path: path, at: within(visitsWithin)}
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
