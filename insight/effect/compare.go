package effect

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/cxloop/cxloop/insight"
)

// Unit is one customer in a comparison of two groups.
type Unit struct {
	// Stratum is what a customer has to have in common with another to be compared.
	Stratum string
	// First says which group the customer is in.
	First bool
	// Y is what came of it: 0 or 1 where it is a share that is compared; finite.
	Y float64
}

// Group is one of two groups that are compared.
type Group struct {
	// N are its customers, and Matched those of them whom the other group has somebody like.
	N       int `json:"n"`
	Matched int `json:"matched"`
	// Value is their mean, weighted so that the groups are alike, in the unit of Unit.Y; Low
	// and High bound its 95 % interval.
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Comparison is how the first group did beside the second, among those who are alike.
type Comparison struct {
	First  Group `json:"first"`
	Second Group `json:"second"`
	// Value is the first's less the second's; Low and High bound its 95 % interval, and P
	// is the two-sided probability of so large a difference between groups that do not
	// differ.
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	P     float64 `json:"p"`
	// Smallest is the smallest difference that as many customers show in four of five tries.
	Smallest float64 `json:"smallest"`
	// ratio of the first to the second that the limit of the interval nearest to no
	// difference stands for, as VanderWeele and Ding have it; 1 where the interval holds 0.
	ratio float64
}

// cell is a stratum's units of one group, by their moments.
type cell struct {
	n            float64
	sum, squares float64
}

func (c cell) mean() float64 { return c.sum / c.n }

// stratum has both groups.
type stratum struct{ first, second cell }

// weight is that of a stratum: of all weights those with the least variance, where the
// difference is the same in all (Cochran 1954; Mantel and Haenszel 1959).
func (s stratum) weight() float64 { return s.first.n * s.second.n / (s.first.n + s.second.n) }

// strataOf are the strata in which both groups have somebody, in an order of their own, and
// how many customers each group has in all.
func strataOf(units []Unit) (strata []stratum, first, second int) {
	units = slices.Clone(units)
	slices.SortFunc(units, func(a, b Unit) int { return cmp.Or(cmp.Compare(a.Stratum, b.Stratum), cmp.Compare(a.Y, b.Y)) })
	for i := 0; i < len(units); {
		var s stratum
		at := units[i].Stratum
		for ; i < len(units) && units[i].Stratum == at; i++ {
			into := &s.second
			if units[i].First {
				into = &s.first
			}
			into.n++
			into.sum += units[i].Y
			into.squares += units[i].Y * units[i].Y
		}
		first, second = first+int(s.first.n), second+int(s.second.n)
		if s.first.n > 0 && s.second.n > 0 {
			strata = append(strata, s)
		}
	}
	return strata, first, second
}

// pooled are the groups over all strata, weighted.
type pooled struct {
	weight        float64 // the sum of all
	first, second Group
	// effective are how many unweighted customers each group is worth (Kish 1965).
	effectiveFirst, effectiveSecond float64
}

func pool(strata []stratum) pooled {
	var p pooled
	var first, second float64
	for _, s := range strata {
		w := s.weight()
		p.weight += w
		p.first.Value += w * s.first.mean()
		p.second.Value += w * s.second.mean()
		p.first.Matched += int(s.first.n)
		p.second.Matched += int(s.second.n)
		first += w * w / s.first.n
		second += w * w / s.second.n
	}
	p.first.Value /= p.weight
	p.second.Value /= p.weight
	p.effectiveFirst, p.effectiveSecond = p.weight*p.weight/first, p.weight*p.weight/second
	return p
}

// nothing is a comparison in which nobody can be compared.
func nothing(first, second int) Comparison {
	return Comparison{First: Group{N: first}, Second: Group{N: second}, P: 1, ratio: 1}
}

// CompareShares compares how large a share of each group has Y = 1. The intervals are
// Wilson's for as many customers as the weighted ones are worth, and Newcombe's of the
// difference (1998, method 10); P is Cochran, Mantel and Haenszel's, without a correction
// for continuity. No interval has the width 0, whatever the counts.
func CompareShares(units []Unit) Comparison {
	strata, first, second := strataOf(units)
	if len(strata) == 0 {
		return nothing(first, second)
	}
	p := pool(strata)
	p.first.N, p.second.N = first, second
	p.first.Low, p.first.High = insight.Wilson(p.first.Value, p.effectiveFirst)
	p.second.Low, p.second.High = insight.Wilson(p.second.Value, p.effectiveSecond)
	d := p.first.Value - p.second.Value
	out := Comparison{
		First: p.first, Second: p.second, Value: d, P: mantelHaenszel(strata),
		Low:  d - math.Hypot(p.first.Value-p.first.Low, p.second.High-p.second.Value),
		High: d + math.Hypot(p.first.High-p.first.Value, p.second.Value-p.second.Low),
	}
	out.Smallest = (insight.Z95 + insight.ZPower) * math.Sqrt(spread(p.first.Value, p.effectiveFirst)+spread(p.second.Value, p.effectiveSecond))
	out.ratio = ratioOfShares(out)
	return out
}

// spread is the variance of a share of n, with two of each kind added as Agresti and Coull do
// (1998), so that it is not 0 where all are alike.
func spread(share, n float64) float64 {
	share = (share*n + 2) / (n + 4)
	return share * (1 - share) / (n + 4)
}

// mantelHaenszel is the P of no difference in any stratum.
func mantelHaenszel(strata []stratum) float64 {
	var off, variance float64
	for _, s := range strata {
		n, yes := s.first.n+s.second.n, s.first.sum+s.second.sum
		off += s.first.sum - s.first.n*yes/n
		if n > 1 {
			variance += s.first.n * s.second.n * yes * (n - yes) / (n * n * (n - 1))
		}
	}
	if variance == 0 {
		return 1
	}
	return min(1, 2*distuv.UnitNormal.Survival(math.Abs(off)/math.Sqrt(variance)))
}

// CompareMeans compares the mean Y of the groups: that of a regression of Y on the group
// with an intercept for each stratum, whose standard error is robust against unequal
// variances (HC2, MacKinnon and White 1985), with Student's t.
func CompareMeans(units []Unit) Comparison {
	centred, middle := centre(units)
	strata, first, second := strataOf(centred)
	if len(strata) == 0 {
		return nothing(first, second)
	}
	p := pool(strata)
	p.first.N, p.second.N = first, second
	noise := rounding * largest(units)
	d := cut(p.first.Value-p.second.Value, noise)
	degrees := max(1, float64(p.first.Matched+p.second.Matched-len(strata)-1))
	t := distuv.StudentsT{Sigma: 1, Nu: degrees}
	quantile := t.Quantile(0.975)
	se := cut(math.Sqrt(robust(strata, d, p.weight)), noise)
	p.first.within(quantile, strata, func(s stratum) cell { return s.first }, p.effectiveFirst)
	p.second.within(quantile, strata, func(s stratum) cell { return s.second }, p.effectiveSecond)
	out := Comparison{
		First: p.first.moved(middle), Second: p.second.moved(middle), Value: d, Low: d - quantile*se, High: d + quantile*se,
		P: 1, Smallest: (insight.Z95 + insight.ZPower) * se,
	}
	switch {
	case se > 0:
		out.P = min(1, 2*t.Survival(math.Abs(d/se)))
	case d != 0:
		out.P = 0
	}
	out.ratio = ratioOfMeans(out, deviation(strata))
	return out
}

// rounding is how much of the largest value may be an error of the arithmetic alone.
const rounding = 1e-10

func largest(units []Unit) (most float64) {
	for _, u := range units {
		most = max(most, math.Abs(u.Y))
	}
	return most
}

// cut makes 0 of what is no more than noise: else groups that are all alike would differ by
// it for certain.
func cut(v, noise float64) float64 {
	if math.Abs(v) <= noise {
		return 0
	}
	return v
}

// centre moves all Y by their mean, so that sums of squares keep their digits.
func centre(units []Unit) (centred []Unit, middle float64) {
	values := make([]float64, len(units))
	for i, u := range units {
		values[i] = u.Y
	}
	slices.Sort(values)
	for _, v := range values {
		middle += v / float64(len(values))
	}
	centred = slices.Clone(units)
	for i := range centred {
		centred[i].Y -= middle
	}
	return centred, middle
}

func (g Group) moved(by float64) Group {
	g.Value, g.Low, g.High = g.Value+by, g.Low+by, g.High+by
	return g
}

// robust is the variance of the difference d. In the regression each unit counts by how far
// its group's indicator is from the share of the group in the stratum.
func robust(strata []stratum, d, weight float64) float64 {
	var sum float64
	for _, s := range strata {
		n := s.first.n + s.second.n
		share := s.first.n / n
		middle := (s.first.sum + s.second.sum) / n
		for _, side := range []struct {
			cell
			off float64
		}{{s.first, 1 - share}, {s.second, -share}} {
			leverage := 1/n + side.off*side.off/weight
			if leverage >= 1-1e-9 { // the only two there are
				continue
			}
			// Σ(y − c)² over the cell, with c what the regression says of it.
			c := middle + d*side.off
			residuals := max(0, side.squares-2*c*side.sum+side.n*c*c)
			sum += side.off * side.off * residuals / (1 - leverage)
		}
	}
	return sum / (weight * weight)
}

// within sets the interval of a group's mean, by the variance within its strata.
func (g *Group) within(quantile float64, strata []stratum, of func(stratum) cell, effective float64) {
	var squares, degrees float64
	for _, s := range strata {
		c := of(s)
		squares += max(0, c.squares-c.sum*c.sum/c.n)
		degrees += c.n - 1
	}
	half := 0.0
	if degrees > 0 {
		half = quantile * math.Sqrt(squares/degrees/effective)
	}
	g.Low, g.High = g.Value-half, g.Value+half
}

// deviation is the standard deviation of Y within strata and groups.
func deviation(strata []stratum) float64 {
	var squares, degrees float64
	for _, s := range strata {
		for _, c := range []cell{s.first, s.second} {
			squares += max(0, c.squares-c.sum*c.sum/c.n)
			degrees += c.n - 1
		}
	}
	if degrees == 0 {
		return 0
	}
	return math.Sqrt(squares / degrees)
}

// evidence is that of the smaller group, of those who are compared.
func (c Comparison) evidence() insight.Evidence {
	return insight.EvidenceOf(min(c.First.Matched, c.Second.Matched))
}
