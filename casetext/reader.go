package casetext

import (
	"context"
	"errors"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// mostScores is how many earlier scores are told of a case.
const mostScores = 12

// Reader finds what is told of a case besides the case itself.
type Reader struct {
	Scores store.PastScores
	// Program returns any version of a program.
	Program func(ctx context.Context, id, version string) (survey.Program, error)
	Facts   survey.CaseFacts
	SLA     survey.SLA
	Clock   survey.Clock
}

// Read gathers what is told of a case to those whom a route leads it to: without names
// where they may not see them.
func (r Reader) Read(ctx context.Context, d store.CaseDetail, route survey.CaseRoute) (Case, error) {
	c := Case{CaseDetail: d, Facts: r.Facts, Programs: map[string]survey.Program{}, Now: r.Clock.Now()}
	c.Dues = r.SLA.Dues(d.Case, survey.CaseTeam{Route: route, Owner: d.Owner})
	var err error
	if c.Scores, err = r.Scores.PastScores(ctx, d, mostScores); err != nil {
		return Case{}, err
	}
	if err := r.learn(ctx, c.Programs, d.Case.Program, d.Case.Version); err != nil {
		return Case{}, err
	}
	var known bool
	if c.Program, known = c.Programs[d.Case.Version]; !known {
		c.Program.ID = d.Case.Program
	}
	for _, answer := range d.Responses {
		if err := r.learn(ctx, c.Programs, answer.Program, answer.Version); err != nil {
			return Case{}, err
		}
	}
	for _, score := range c.Scores {
		if err := r.learn(ctx, c.Programs, score.Program, score.Version); err != nil {
			return Case{}, err
		}
	}
	if route.NoNames {
		c = WithoutNames(c)
	}
	return c, nil
}

// learn adds a version of a program. One that is not kept leaves its scores without scale.
func (r Reader) learn(ctx context.Context, programs map[string]survey.Program, id, version string) error {
	if _, known := programs[version]; known {
		return nil
	}
	program, err := r.Program(ctx, id, version)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		programs[version] = program
	}
	return err
}
