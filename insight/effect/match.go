package effect

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Trait is something that customers have in common.
type Trait string

// The traits. BySegment and ByValue are left out where too few had a partner with them.
const (
	ByScore   Trait = "score"
	BySegment Trait = "segment"
	ByValue   Trait = "value"
)

// traits are the sets that are tried, the closest first.
var traits = [][]Trait{{ByScore, BySegment, ByValue}, {ByScore, BySegment}, {ByScore, ByValue}, {ByScore}}

// enough is the part of the smaller group that has to have a partner.
const enough = 0.8

// match gives customers of both groups their strata, by as many traits as leave most of the
// smaller group a partner (coarsened exact matching: Iacus, King and Porro 2012). What came
// of customers has no say in it.
func match(subjects []subject) []Trait {
	bands := valueBands(subjects)
	for _, by := range traits {
		for i := range subjects {
			subjects[i].stratum = bands.stratum(subjects[i].Customer, by)
		}
		if partners(subjects) >= enough {
			return by
		}
	}
	return traits[len(traits)-1]
}

// partners is the part of the smaller group whose strata have somebody of the other.
func partners(subjects []subject) float64 {
	units := make([]Unit, len(subjects))
	for i, s := range subjects {
		units[i] = Unit{Stratum: s.stratum, First: s.first}
	}
	strata, first, second := strataOf(units)
	var matchedFirst, matchedSecond float64
	for _, s := range strata {
		matchedFirst += s.first.n
		matchedSecond += s.second.n
	}
	if first < second {
		return matchedFirst / max(1, float64(first))
	}
	return matchedSecond / max(1, float64(second))
}

// bands split what customers are worth into thirds.
type bands struct{ low, high float64 }

func valueBands(subjects []subject) bands {
	var values []float64
	for _, s := range subjects {
		if !math.IsNaN(s.Value) {
			values = append(values, s.Value)
		}
	}
	if len(values) == 0 {
		return bands{}
	}
	slices.Sort(values)
	return bands{values[len(values)/3], values[len(values)*2/3]}
}

func (b bands) of(value float64) string {
	switch {
	case math.IsNaN(value):
		return "unknown"
	case value < b.low:
		return "low"
	case value < b.high:
		return "middle"
	}
	return "high"
}

// stratum is what a customer has to have in common with another.
func (b bands) stratum(c Customer, by []Trait) string {
	parts := []string{c.Metric, fmt.Sprintf("%g", c.Score)}
	if slices.Contains(by, BySegment) {
		parts = append(parts, c.Segment)
	}
	if slices.Contains(by, ByValue) {
		parts = append(parts, b.of(c.Value))
	}
	return strings.Join(parts, "\x00")
}
