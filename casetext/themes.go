package casetext

import "strconv"

// ThemeWords are those of the themes of a week.
type ThemeWords struct {
	Title   string `yaml:"title"`
	None    string `yaml:"none"`
	Counts  string `yaml:"counts"`
	More    string `yaml:"more"`
	Fewer   string `yaml:"fewer"`
	Counted string `yaml:"counted"`
}

// Theme is a cause of unhappiness and how often it was named.
type Theme struct {
	// Name is the cause in Slack's markup.
	Name                       string
	Customers, Accounts, Cases int
	// Usual is how many customers named it in a week before, on average.
	Usual float64
	// More and Fewer say that it was named more or less often than in the weeks before.
	More, Fewer bool
}

// Theme words a theme in Slack's markup.
func (w *Words) Theme(t Theme) string {
	change := ""
	switch {
	case t.More:
		change = ": " + w.Themes.More
	case t.Fewer:
		change = ": " + w.Themes.Fewer
	}
	return "*" + t.Name + "*" + change + "\n" + fill(w.Themes.Counts,
		"customers", strconv.Itoa(t.Customers), "accounts", strconv.Itoa(t.Accounts), "cases", strconv.Itoa(t.Cases),
		"usual", w.amount(strconv.FormatFloat(t.Usual, 'f', 1, 64), ""))
}
