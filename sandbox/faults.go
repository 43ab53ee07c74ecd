package sandbox

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FaultKind is a way in which a vendor fails.
type FaultKind string

// The kinds of fault.
const (
	// FaultRateLimit answers 429 without Retry-After.
	FaultRateLimit FaultKind = "rate_limit"
	// FaultRateLimitRetryAfter answers 429 with Retry-After, in seconds.
	FaultRateLimitRetryAfter FaultKind = "rate_limit_retry_after"
	// FaultServerError answers 500 and does nothing.
	FaultServerError FaultKind = "server_error"
	// FaultCutBefore cuts the connection; nothing is done.
	FaultCutBefore FaultKind = "cut_before"
	// FaultCut does the work, then cuts the connection before the answer.
	FaultCut FaultKind = "cut"
	// FaultHang answers nothing for Faults.Hang, then 504; nothing is done.
	FaultHang FaultKind = "hang"
)

// FaultKinds lists every kind.
var FaultKinds = []FaultKind{FaultRateLimit, FaultRateLimitRetryAfter, FaultServerError, FaultCutBefore, FaultCut, FaultHang}

// Faults is what goes wrong at one vendor. The zero value: nothing does.
type Faults struct {
	// Seed makes the sequence of faults repeatable; 0 counts as 1.
	Seed uint64 `json:"seed"`
	// Rate is the share of requests that fail, 0 to 1.
	Rate float64 `json:"rate"`
	// Kinds are chosen from evenly. Empty: every kind.
	Kinds []FaultKind `json:"kinds"`
	// Path limits faults to requests whose path contains it, e.g. "chat.postMessage". Empty: all.
	Path string `json:"path,omitempty"`
	// Count ends the faults after so many. 0: no end.
	Count int `json:"count,omitempty"`
	// RetryAfter is what FaultRateLimitRetryAfter asks for, rounded up to seconds. 0: 1 s.
	RetryAfter time.Duration `json:"retry_after,omitempty"`
	// Hang bounds FaultHang. 0: 10 s.
	Hang time.Duration `json:"hang,omitempty"`
}

// faultSource decides, in a seeded sequence, which request fails.
type faultSource struct {
	mu     sync.Mutex
	faults Faults
	rng    *rand.Rand
	done   int
	kinds  map[FaultKind]int // since the sandbox was made
}

// SetFaults replaces what goes wrong at a vendor, from the next request on.
func (s *Sandbox) SetFaults(v Vendor, f Faults) {
	src := s.faults[v]
	if src == nil {
		return
	}
	if f.Seed == 0 {
		f.Seed = 1
	}
	src.mu.Lock()
	src.faults, src.rng, src.done = f, rand.New(rand.NewPCG(f.Seed, uint64(len(v)))), 0
	src.mu.Unlock()
	s.change(func(*State) {})
}

// FaultCounts returns how many requests to a vendor failed in each way since the sandbox was made.
func (s *Sandbox) FaultCounts(v Vendor) map[FaultKind]int {
	src := s.faults[v]
	if src == nil {
		return nil
	}
	src.mu.Lock()
	defer src.mu.Unlock()
	return maps.Clone(src.kinds)
}

// next returns the fault of this request, "" for none.
func (src *faultSource) next(path string) (FaultKind, Faults) {
	src.mu.Lock()
	defer src.mu.Unlock()
	f := src.faults
	if f.Rate <= 0 || (f.Count > 0 && src.done >= f.Count) || !strings.Contains(path, f.Path) {
		return "", f
	}
	if src.rng.Float64() >= f.Rate {
		return "", f
	}
	src.done++
	kinds := f.Kinds
	if len(kinds) == 0 {
		kinds = FaultKinds
	}
	kind := kinds[src.rng.IntN(len(kinds))]
	if src.kinds == nil {
		src.kinds = map[FaultKind]int{}
	}
	src.kinds[kind]++
	return kind, f
}

// discard is the ResponseWriter of a request whose answer is never sent.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// withFaults wraps a vendor's handler; limited writes the vendor's 429 and failed its 5xx.
func (s *Sandbox) withFaults(v Vendor, next http.Handler, limited func(http.ResponseWriter), failed func(http.ResponseWriter, int)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests[v].Add(1)
		kind, f := s.faults[v].next(r.URL.Path)
		if kind != "" {
			s.change(func(st *State) { st.Counts.Faults++ })
		}
		switch kind {
		case FaultRateLimitRetryAfter:
			after := max(f.RetryAfter, time.Second)
			w.Header().Set("Retry-After", strconv.FormatInt(int64((after+time.Second-1)/time.Second), 10))
			limited(w)
		case FaultRateLimit:
			limited(w)
		case FaultServerError:
			failed(w, http.StatusInternalServerError)
		case FaultCutBefore, FaultCut:
			if kind == FaultCut {
				next.ServeHTTP(discard{http.Header{}}, r)
			}
			// net/http closes the connection without an answer and logs nothing.
			panic(http.ErrAbortHandler)
		case FaultHang:
			hang := f.Hang
			if hang <= 0 {
				hang = 10 * time.Second
			}
			t := time.NewTimer(hang)
			defer t.Stop()
			select {
			case <-t.C:
				failed(w, http.StatusGatewayTimeout)
			case <-r.Context().Done():
			}
		default:
			next.ServeHTTP(w, r)
		}
	})
}
