package sandbox

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestScenariosPlayToTheirEnd(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	for _, sc := range scenarios {
		r := a.play(sc.name)
		require.Equal(t, stateDone, r.State, "%s: %+v", sc.name, r.Steps)
		for _, s := range r.Steps {
			require.Equal(t, stateDone, s.State, s.Title)
		}
	}
	v := a.state(0)
	require.Len(t, v.Runs, len(scenarios))
	require.Len(t, v.Mails, shownMails)
	require.Len(t, v.Records[Deals], shownRecords)
	require.Greater(t, v.Totals[Deals], stormSize)
	require.NotEmpty(t, v.Log)
	storm := v.Runs[1].Steps
	require.True(t, strings.HasPrefix(storm[1].Detail, "200 changes in "), storm[1].Detail)
	require.Equal(t, "200 of 200", storm[2].Detail)
	require.Equal(t, "cx_nps_last = 2", v.Runs[len(v.Runs)-1].Steps[5].Detail)
}

func TestScenariosNeverRunOutOfCustomers(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	contacts := map[string]bool{}
	for range 12 {
		r := a.play("ticket")
		require.Equal(t, stateDone, r.State, "%+v", r.Steps)
		to := r.Steps[2].Detail
		require.False(t, contacts[to], "%s was asked twice", to)
		contacts[to] = true
	}
}

func TestScenarioTellsWhatFailed(t *testing.T) {
	t.Parallel()
	a := newTestApp(t)
	a.surveyCode = http.StatusServiceUnavailable
	r := a.play("unhappy")
	require.Equal(t, stateFailed, r.State)
	require.Equal(t, stateFailed, r.Steps[3].State)
	require.Equal(t, "the survey page answered 503 Service Unavailable", r.Steps[3].Detail)
	require.Equal(t, stateWaiting, r.Steps[4].State, "what comes after a failure is not tried")
}

func TestScenariosOfOwnPrograms(t *testing.T) {
	t.Parallel()
	p := &playground{opts: PlaygroundOptions{OwnPrograms: true}}
	require.Len(t, viewScenarios(p.offered()), len(scenarios)-1)
	_, err := p.play("past")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestScenariosAreLimited(t *testing.T) {
	t.Parallel()
	s, err := New(Options{}) // without webhooks, every scenario waits
	require.NoError(t, err)
	p := &playground{s: s}
	for range maxRuns {
		_, err := p.play("unhappy")
		require.NoError(t, err)
	}
	_, err = p.play("unhappy")
	require.ErrorIs(t, err, errTooManyRuns)
	require.NoError(t, s.Close())
}
