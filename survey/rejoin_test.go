package survey

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatReopensACase(t *testing.T) {
	t.Parallel()
	const month = Span(30 * 24 * time.Hour)
	hours := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	for name, c := range map[string]struct {
		state      CaseState
		at         time.Time
		within     Span
		toAskAgain bool
		want       bool
	}{
		"resolved an hour ago":                        {CaseResolved, hours(1), month, false, true},
		"resolved an hour ago, without a longer time": {CaseResolved, hours(1), 0, true, true},
		"resolved a day ago":                          {CaseResolved, hours(24), month, false, false},
		"and the customer is to be asked again":       {CaseResolved, hours(24), month, true, true},
		"for a month":                                 {CaseResolved, hours(30*24 - 1), month, true, true},
		"and no longer":                               {CaseResolved, hours(30 * 24), month, true, false},
		"closed an hour ago":                          {CaseClosed, hours(1), month, false, true},
		"closed a day ago":                            {CaseClosed, hours(24), month, true, false},
		"rejected":                                    {CaseRejected, hours(1), month, true, false},
		"recovered":                                   {CaseRecovered, hours(1), month, true, false},
		"unrecovered":                                 {CaseUnrecovered, hours(1), month, true, false},
	} {
		got := Case{State: c.state, EndedAt: noon}.TakesAgain(c.at, c.within, c.toAskAgain)
		require.Equal(t, c.want, got, name)
	}
}

func TestAnotherRound(t *testing.T) {
	t.Parallel()
	c := Case{
		ID: "c", State: CaseResolved, Revision: 7, OpenedAt: noon.Add(-day), EndedAt: noon, CloseAt: noon, NextAt: noon,
		AckedBy: "U1", AckedAt: noon, ResolvedBy: "U2", Channel: "C1", MessageTS: "1", CaseProgress: CaseProgress{
			Owner: "7", Assignee: "U1", ContactedBy: "U1", ContactedAt: noon, Cause: "price", Origin: OriginUnhappy, Earlier: "b", Priority: PriorityLow,
			CasePlace: CasePlace{Place: "U1", Moves: 2},
		},
	}
	c.Reopen(noon, noon.Add(30*day))
	require.Equal(t, Case{
		ID: "c", State: CaseOpen, Revision: 7, OpenedAt: noon.Add(-day), CloseAt: noon.Add(30 * day), Channel: "C1", MessageTS: "1",
		CaseProgress: CaseProgress{
			Owner: "7", Assignee: "U1", Origin: OriginUnhappy, Earlier: "b", Priority: PriorityHigh, Round: 1,
			ReopenedAt: noon, CasePlace: CasePlace{Place: "U1", Moves: 2},
		},
	}, c)
	require.Equal(t, noon.Add(30*day), c.NextLook())
}

func TestWhatIsWorseCounts(t *testing.T) {
	t.Parallel()
	c := Case{CaseProgress: CaseProgress{Origin: OriginPassive, Priority: PriorityLow}}
	c.Takes(OriginUnhappy, PriorityNormal)
	require.Equal(t, CaseProgress{Priority: PriorityNormal}, c.CaseProgress)
	c.Takes(OriginPassive, PriorityLow)
	require.Equal(t, CaseProgress{Priority: PriorityNormal}, c.CaseProgress)
	c.Takes(OriginCondition, PriorityHigh)
	require.Equal(t, CaseProgress{Priority: PriorityHigh}, c.CaseProgress)
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state CaseState
		bad   bool
		want  CaseState
	}{
		{CaseResolved, false, CaseRecovered},
		{CaseResolved, true, CaseUnrecovered},
		{CaseRecovered, true, CaseUnrecovered},
		{CaseRecovered, false, CaseRecovered},
		{CaseUnrecovered, false, CaseUnrecovered},
		{CaseUnrecovered, true, CaseUnrecovered},
		{CaseOpen, false, CaseOpen},
		{CaseClosed, true, CaseClosed},
		{CaseRejected, true, CaseRejected},
	} {
		got := Case{State: c.state}
		require.Equal(t, c.state != c.want, got.AskedAgain(c.bad), c)
		require.Equal(t, c.want, got.State, c)
	}
	c := Case{State: CaseRecovered}
	require.True(t, c.TakeBack())
	require.Equal(t, CaseResolved, c.State)
	require.False(t, c.TakeBack())
}
