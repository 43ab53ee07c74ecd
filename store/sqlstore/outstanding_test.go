package sqlstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/localserver/localtest"
	"github.com/cxloop/cxloop/store"
)

func TestOutstanding(t *testing.T) {
	t.Parallel()
	for name, newURL := range map[string]func(*testing.T) string{
		"SQLite":   sqliteURL,
		"Postgres": func(t *testing.T) string { return inOwnSchema(t, localtest.PostgresForTests(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ctx := migrated(t, newURL(t)), t.Context()
			got, err := s.Outstanding(ctx)
			require.NoError(t, err)
			require.Empty(t, got.Inbox)
			require.Empty(t, got.UnknownEffects)

			due := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
			item := func(topic store.Topic, key string, at time.Time) store.Item {
				return store.Item{Topic: topic, Lane: "p", Source: "s", Key: key, Payload: []byte("{}"), DueAt: at}
			}
			_, err = s.AddItems(ctx, []store.Item{
				item(store.TopicEvent, "1", due.Add(time.Hour)), item(store.TopicEvent, "2", due), item(store.TopicClick, "1", due),
			})
			require.NoError(t, err)
			_, err = s.BeginEffects(ctx, "slack", "C1", []string{"a", "b"}, due, due)
			require.NoError(t, err)
			_, err = s.LoseEffects(ctx, []string{"a"}, due)
			require.NoError(t, err)
			got, err = s.Outstanding(ctx)
			require.NoError(t, err)
			require.Equal(t, map[store.Topic]store.Queue{
				store.TopicEvent: {Items: 2, OldestDue: due}, store.TopicClick: {Items: 1, OldestDue: due},
			}, got.Inbox)
			require.Equal(t, map[string]int{"slack": 1}, got.UnknownEffects)
		})
	}
}
