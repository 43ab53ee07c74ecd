package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

// hurried is an SLA that nobody keeps: a case goes through all stages in ten hours, which
// pass in 13 seconds.
const hurried = `sla: {calendar: always, acknowledge: 1h, contact: 3h, resolve: 5h, warn: 50%, escalate: {manager: 3h, channel: 5h, task: 7h}}
`

// startHurried starts a world whose cases have clocks; start starts cxloop in it.
func startHurried(t *testing.T, kind database, start func(*world)) *world {
	t.Helper()
	w := newWorld(t, kind)
	w.yaml = []byte(strings.NewReplacer(
		"sla: {off: true}\n", hurried,
		"\n  default: C0CX00001\n", "\n  default: {channel: C0CX00001, manager: U0GRACE, escalation: C0CX00002}\n",
		"calendars: [", `calendars: [{id: always, timezone: UTC, days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-24:00"}, `,
	).Replace(string(w.yaml)))
	c, err := config.LoadBytes("cxloop.yaml", w.yaml, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	c.Temporal.Local = true
	w.config = c
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	start(w)
	return w
}

// complain has somebody answer in another tool, whose case that is.
func (w *world) complain(t *testing.T, id string) {
	t.Helper()
	a := w.call(t, "/v1/responses", fmt.Appendf(nil, `{"id":"r-%s","source":"typeform","program":"order-csat",
		"contact":{"id":"%s","email":"%s@other.example","first_name":"%s"},"score":1}`, id, id, id, id))
	require.Equal(t, http.StatusOK, a.status, a.body)
}

// escalations are the escalations of each case, sorted: the clock and the stage.
func (w *world) escalations(t *testing.T) map[string][]string {
	t.Helper()
	rows, err := w.db.QueryContext(t.Context(), `SELECT case_id, choice, target FROM case_events WHERE what = 'escalated' ORDER BY choice, target`)
	require.NoError(t, err)
	defer rows.Close()
	found := map[string][]string{}
	for rows.Next() {
		var id, clock, stage string
		require.NoError(t, rows.Scan(&id, &clock, &stage))
		found[id] = append(found[id], clock+" "+stage)
	}
	require.NoError(t, rows.Err())
	return found
}

// allStages is what a case tells that nobody takes up.
var allStages = []string{"acknowledge 1", "acknowledge 2", "acknowledge 3", "acknowledge 4", "contact 1", "resolve 1"}

// TestEscalation lets a case go through all stages.
func TestEscalation(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := startHurried(t, kind, func(w *world) { w.startApp(t) })
			f := filing{w}
			c, m := f.complain(t, "Noor", "Broken on arrival")
			require.Equal(t, "MEDIUM", f.awaitTask(t, c, "NOT_STARTED").Get("hs_task_priority"))
			w.awaitNumber(t, 1, "the clock of the acknowledgement runs out",
				`SELECT count(*) FROM case_events WHERE what = 'escalated' AND choice = 'acknowledge' AND target = '1'`)
			w.awaitNumber(t, 6, "all stages heard of the case", `SELECT count(*) FROM case_events WHERE what = 'escalated'`)
			for _, told := range w.escalations(t) {
				require.Equal(t, allStages, told)
			}
			require.LessOrEqual(t, w.number(t, `SELECT count(*) FROM case_events WHERE what = 'warned'`), 3)
			require.True(t, eventually(func() bool { return f.awaitTask(t, c, "NOT_STARTED").Get("hs_task_priority") == "HIGH" }), "the CRM has no task of high priority")
			require.Equal(t, 1, w.number(t, `SELECT count(*) FROM cases WHERE state = 'open' AND next_at = close_at`), "it has nothing more to tell")
			require.True(t, eventually(func() bool { return len(w.posts(escalationsChannel, "")) == 1 }), "the other channel did not hear of it once")
			require.True(t, eventually(func() bool {
				return strings.Count(strings.Join(w.posts(m.Channel, m.TS), "\n"), "Overdue") == len(allStages)
			}), "the thread did not hear of each: %s", w.posts(m.Channel, m.TS))
			require.Equal(t, 1, strings.Count(strings.Join(w.posts(m.Channel, m.TS), "\n"), "<@U0GRACE> Overdue"), "the manager is named once")
		})
	}
}

// TestTakenUpAfterAnEscalation resolves a case whose first clock ran out: no other clock
// tells anything after that.
func TestTakenUpAfterAnEscalation(t *testing.T) {
	t.Parallel()
	w := startHurried(t, databases[0], func(w *world) { w.startApp(t) })
	f := filing{w}
	c, m := f.complain(t, "Noor", "Broken on arrival")
	w.awaitNumber(t, 1, "the clock of the acknowledgement runs out", `SELECT count(*) FROM case_events WHERE what = 'escalated' AND choice = 'acknowledge'`)
	f.click(t, m, survey.ActionResolve, "U0GRACE")
	f.awaitTask(t, c, "COMPLETED")
	w.awaitNumber(t, 1, "the case is resolved", `SELECT count(*) FROM cases WHERE state = 'resolved' AND next_at IS NULL`)
	require.Zero(t, w.number(t, `SELECT count(*) FROM case_events WHERE what IN ('warned', 'escalated') AND id > (SELECT id FROM case_events WHERE what = 'case_resolve')`))
}

// posts are the messages of a channel, those of a thread or, where thread is "", those of
// none.
func (w *world) posts(channel, thread string) (posts []string) {
	w.sandbox.Read(func(st *sandbox.State) {
		for _, m := range st.Messages(channel) {
			if m.ThreadTS == thread && m.TS != thread {
				posts = append(posts, readable(m.Blocks))
			}
		}
	})
	return posts
}

// child is cxloop in a process of its own, which can be killed.
func (w *world) child(t *testing.T, file string) (kill func()) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "serve", "-c", file)
	cmd.Env = append(os.Environ(), commandEnv+"=1")
	cmd.Stdout, cmd.Stderr = w.log, w.log
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	kill = func() {
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, <-ended)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	require.True(t, eventually(func() bool {
		resp, err := w.http.Get(w.url + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}), "cxloop is not ready")
	return kill
}

// TestKilledInTheMiddleOfEscalations kills cxloop while the clocks of many cases run out: none
// is lost, and none tells anything twice.
func TestKilledInTheMiddleOfEscalations(t *testing.T) {
	t.Parallel()
	const cases = 6
	// The shop hears of no case.
	stages := slices.DeleteFunc(slices.Clone(allStages), func(told string) bool { return told == "acknowledge 4" })
	var kill func()
	var file string
	w := startHurried(t, databases[0], func(w *world) {
		file = writeFile(t, string(w.yaml))
		kill = w.child(t, file)
	})
	for i := range cases {
		w.complain(t, fmt.Sprintf("person%d", i))
	}
	all := cases * len(stages)
	for _, told := range []int{all / 6, all / 2, all * 3 / 4} {
		require.True(t, within(2*time.Minute, func() bool {
			return w.number(t, `SELECT count(*) FROM case_events WHERE what = 'escalated'`) >= told
		}), "%d escalations are not made", told)
		kill()
		kill = w.child(t, file)
	}
	require.True(t, within(3*time.Minute, func() bool {
		return w.number(t, `SELECT count(*) FROM case_events WHERE what = 'escalated'`) >= all
	}), "a clock is lost")
	found := w.escalations(t)
	require.Len(t, found, cases)
	for id, told := range found {
		require.Equal(t, stages, slices.Sorted(slices.Values(told)), "case %s", id)
	}
	require.Zero(t, w.number(t, `SELECT count(*) FROM (SELECT 1 FROM case_events WHERE what = 'warned' GROUP BY case_id, choice HAVING count(*) > 1) AS twice`))
	// Longer than Temporal waits for the killed worker's last attempt.
	require.True(t, within(5*time.Minute, func() bool {
		return len(w.posts(escalationsChannel, "")) >= cases &&
			w.number(t, `SELECT count(*) FROM cases WHERE told < (SELECT MAX(id) FROM case_events WHERE case_id = cases.id)`) == 0
	}), "Slack did not hear of all")
	require.Len(t, w.posts(escalationsChannel, ""), cases, "each once in the channel for escalations")
	var threads []string
	w.sandbox.Read(func(st *sandbox.State) {
		for _, m := range st.Messages(casesChannel) {
			threads = append(threads, m.ThreadTS)
		}
	})
	slices.Sort(threads)
	replies := 0
	for _, thread := range slices.Compact(threads) {
		if thread != "" {
			replies += strings.Count(strings.Join(w.posts(casesChannel, thread), "\n"), "Overdue")
		}
	}
	require.Equal(t, all, replies, "each once in the threads")
	kill()
}
