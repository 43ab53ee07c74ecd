package bench

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	figures := []Figure{figure("loop.cpu_ms", 3, "ms", "").beside(12), figure("worker.rss", 80.5, "MB", "< 150")}
	var lines, table bytes.Buffer
	require.NoError(t, WriteJSON(&lines, figures))
	require.Equal(t, `{"name":"loop.cpu_ms","value":3,"unit":"ms","baseline":12,"ratio":0.25}
{"name":"worker.rss","value":80.5,"unit":"MB","target":"\u003c 150"}
`, lines.String())
	require.NoError(t, WriteTable(&table, figures))
	require.Regexp(t, `loop.cpu_ms +3.00 +ms +12.00 +0.25 *\n`, table.String())
	require.Regexp(t, `worker.rss +80.50 +MB +< 150\n`, table.String())
}

func TestP99(t *testing.T) {
	t.Parallel()
	require.Zero(t, p99(nil))
	require.Equal(t, 5.0, p99([]time.Duration{5 * time.Millisecond}))
	var many []time.Duration
	for i := range 1000 {
		many = append(many, time.Duration(1000-i)*time.Millisecond)
	}
	require.Equal(t, 991.0, p99(many))
}

// The load is what the figures say it is.
func TestUsualScores(t *testing.T) {
	t.Parallel()
	program := survey.Program{Metric: survey.NPS}
	bands := map[survey.Band]int{}
	for customer := range 1000 {
		bands[program.BandOf(usualScore(customer))]++
	}
	require.Equal(t, map[survey.Band]int{survey.Promoter: 500, survey.Passive: 300, survey.Detractor: 200}, bands)
}

func TestOwnProcess(t *testing.T) {
	t.Parallel()
	if err := canMeasure(); err != nil {
		t.Skip(err)
	}
	before, err := cpuOf(os.Getpid())
	require.NoError(t, err)
	spent := ownCPU()
	for ownCPU() < spent+50*time.Millisecond { // busy on purpose
	}
	after, err := cpuOf(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, after, before)
	rss, err := residentMB(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, rss, 1.0)
	_, err = cpuOf(-1)
	require.Error(t, err)
	_, err = residentMB(-1)
	require.Error(t, err)
}

func TestCustomersOfALoad(t *testing.T) {
	t.Parallel()
	p := &play{first: 40, load: load{count: 10}}
	for text, want := range map[string]int{
		"c000040@customers.example": 0, "Detractor: C000049, Company 000049": 9, "c000039@customers.example": -1,
		"c000050@customers.example": -1, "somebody else": -1,
	} {
		i, ok := p.index(text)
		require.Equal(t, want >= 0, ok, text)
		if ok {
			require.Equal(t, want, i, text)
		}
	}
}

func TestNextButton(t *testing.T) {
	t.Parallel()
	for blocks, want := range map[string]survey.CaseAction{
		`["case_acknowledge","case_resolve"]`: survey.ActionAcknowledge, `["case_resolve"]`: survey.ActionResolve, `[]`: "",
	} {
		require.Equal(t, want, nextButton(&sandbox.Message{Blocks: []byte(blocks)}))
	}
}
