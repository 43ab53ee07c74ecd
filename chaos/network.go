package chaos

import (
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
)

// network carries what the vendors' stand-ins send to cxloop: webhooks, clicks and
// events. Their senders try again as the vendors do.
type network struct {
	next http.RoundTripper

	mu     sync.Mutex
	chance *rand.Rand
	share  float64
	fates  map[fate]int
}

// fate is what becomes of a request.
type fate string

const (
	arrives fate = "arrived"
	// lost never arrives.
	lost fate = "lost"
	// unanswered arrives, and its answer does not come back.
	unanswered fate = "without an answer"
	// doubled arrives twice.
	doubled fate = "twice"
)

var errNetwork = errors.New("the network lost it")

func newNetwork(seed uint64) *network {
	return &network{
		next:   &http.Transport{MaxIdleConnsPerHost: 16},
		chance: rand.New(rand.NewPCG(seed, 0x4e7)), fates: map[fate]int{},
	}
}

// fail has a share of the requests from now on fail, in every way alike.
func (n *network) fail(share float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.share = share
}

func (n *network) fate() fate {
	n.mu.Lock()
	defer n.mu.Unlock()
	f := arrives
	if n.chance.Float64() < n.share {
		f = []fate{lost, unanswered, doubled}[n.chance.IntN(3)]
	}
	n.fates[f]++
	return f
}

// outcomes is how many requests met each fate.
func (n *network) outcomes() map[fate]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.fates)
}

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	switch n.fate() {
	case lost:
		return nil, errors.Join(errNetwork, r.Body.Close())
	case unanswered:
		return nil, errors.Join(errNetwork, n.deliver(r))
	case doubled:
		again := r.Clone(r.Context())
		var err error
		if again.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
		if err := n.deliver(again); err != nil {
			return nil, errors.Join(err, r.Body.Close())
		}
	}
	return n.next.RoundTrip(r)
}

// deliver hands a request over and throws its answer away.
func (n *network) deliver(r *http.Request) error {
	resp, err := n.next.RoundTrip(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}
