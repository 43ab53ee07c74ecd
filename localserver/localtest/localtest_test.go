package localtest

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestPostgresForTestsGivesEachTestItsOwn(t *testing.T) {
	t.Parallel()
	first, second := PostgresForTests(t), PostgresForTests(t)
	for _, url := range []string{first, second} {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "CREATE TABLE same_name (id int)"); err != nil {
			t.Error(err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestTemporalForTestsIsShared(t *testing.T) {
	t.Parallel()
	if first, second := TemporalForTests(t), TemporalForTests(t); first != second {
		t.Errorf("servers at %s and %s", first.Address, second.Address)
	}
}
