package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// TestMixedAnswersHaveNoOrder looks at what PostgreSQL itself keeps of each row: the
// transaction that wrote it, and its place.
func TestMixedAnswersHaveNoOrder(t *testing.T) {
	t.Parallel()
	const people = 12
	url := inOwnSchema(t, localtest.PostgresForTests(t))
	s := migrated(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for i := range people {
		_, err := conn.Exec(t.Context(), `INSERT INTO invitations (id, program, version, batch, item_id, contact_key, account_key, state, rule, facts,
			locale, due_at, created_at, asked_at, sent_at) VALUES ($1, 'team', 'v1', 'b', 0, $1, '', 'sent', '', '{}', 'en', 0, 0, 0, 0)`, fmt.Sprintf("i%02d", i))
		require.NoError(t, err)
		_, err = s.SaveAnonymous(t.Context(), store.SaveAnonymousRequest{
			InvitationID: fmt.Sprintf("i%02d", i), Secret: fmt.Sprintf("s%02d", i), Answer: survey.Answer{Score: i % 11}, Now: now,
		})
		require.NoError(t, err)
	}
	number := func(query string) (n int) {
		t.Helper()
		require.NoError(t, conn.QueryRow(t.Context(), query).Scan(&n))
		return n
	}
	const transactions = `SELECT count(DISTINCT x) FROM (SELECT xmin::text AS x FROM invitations UNION ALL SELECT xmin::text FROM anonymous_answers) t`
	require.Equal(t, people, number(transactions), "before, each answer has the transaction of its invitation")
	_, err = s.MixAnonymous(t.Context(), "team", now)
	require.NoError(t, err)
	require.Equal(t, 1, number(transactions))
	require.Zero(t, number(`SELECT count(*) FROM (SELECT key, lag(key) OVER (ORDER BY ctid) AS before FROM anonymous_answers) t WHERE before > key`),
		"the rows stand in the order of their keys")
	require.Zero(t, number(`SELECT count(*) FROM invitations WHERE ended_at IS NOT NULL`))
}
