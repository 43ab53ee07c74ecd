package casetext

import (
	"math"
	"strconv"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// Row is something of a case and what stands before it.
type Row struct{ Label, Value string }

// Score words a score on its scale, which only its program knows.
func (w Writer) Score(c Case, program, version string, score int, band survey.Band) string {
	if band.OfAudit() {
		return fill(w.ScoreOnly, "score", strconv.Itoa(score)+"\u00a0%", "band", w.Bands[band])
	}
	p, known := c.Programs[version]
	if !known && program == c.Program.ID {
		p = c.Program
	}
	if p.Metric == "" {
		return fill(w.ScoreOnly, "score", strconv.Itoa(score), "band", w.Bands[band])
	}
	_, high := p.Range()
	return fill(w.ScoreOf, "score", strconv.Itoa(score), "high", strconv.Itoa(high), "band", w.Bands[band])
}

// Scored words the score of a response.
func (w Writer) Scored(c Case, r survey.Response) string {
	return w.Score(c, r.Program, r.Version, r.Score, r.Band)
}

// Earlier words earlier scores, newest first, a line each.
func (w Writer) Earlier(c Case) []string {
	var lines []string
	for _, s := range c.Scores {
		line := fill(w.InProgram, "score", w.Score(c, s.Program, s.Version, s.Score, s.Band), "program", w.Text(s.Program), "when", w.When(s.At))
		if s.Other {
			line += " (" + w.OfColleague + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// mostTrend is how many scores a trend has.
const mostTrend = 8

// Trend is how the contact's score moved in the program of the latest answer, oldest first:
// 9 → 7 → 3. It is "" where there is one score alone.
func (c Case) Trend() string {
	now, ok := c.latest()
	if !ok {
		return ""
	}
	scores := []string{strconv.Itoa(now.Score)}
	for _, s := range c.Scores {
		if s.Program == now.Program && !s.Other && len(scores) < mostTrend {
			scores = append([]string{strconv.Itoa(s.Score)}, scores...)
		}
	}
	if len(scores) == 1 {
		return ""
	}
	return strings.Join(scores, " → ")
}

// Answers words what a response says besides score and comment: the answers to questions,
// and what the comment is about; of an audit the points that failed.
func (w Writer) Answers(c Case, r survey.Response) []Row {
	program := c.Programs[r.Version]
	if program.Metric == survey.Audit {
		return w.failed(program, r)
	}
	var rows []Row
	for _, g := range program.Given(r) {
		said := g.Labels(w.Locale)
		if g.Answer.Text != "" {
			said = append(said, "“"+strings.Join(strings.Fields(g.Answer.Text), " ")+"”")
		} else if g.Answer.Has(survey.OptionOther) {
			said = append(said, w.Labels.Other)
		}
		rows = append(rows, Row{w.Text(g.Question.Text.In(w.Locale)), w.Text(Clip(strings.Join(said, " · "), w.MostAnswer))})
	}
	return append(rows, w.about(c, r)...)
}

func (w Writer) failed(program survey.Program, r survey.Response) []Row {
	items := program.FailedItems(r)
	if len(items) == 0 {
		return nil
	}
	row := Row{Label: fill(w.FailedPoints, "failed", strconv.Itoa(len(items)), "points", strconv.Itoa(len(program.Checklist)))}
	var lines []string
	length := 0
	for i, item := range items {
		line := "• " + w.Text(fill(w.Weight, "item", item.Text.In(w.Locale), "weight", strconv.Itoa(item.Weight)))
		if length += len(line) + 1; w.MostList > 0 && length > w.MostList { // in bytes, which are no fewer than characters
			lines = append(lines, fill(w.AndMore, "count", strconv.Itoa(len(items)-i)))
			break
		}
		lines = append(lines, line)
	}
	row.Value = strings.Join(lines, "\n")
	return []Row{row}
}

// Clip cuts a text to so many characters; 0 leaves it whole.
func Clip(text string, most int) string {
	runes := []rune(text)
	if most == 0 || len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// Since says what a case is called and since when it is there.
func (w Writer) Since(c Case, name string) string {
	return fill(w.Opened, "case", name, "when", w.When(c.Case.OpenedAt))
}

// Over says when a case ended.
func (w Writer) Over(c Case) string { return fill(w.Ended, "when", w.When(c.Case.EndedAt)) }

// Count puts a number into a text.
func (w Writer) Count(text string, n int) string { return fill(text, "count", strconv.Itoa(n)) }

// Expires says for how long after its end the page of a case opens.
func (w Writer) Expires(after survey.Span) string {
	return fill(w.Page.Expires, "days", strconv.Itoa(int(math.Ceil(after.Std().Hours()/24))))
}
