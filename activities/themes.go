package activities

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Theme is a cause of unhappiness in a week.
type Theme struct {
	Cause string
	// Program is one that it was named under: it has the cause's words.
	Program survey.Program
	// Customers named it, Written of them in their comments alone; Accounts are theirs, and
	// Cases were resolved with it.
	Customers, Written, Accounts, Cases int
	// Usual is how many customers named it in a week before, on average.
	Usual float64
	// Change is how this week's customers differ from those before. Real is set where that
	// is no chance, all causes taken together.
	Change insight.RateChange
	Real   bool
	// topic is its name where comments alone name it.
	topic survey.Words
}

// fewestWritten is how many customers have to write of what nobody chose, and no case was
// resolved with: a topic that is read from words alone may be misread.
const fewestWritten = 3

// A week is held against those before.
const (
	themesWeek  = 7 * 24 * time.Hour
	weeksBefore = 4
)

// ThemesOf finds the causes of the week until a moment, the most often named first. topics
// are the names of topics of comments, by id.
func ThemesOf(ctx context.Context, s store.Themes, programs *Programs, topics map[string]survey.Words, until time.Time) ([]Theme, error) {
	counts, err := s.CauseCounts(ctx, until.Add(-themesWeek), until)
	counts = slices.DeleteFunc(counts, func(c store.CauseCount) bool {
		return c.Cases == 0 && c.Customers == c.Written && c.Written < fewestWritten
	})
	if err != nil || len(counts) == 0 {
		return nil, err
	}
	before := map[string]int{}
	for week := range weeksBefore {
		end := until.Add(-themesWeek * time.Duration(week+1))
		// A week at a time: a customer who named it in two of them counts in both, as now.
		earlier, err := s.CauseCounts(ctx, end.Add(-themesWeek), end)
		if err != nil {
			return nil, err
		}
		for _, c := range earlier {
			before[c.Cause] += c.Customers
		}
	}
	themes := make([]Theme, len(counts))
	chances := make([]float64, len(counts))
	for i, c := range counts {
		program, err := programs.Get(ctx, c.Program, c.Version)
		if err != nil {
			return nil, err
		}
		change := insight.CompareRates(before[c.Cause], weeksBefore, c.Customers, 1)
		themes[i] = Theme{
			Cause: c.Cause, Program: program, Customers: c.Customers, Written: c.Written, Accounts: c.Accounts, Cases: c.Cases,
			Usual: float64(before[c.Cause]) / weeksBefore, Change: change,
		}
		if c.Cases == 0 && c.Customers == c.Written {
			themes[i].topic = topics[c.Cause]
		}
		chances[i] = change.P
	}
	for i, p := range insight.Holm(chances) {
		themes[i].Real = p < insight.Significant
	}
	slices.SortStableFunc(themes, func(a, b Theme) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(b.Cases, a.Cases))
	})
	return themes, nil
}

// Name is the cause in words, in a language.
func (t Theme) Name(locale string) string {
	return cmp.Or(t.topic.In(locale), t.Program.CauseText(t.Cause, locale))
}
