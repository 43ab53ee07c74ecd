package survey

import (
	"maps"
	"slices"
	"time"
)

// Sign is something that machines do more than people. None proves anything alone.
type Sign string

// The signs. The first three are of what a visitor did, the others of where it came
// from.
const (
	// SignLinks: most links of the mail were opened, shortly before or after the form.
	SignLinks Sign = "links"
	// SignScores: three or more different scores were sent within seconds.
	SignScores Sign = "scores"
	// SignUnrendered: the page of the form was never shown: nothing loaded its style.
	SignUnrendered Sign = "unrendered"
	// SignNetwork: it came from a network of mail security or of a data centre.
	SignNetwork Sign = "network"
	// SignBurst: one source answered for many contacts within a minute.
	SignBurst Sign = "burst"
	// SignPrefetch: links were opened ahead of any reader, as their headers said.
	SignPrefetch Sign = "prefetch"
)

// acts are the signs of what a visitor did. Where it came from never holds an answer
// without one of them: whole companies go out by one address, some through a data
// centre.
var acts = []Sign{SignLinks, SignScores, SignUnrendered}

const (
	// linksNear is how near to the form the mail's links count as opened with it. A
	// gateway opens them before its reader sees the mail.
	linksNear = 2 * time.Minute
	// scoresNear is how near to each other different scores count.
	scoresNear = 10 * time.Second
	// scoresMost is how many different scores a person may need who taps wrong.
	scoresMost = 2
	// BurstWithin is the time in which answers for different contacts are a burst, and
	// BurstMost how many of them are none.
	BurstWithin = time.Minute
	BurstMost   = 9
	// heldFor is how long a visitor who was taken for a machine stays one.
	heldFor = 10 * time.Minute
	// maxForms and maxPages bound what is kept of a visit.
	maxForms, maxPages = 30, 20
	// MaxVisitors is how many of a mail's visitors are kept who sent no form: whoever has
	// its link can look like as many as they like.
	MaxVisitors = 100
)

// Visit is what one visitor did with the links of one mail: counts and moments, in
// real time, and nothing of who it is.
type Visit struct {
	// Links are when the different links were last opened, Of is how many the mail has.
	Links map[string]time.Time `json:"links,omitempty"`
	Of    int                  `json:"of,omitempty"`
	// Gets counts the pages opened.
	Gets  int       `json:"gets,omitempty"`
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	// Pages are those that were shown: their style was loaded.
	Pages []string `json:"pages,omitempty"`
	// Forms are those sent, the last ones.
	Forms    []SentForm `json:"forms,omitempty"`
	Network  bool       `json:"network,omitempty"`
	Prefetch bool       `json:"prefetch,omitempty"`
	// Burst is the most contacts that the source answered for within BurstWithin.
	Burst int `json:"burst,omitempty"`
	// Signs are those of the last verdict against it, Held when that was.
	Signs []Sign    `json:"signs,omitempty"`
	Held  time.Time `json:"held,omitzero"`
}

// SentForm is a form that a visitor sent. Score is "" for one that unsubscribes.
type SentForm struct {
	At    time.Time `json:"at"`
	Score string    `json:"score,omitempty"`
	// Page is the one that it came from, "" for none.
	Page string `json:"page,omitempty"`
}

// Open notes a link that was opened at a moment, of a mail with so many.
func (v *Visit) Open(link string, of int, at time.Time) {
	v.seen(at)
	v.Gets++
	v.Of = of
	if _, before := v.Links[link]; before || len(v.Links) < of {
		v.Links = maps.Clone(v.Links)
		if v.Links == nil {
			v.Links = map[string]time.Time{}
		}
		v.Links[link] = at
	}
}

// Show notes a page that was shown at a moment.
func (v *Visit) Show(page string, at time.Time) {
	v.seen(at)
	if page != "" && !slices.Contains(v.Pages, page) {
		v.Pages = lastFew(append(slices.Clone(v.Pages), page), maxPages)
	}
}

// Send notes a form, with how many contacts its source answers for at that moment.
func (v *Visit) Send(form SentForm, burst int) {
	v.seen(form.At)
	v.Forms = lastFew(append(slices.Clone(v.Forms), form), maxForms)
	v.Burst = max(v.Burst, burst)
}

func (v *Visit) seen(at time.Time) {
	if v.First.IsZero() {
		v.First = at
	}
	v.Last = at
}

func lastFew[T any](values []T, most int) []T { return values[max(0, len(values)-most):] }

// Judge looks for signs at the visitor's last form. shown says whether a page was
// shown to anybody: a phone changes its address between page and form. It reports
// whether they are enough to hold the visitor's answer: two, one of them an act. A
// person who corrects an answer gives none.
func (v Visit) Judge(shown func(page string) bool) (signs []Sign, held bool) {
	if len(v.Forms) == 0 {
		return nil, false
	}
	last := v.Forms[len(v.Forms)-1]
	for _, s := range []struct {
		sign  Sign
		there bool
	}{
		{SignLinks, v.linksNear(last.At)},
		{SignScores, v.scoresBefore(last.At) > scoresMost},
		{SignUnrendered, last.Page == "" || !shown(last.Page)},
		{SignNetwork, v.Network},
		{SignBurst, v.Burst > BurstMost},
		{SignPrefetch, v.Prefetch},
	} {
		if s.there {
			signs = append(signs, s.sign)
		}
	}
	acted := slices.ContainsFunc(signs, func(s Sign) bool { return slices.Contains(acts, s) })
	if len(signs) > 1 && acted {
		return signs, true
	}
	if !v.Held.IsZero() && last.At.Before(v.Held.Add(heldFor)) {
		return v.Signs, true
	}
	return signs, false
}

// linksNear reports whether more than half of the mail's links were opened near a
// moment.
func (v Visit) linksNear(at time.Time) bool {
	near := 0
	for _, opened := range v.Links {
		if opened.Sub(at).Abs() <= linksNear {
			near++
		}
	}
	return v.Of > 1 && 2*near > v.Of
}

// scoresBefore counts the different scores sent shortly before a moment, and at it.
func (v Visit) scoresBefore(at time.Time) int {
	scores := map[string]bool{}
	for _, f := range v.Forms {
		if f.Score != "" && at.Sub(f.At) <= scoresNear {
			scores[f.Score] = true
		}
	}
	return len(scores)
}
