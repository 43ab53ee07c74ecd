package main

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/insight/effect"
)

// followed are customers of whom those called soon recover more often by so much.
func followed(n int, helps float64) []effect.Customer {
	r := rand.New(rand.NewPCG(4, 2))
	out := make([]effect.Customer, n)
	for i := range out {
		c := effect.Customer{Metric: "nps", Score: 10 * float64(r.IntN(3)), Value: math.NaN(), Waited: 1, Followed: 120}
		well := 0.3
		if r.IntN(2) == 0 {
			c.Waited = math.Inf(1)
		} else {
			well += helps
		}
		happy := r.Float64() < well
		c.Invitations = []effect.Invitation{{Day: 30, Answered: 31}}
		c.Answers = []effect.Answer{{Day: 31, Score: 50, Unhappy: !happy}}
		out[i] = c
	}
	return out
}

func effectOf(customers []effect.Customer) effectReport {
	return effectReport{
		Last: usualSpans["last"], Quick: usualSpans["quick"], Left: usualSpans["left"], Horizon: usualSpans["horizon"],
		Cases: effect.Observe(customers, optionsOf(activities.FollowedUp{}, usualSpans)),
	}
}

// The report never says that a call helped where a team chose whom it called.
func TestEffectReport(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name      string
		customers []effect.Customer
		want      []string
	}{
		{"nobody", nil, []string{"0 customers had a case in the last 365d"}},
		{"few", followed(15, 0), []string{"fewer than ten who are alike in a group", "called soon: fewer than ten answered again"}},
		{"none", followed(400, 0), []string{"no real difference; ", "Compared are those of the same score, segment, value.", "Too little is known of it"}},
		{"differs", followed(400, 0.4), []string{
			"of them: not unhappy", "differs, and that is no proof: whatever makes both ", "No purchases of these customers are known",
			"No subscriptions of these customers are known", "What this cannot tell: who is called soon is not chosen by chance.",
		}},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			report := effectOf(one.customers)
			var out bytes.Buffer
			require.NoError(t, report.print(&out))
			for _, want := range one.want {
				require.Contains(t, out.String(), want)
			}
			require.NotContains(t, out.String(), "it helped")
			require.NotContains(t, out.String(), "NaN")
			_, err := json.Marshal(report)
			require.NoError(t, err)
		})
	}
}

func TestEffectReportForScripts(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(effectOf(followed(400, 0.4)))
	require.NoError(t, err)
	var read struct {
		Quick string
		Cases struct {
			Outcomes []struct {
				Outcome, Verdict string
				Value, Low, High float64
				EValue           float64 `json:"e_value"`
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, "2d", read.Quick)
	require.Len(t, read.Cases.Outcomes, 3)
	recovered := read.Cases.Outcomes[1]
	require.Equal(t, []string{"recovered", "associated"}, []string{recovered.Outcome, recovered.Verdict})
	require.InDelta(t, 0.4, recovered.Value, 0.1)
	require.Greater(t, recovered.EValue, 2.0)
}

func TestEffectFlags(t *testing.T) {
	t.Parallel()
	file := writeFile(t, validYAML)
	for _, one := range []struct{ flags, want string }{
		{"--quick soon", "--quick: "},
		{"--left 0s", "--left 0s: want a time above 0, for example 7d"},
		{"--quick 9d", "--left 7d is shorter than --quick 9d: nobody is called soon and left"},
	} {
		got := cxloop(t, append([]string{"effect", "-c", file}, strings.Fields(one.flags)...)...)
		require.Equal(t, exitUsage, got.code, got.errOut)
		require.Contains(t, got.errOut, one.want)
	}
}

// A draw says what no comparison of customers does whom a team chose.
func TestEffectOfAHoldOut(t *testing.T) {
	t.Parallel()
	drawn := followed(400, 0.4)
	for i := range drawn {
		drawn[i].Held = drawn[i].Waited > 2
	}
	for _, one := range []struct {
		share float64
		want  string
	}{{0.5, "it helped"}, {0.1, "something else decided too, and nothing can be told"}} {
		report := effectOf(nil)
		report.HoldOuts = []heldOut{{"renewal", "", effect.Try(drawn, one.share, optionsOf(activities.FollowedUp{}, usualSpans))}}
		var out bytes.Buffer
		require.NoError(t, report.print(&out))
		require.Contains(t, out.String(), "HOLD-OUT of renewal: of customers whose score was in the middle, chance let ")
		require.Contains(t, out.String(), one.want)
		text, err := json.Marshal(report)
		require.NoError(t, err)
		require.Contains(t, string(text), `"hold_outs":[{"program":"renewal","called":`)
	}
}
