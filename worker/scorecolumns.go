package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/cxloop/cxloop/insight/report"
)

// scoreRow is a group or a period in a table.
type scoreRow struct {
	key          []string
	period, rank string
	figure       report.Figure
	// below are lines of their own, under the row.
	below []string
}

// scoreColumn is a column of a table, left out where it has nothing in any row.
type scoreColumn struct {
	head string
	text func(scoreRow) string
	// worth says which columns stay where there is no room for all.
	worth int
}

// always is the worth of a column without which a row says nothing.
const always = math.MaxInt

// columnGap is between two columns.
const columnGap = "  "

// laidOut is a column with its texts, and how wide they are.
type laidOut struct {
	scoreColumn
	cells []string
	width int
}

// printColumns prints rows under the columns that have anything and find room in lines of
// so many characters, 0 for any length, and names those that do not.
func printColumns(b *strings.Builder, columns []scoreColumn, rows []scoreRow, width int) {
	var shown []laidOut
	for _, column := range columns {
		one := laidOut{scoreColumn: column, width: utf8.RuneCountInString(column.head)}
		for _, r := range rows {
			text := column.text(r)
			one.cells = append(one.cells, text)
			one.width = max(one.width, utf8.RuneCountInString(text))
		}
		if strings.Join(one.cells, "") != "" {
			shown = append(shown, one)
		}
	}
	shown, left := fitting(shown, width)
	writeLine(b, shown, func(one laidOut) string { return one.head })
	for i, r := range rows {
		writeLine(b, shown, func(one laidOut) string { return one.cells[i] })
		for _, line := range r.below {
			fmt.Fprintln(b, columnGap+line)
		}
	}
	if len(left) > 0 {
		fmt.Fprintf(b, "No room for: %s. --csv and --json have all.\n", strings.ToLower(strings.Join(left, ", ")))
	}
}

// fitting takes out what is worth least until a line has room for the rest.
func fitting(columns []laidOut, width int) (shown []laidOut, left []string) {
	for width > 0 {
		line := -len(columnGap)
		for _, one := range columns {
			line += one.width + len(columnGap)
		}
		least := slices.MinFunc(columns, func(a, b laidOut) int { return cmp.Compare(a.worth, b.worth) })
		if line <= width || least.worth == always {
			break
		}
		left = append(left, least.head)
		columns = slices.DeleteFunc(columns, func(one laidOut) bool { return one.head == least.head })
	}
	return columns, left
}

func writeLine(b *strings.Builder, columns []laidOut, text func(laidOut) string) {
	var line strings.Builder
	for _, one := range columns {
		cell := text(one)
		line.WriteString(cell + strings.Repeat(" ", one.width-utf8.RuneCountInString(cell)) + columnGap)
	}
	fmt.Fprintln(b, strings.TrimRight(line.String(), " "))
}

// widthOf is how many characters a line of a terminal has, 0 of anything else.
func widthOf(out io.Writer) int {
	f, is := out.(*os.File)
	if !is {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
