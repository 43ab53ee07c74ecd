package casetext

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// DigestWords are those of the digest of a storm of cases alone.
type DigestWords struct {
	Title   string `yaml:"title"`
	Intro   string `yaml:"intro"`
	Waiting string `yaml:"waiting"`
	Worst   string `yaml:"worst"`
	NoneNow string `yaml:"none_open"`
}

// Digest is what is told of the cases of a storm.
type Digest struct {
	// Title is plain text.
	Title, Intro string
	// Counts says how many cases are in which state, and how many are still to be posted.
	Counts string
	// Worst has a line for each of the worst that are open, after its heading.
	Heading string
	Worst   []string
}

// longestWho is how much of whom a case is about is shown in a digest, in characters.
const longestWho = 100

// Digest words a storm; worst are the worst of its cases, the first before the others.
func (w Writer) Digest(storm store.Storm, worst []Case) Digest {
	all := 0
	var counts []string
	for _, state := range survey.CaseStates {
		if n := storm.States[state]; n > 0 {
			all += n
			counts = append(counts, strconv.Itoa(n)+" "+w.States[state])
		}
	}
	if storm.Unposted > 0 {
		counts = append(counts, w.Count(w.Storm.Waiting, storm.Unposted))
	}
	d := Digest{
		Title: w.Count(w.Storm.Title, all), Intro: fill(w.Storm.Intro, "when", w.When(storm.OpenedAt)),
		Counts: strings.Join(counts, " · "), Heading: w.Storm.Worst,
	}
	for _, c := range worst {
		d.Worst = append(d.Worst, w.digestLine(c))
	}
	if len(worst) == 0 {
		d.Heading = w.Storm.NoneNow
	}
	return d
}

// digestLine is one case of a digest.
func (w Writer) digestLine(c Case) string {
	parts := []string{w.Text(Clip(w.Who(c), longestWho))}
	if r, ok := c.latest(); ok {
		parts = append(parts, w.Scored(c, r))
	}
	if p := c.Case.Priority; p != "" && p != survey.PriorityNormal {
		parts = append(parts, w.Labels.Priority+": "+w.Priorities[p])
	}
	worth := w.amount(c.Facts.Value(c.Facts.Worth, c.Account, c.Contact), c.Facts.Currency)
	parts = append(parts, w.fact(worth))
	if c.Case.State != survey.CaseOpen {
		parts = append(parts, w.State(c))
	}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " · ")
}
