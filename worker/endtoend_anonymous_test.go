package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/sandbox"
)

// TestAnonymousAnswersLeadNowhere has employees answer, and compares everything that the
// database holds before and after: nothing but the state of the invitations may tell that
// they did, and what they said stands nowhere.
func TestAnonymousAnswersLeadNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, databases[0])
	w.level, w.temporalFile = slog.LevelDebug, filepath.Join(t.TempDir(), "temporal.db")
	require.NoError(t, w.setup().database(t.Context()))
	w.startTemporal(t, searchAttributes())
	require.NoError(t, w.setup().outside(t.Context()))
	w.startApp(t)

	stems := []string{"Quimbyvoxana", "Brunquistbela", "Zephyrkrautcleo", "Wumpelstadora", "Flokkenzemil", "Glimmerfredvax"}
	var links []string
	for _, stem := range stems {
		links = append(links, w.pulse(t, strings.ToLower(stem)+"@acme.example"))
	}
	w.awaitNumber(t, len(stems), "all mails are delivered", `SELECT count(*) FROM invitations WHERE program = 'team-pulse' AND state = 'delivered'`)
	before := w.everything(t)

	for i, page := range links {
		a := w.post(t, page, "score", fmt.Sprint(i), "comment", "Signed "+stems[i], "done", "1")
		require.Equal(t, http.StatusOK, a.status, a.body)
		require.Contains(t, a.body, "Your answer is kept without your name")
		require.Equal(t, http.StatusGone, w.post(t, page, "score", "10").status, "a second answer")
		require.Equal(t, http.StatusGone, w.get(t, page).status, "without the secret nothing is shown")
	}
	w.awaitNumber(t, len(stems), "the answers are released", `SELECT count(*) FROM anonymous_answers WHERE lot = 1`)

	after := w.everything(t)
	require.Len(t, before["invitations"], len(stems))
	require.Equal(t, len(stems), changed(before["invitations"], after["invitations"]))
	for table, rows := range after {
		switch table {
		case "settings": // a night may have come, which reads other comments by the same rules
			byWhat := func(row string) bool { return strings.HasPrefix(row, "'comments_read_by'|'lexicon/") }
			require.Equal(t, slices.DeleteFunc(before[table], byWhat), slices.DeleteFunc(rows, byWhat), "%s tells of the answers", table)
		case "invitations", "anonymous_answers":
		case "text_models":
			for _, row := range rows {
				require.Regexp(t, `^\d+\|''\|0\|'\[\]'\|NULL$`, row, "nothing was learnt")
			}
		case "score_groups": // those of the invitations, and those that they are rolled up by
			for _, row := range rows {
				require.Regexp(t, `\|'team-pulse'\|'[0-9a-f]+'\|'transactional'\|'team-pulse'\|''\|'\{\}'$`, row, "%s holds circumstances, and no answers", table)
			}
		case "score_changes", "score_cells":
			for _, row := range rows {
				require.Regexp(t, `\|'(asked|answered)'\|0\|\d+$`, row, "%s counts the states of invitations by the day of asking, and no more", table)
			}
		default:
			require.Equal(t, before[table], rows, "%s tells of the answers", table)
		}
	}
	w.requireNoLink(t)

	found := newScanner(stems...)
	found.scanTemporal(t, w)
	found.scanLogs(w)
	found.scanStore(t, w)
	require.Empty(t, found.leaked())
	metrics := w.get(t, w.url+"/metrics").body
	require.Contains(t, metrics, `cxloop_answers_total{band="anonymous",program="team-pulse"} 6`)
	require.NotContains(t, metrics, `cxloop_answers_total{band="detractor",program="team-pulse"}`)
	w.sandbox.Read(func(st *sandbox.State) { require.Empty(t, st.Messages(casesChannel), "Slack is told") })

	w.resultsAre(t, len(stems), stems)
}

// pulse asks an employee and returns the link of the mail.
func (w *world) pulse(t *testing.T, email string) (page string) {
	t.Helper()
	event := fmt.Appendf(nil, `{"specversion":"1.0","id":"pulse of %[1]s","source":"hr","type":"pulse.due",`+
		`"data":{"contact":{"id":"%[1]s","email":"%[1]s"},"account":{"id":"acme","name":"Acme"}}}`, email)
	a := w.do(t, http.MethodPost, w.url+"/hooks/shop", webhookHeader(t, testShopSecret, "msg_"+email, event, time.Now()), event)
	require.Equal(t, http.StatusOK, a.status, a.body)
	m := w.mail(t, email, "invite")
	require.Contains(t, m.Text(), "Answers are only shown 5 or more at a time")
	require.NotContains(t, m.HTML()+m.Text(), "score=", "a link would tell the score")
	return link(t, m)
}

// everything is what the database holds, by table, each row as one text.
func (w *world) everything(t *testing.T) map[string][]string {
	t.Helper()
	tables := map[string][]string{}
	for _, name := range w.texts(t, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`) {
		columns := w.texts(t, fmt.Sprintf(`SELECT group_concat(quote_name, ' || ''|'' || ') FROM (SELECT 'quote("' || name || '")' AS quote_name FROM pragma_table_info('%s'))`, name))
		tables[name] = w.texts(t, fmt.Sprintf(`SELECT %s FROM "%s"`, columns[0], name))
		slices.Sort(tables[name])
	}
	return tables
}

func (w *world) texts(t *testing.T, query string) (all []string) {
	t.Helper()
	rows, err := w.db.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		all = append(all, text)
	}
	require.NoError(t, rows.Err())
	return all
}

// changed counts the invitations that changed, -1 where more than the state of one did.
func changed(before, after []string) int {
	n := 0
	for _, row := range after {
		if slices.Contains(before, row) {
			continue
		}
		if !slices.Contains(before, strings.Replace(row, "'responded'", "'delivered'", 1)) {
			return -1
		}
		n++
	}
	return n
}

// requireNoLink wants the key of an answer nowhere else, and nothing in its row but what
// was said that another row does not have too.
func (w *world) requireNoLink(t *testing.T) {
	t.Helper()
	rest := w.everything(t)
	delete(rest, "anonymous_answers")
	for _, key := range w.texts(t, `SELECT key FROM anonymous_answers`) {
		for table, rows := range rest {
			require.NotContains(t, strings.Join(rows, "\n"), key, table)
		}
	}
	require.Equal(t, []string{"key,program,score,band,sealed,done,age,lot,released"}, w.texts(t, `SELECT group_concat(name) FROM pragma_table_info('anonymous_answers')`))
	require.Len(t, w.texts(t, `SELECT DISTINCT released || age || done FROM anonymous_answers`), 1, "all rows are alike but for what was said")
}

// resultsAre wants the results as a person of the HR department reads them.
func (w *world) resultsAre(t *testing.T, n int, said []string) {
	t.Helper()
	s, err := openStore(w.config)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	kept, err := s.Results(t.Context(), "team-pulse")
	require.NoError(t, err)
	program, err := programOf(w.config, "team-pulse")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, resultsOf(program, kept).print(&out))
	require.Contains(t, out.String(), fmt.Sprintf("n = %d, few, detractor %d\n", n, n))
	for _, stem := range said {
		require.Contains(t, out.String(), "- Signed "+stem+"\n")
	}
}
