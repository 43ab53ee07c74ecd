package casetext

import "strconv"

// ThemeWords are those of the themes of a week.
type ThemeWords struct {
	Title  string `yaml:"title"`
	None   string `yaml:"none"`
	Counts string `yaml:"counts"`
	// InWords stands behind the customers, where some named it in their comments alone.
	InWords string `yaml:"in_words"`
	More    string `yaml:"more"`
	Fewer   string `yaml:"fewer"`
	Counted string `yaml:"counted"`
	// Written stands above a summary of comments, and SummedUp says what it is.
	Written  string `yaml:"written"`
	SummedUp string `yaml:"summed_up"`
}

// SummedUp says how a summary of comments came about.
func (w *Words) SummedUp(read, comments int) string {
	return fill(w.Themes.SummedUp, "read", strconv.Itoa(read), "comments", strconv.Itoa(comments))
}

// Theme is a cause of unhappiness and how often it was named.
type Theme struct {
	// Name is the cause in Slack's markup.
	Name                       string
	Customers, Accounts, Cases int
	// Written is how many of the customers named it in their comments alone.
	Written int
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
	customers := strconv.Itoa(t.Customers)
	if t.Written > 0 {
		customers += " " + fill(w.Themes.InWords, "written", strconv.Itoa(t.Written))
	}
	return "*" + t.Name + "*" + change + "\n" + fill(w.Themes.Counts,
		"customers", customers, "accounts", strconv.Itoa(t.Accounts), "cases", strconv.Itoa(t.Cases),
		"usual", w.amount(strconv.FormatFloat(t.Usual, 'f', 1, 64), ""))
}
