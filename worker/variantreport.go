package main

import (
	"slices"

	"github.com/cxloop/cxloop/insight"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// variantReport is what came of a program's variants, for scripts.
type variantReport struct {
	Program  string         `json:"program"`
	Metric   survey.Metric  `json:"metric"`
	Variants []shownVariant `json:"variants"`
	Against  []shownAgainst `json:"comparisons"`
}

// shownVariant is one variant with its figures.
type shownVariant struct {
	ID    string  `json:"id"`
	Share float64 `json:"share"`
	// Open are the invitations that are not answered and still may be.
	Sent      int `json:"sent"`
	Open      int `json:"open"`
	Responses int `json:"responses"`
	// ResponseRate is in percent of Sent, Score in the metric's unit.
	ResponseRate shownFigure `json:"response_rate"`
	Score        shownFigure `json:"score"`
}

// shownFigure is a figure with its 95 % interval. Of too few values none is shown.
type shownFigure struct {
	Value    *float64         `json:"value"`
	Low      *float64         `json:"low"`
	High     *float64         `json:"high"`
	Evidence insight.Evidence `json:"evidence"`
}

// shownAgainst compares a variant with the first.
type shownAgainst struct {
	Variant      string      `json:"variant"`
	With         string      `json:"with"`
	ResponseRate *shownDelta `json:"response_rate"`
	Score        *shownDelta `json:"score"`
}

// shownDelta is a difference in points, with its 95 % interval. P is adjusted for all
// variants that are compared. Needed is how many invitations (of the rate) or answers
// (of the score) each variant needs for a difference of this size to be found.
type shownDelta struct {
	Value  float64 `json:"difference"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	P      float64 `json:"p"`
	Real   bool    `json:"real"`
	Needed int     `json:"needed,omitempty"`
}

// figures are the numbers of one variant before it is decided what is shown of them.
type figures struct {
	rate      insight.Share
	responses int
	nps       insight.NPS
	share     insight.Share
	mean      insight.Mean
}

func newVariantReport(p survey.Program, counts []store.VariantCount) variantReport {
	report := variantReport{Program: p.ID, Metric: p.Metric}
	all := make([]figures, len(counts))
	for i, c := range counts {
		f := figuresOf(p, c)
		all[i] = f
		report.Variants = append(report.Variants, shownVariant{
			ID: c.Variant, Share: p.Variants[i].Share, Sent: c.Sent, Open: c.Open, Responses: f.responses,
			ResponseRate: figure(c.Sent, 100*f.rate.Rate, 100*f.rate.Low, 100*f.rate.High), Score: f.score(p.Metric),
		})
	}
	if len(all) > 0 {
		report.Against = against(p, all)
	}
	return report
}

func figuresOf(p survey.Program, c store.VariantCount) (f figures) {
	var happy, unhappy int
	for score, n := range c.Scores {
		f.responses += n
		switch band := p.BandOf(score); {
		case band.Happy():
			happy += n
		case band.Unhappy():
			unhappy += n
		}
	}
	f.rate = insight.ShareOf(f.responses, c.Sent)
	f.nps = insight.NPSOf(happy, unhappy, f.responses)
	f.share = insight.ShareOf(happy, f.responses)
	f.mean = insight.MeanOf(c.Scores)
	return f
}

// score is the metric's figure: NPS, the satisfied in percent, or the mean effort.
func (f figures) score(metric survey.Metric) shownFigure {
	switch metric {
	case survey.NPS, survey.ENPS:
		return figure(f.responses, f.nps.Score, f.nps.Low, f.nps.High)
	case survey.CES:
		return figure(f.responses, f.mean.Value, f.mean.Low, f.mean.High)
	}
	return figure(f.responses, 100*f.share.Rate, 100*f.share.Low, 100*f.share.High)
}

func figure(n int, value, low, high float64) shownFigure {
	out := shownFigure{Evidence: insight.EvidenceOf(n)}
	if out.Evidence != insight.Hidden {
		out.Value, out.Low, out.High = &value, &low, &high
	}
	return out
}

// against compares each variant with the first, whose tests are adjusted together.
func against(p survey.Program, all []figures) []shownAgainst {
	out := make([]shownAgainst, len(all)-1)
	var rates, scores []*shownDelta
	first := all[0]
	for i, f := range all[1:] {
		out[i] = shownAgainst{Variant: p.Variants[i+1].ID, With: p.Variants[0].ID}
		if shown(first.rate.N, f.rate.N) {
			out[i].ResponseRate = delta(insight.CompareShares(first.rate, f.rate), 100)
			rates = append(rates, out[i].ResponseRate)
		}
		if shown(first.responses, f.responses) {
			out[i].Score = scoreDelta(p.Metric, first, f)
			scores = append(scores, out[i].Score)
		}
	}
	adjust(rates)
	adjust(scores)
	return out
}

// shown reports whether groups of these sizes are all shown.
func shown(sizes ...int) bool {
	return !slices.ContainsFunc(sizes, func(n int) bool { return insight.EvidenceOf(n) == insight.Hidden })
}

func scoreDelta(metric survey.Metric, first, second figures) *shownDelta {
	switch metric {
	case survey.NPS, survey.ENPS:
		return delta(insight.CompareNPS(first.nps, second.nps), 1)
	case survey.CES:
		return delta(insight.CompareMeans(first.mean, second.mean), 1)
	}
	return delta(insight.CompareShares(first.share, second.share), 100)
}

func delta(d insight.Difference, unit float64) *shownDelta {
	return &shownDelta{Value: unit * d.Value, Low: unit * d.Low, High: unit * d.High, P: d.P, Needed: d.Needed}
}

// adjust says which differences are real, taking them together.
func adjust(deltas []*shownDelta) {
	p := make([]float64, len(deltas))
	for i, d := range deltas {
		p[i] = d.P
	}
	for i, adjusted := range insight.Holm(p) {
		deltas[i].P, deltas[i].Real = adjusted, adjusted < insight.Significant
	}
}
