package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
)

// AddItems implements store.Inbox. Items are inserted in order of their keys, so that
// two transactions with the same ones wait for each other and do not deadlock.
func (s *Store) AddItems(ctx context.Context, items []store.Item) (added int, err error) {
	rows, err := s.itemRows(ctx, items)
	if err != nil {
		return 0, err
	}
	err = s.write(ctx, func(q session) error {
		added, err = q.insert(ctx, `INSERT INTO inbox (topic, lane, source, key, payload, due_at)`, rows, `ON CONFLICT DO NOTHING`)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("add to the inbox: %w", err)
	}
	return added, nil
}

func (s *Store) itemRows(ctx context.Context, items []store.Item) ([][]any, error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return nil, err
	}
	day := today(s.now())
	keys, err := s.keys.ensure(ctx, []string{inboxSubject(day)})
	if err != nil {
		return nil, err
	}
	key := keys[inboxSubject(day)]
	sorted := make([]store.Item, len(items))
	for i, item := range items {
		item = hash.named(item)
		if item.Topic != store.TopicAnswer {
			item.Payload = sealPayload(key, day, itemPlace(item.Topic, item.Lane, item.Key), item.Payload)
		}
		sorted[i] = item
	}
	slices.SortStableFunc(sorted, func(a, b store.Item) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Key, b.Key))
	})
	rows := make([][]any, 0, len(sorted))
	for _, i := range sorted {
		rows = append(rows, []any{string(i.Topic), i.Lane, i.Source, i.Key, i.Payload, i.DueAt.UnixMilli()})
	}
	return rows, nil
}

func (h hasher) event(id string) string { return h.hash("event", id) }

// named is an item under the names that it is kept by: what other systems call their
// events may be anything, and is kept as keyed hashes.
func (h hasher) named(item store.Item) store.Item {
	item.Lane, item.Source, item.Key = storableText(item.Lane), storableText(item.Source), storableText(item.Key)
	switch item.Topic {
	case store.TopicEvent, store.TopicWon, store.TopicBehaviour:
		item.Source, item.Key = h.hash("source", item.Source), h.event(item.Key)
	}
	return item
}

// EventReference implements store.Inbox.
func (s *Store) EventReference(ctx context.Context, id string) (string, error) {
	hash, err := s.hasher(ctx)
	return hash.event(id), err
}

// dueLanes finds the lanes of a topic with items to hand on. It hops from lane to
// lane along the index, so that it costs the same however many items wait. The
// limits keep PostgreSQL to that even when what it knows of the table is old.
const dueLanes = `
WITH RECURSIVE lanes (lane) AS (
	SELECT (SELECT i.lane FROM inbox i
		WHERE i.topic = ? AND i.batch IS NULL AND i.done_at IS NULL
		ORDER BY i.lane LIMIT 1)
	UNION ALL
	SELECT (SELECT i.lane FROM inbox i
		WHERE i.topic = ? AND i.lane > lanes.lane AND i.batch IS NULL AND i.done_at IS NULL
		ORDER BY i.lane LIMIT 1)
	FROM lanes WHERE lanes.lane IS NOT NULL
)
SELECT lane FROM lanes WHERE lane IS NOT NULL AND (
	SELECT i.due_at FROM inbox i
	WHERE i.topic = ? AND i.lane = lanes.lane AND i.batch IS NULL AND i.done_at IS NULL
	ORDER BY i.due_at LIMIT 1) <= ?`

// ClaimBatches implements store.Inbox. While nothing is to be handed on it only
// reads.
func (s *Store) ClaimBatches(ctx context.Context, topic store.Topic, now time.Time, lease time.Duration, skip []string) ([]store.Batch, error) {
	lapsed := s.now().Add(-lease).UnixMilli()
	lanes, err := collect(ctx, s.read(), scanOne[string], dueLanes, topic, topic, topic, now.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("look for due items: %w", err)
	}
	held, err := s.heldLanes(ctx, topic, lanes)
	if err != nil {
		return nil, err
	}
	lanes = slices.DeleteFunc(lanes, func(lane string) bool { return slices.Contains(skip, lane) || slices.Contains(held, lane) })
	var old bool
	err = s.read().row(ctx, `SELECT EXISTS (SELECT 1 FROM claims WHERE topic = ? AND claimed_at <= ?)`, topic, lapsed).Scan(&old)
	if err != nil {
		return nil, fmt.Errorf("look for lapsed claims: %w", err)
	}
	if len(lanes) == 0 && !old {
		return nil, nil
	}
	var batches []store.Batch
	err = s.write(ctx, func(q session) error {
		batches, err = q.reclaim(ctx, topic, s.now(), lapsed, skip)
		if err != nil {
			return err
		}
		for _, lane := range lanes {
			if slices.ContainsFunc(batches, func(b store.Batch) bool { return b.Lane == lane }) {
				continue
			}
			batch := store.Batch{ID: newBatchID(), Topic: topic, Lane: lane}
			if err := q.claim(ctx, &batch, now, s.now()); err != nil {
				return err
			}
			if batch.Items > 0 {
				batches = append(batches, batch)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim batches: %w", err)
	}
	return batches, nil
}

// reclaim takes over batches that were claimed and never handed over.
func (q session) reclaim(ctx context.Context, topic store.Topic, real time.Time, lapsed int64, skip []string) ([]store.Batch, error) {
	found, err := collect(ctx, q, func(row scanner) (b store.Batch, err error) {
		err = row.Scan(&b.ID, &b.Topic, &b.Lane, &b.Items)
		return b, err
	}, `SELECT batch, topic, lane, items FROM claims WHERE topic = ? AND claimed_at <= ? ORDER BY claimed_at, batch {skip}`, topic, lapsed)
	if err != nil {
		return nil, err
	}
	var batches []store.Batch
	var ids []string
	for _, b := range found {
		if slices.Contains(skip, b.Lane) || slices.ContainsFunc(batches, func(o store.Batch) bool { return o.Lane == b.Lane }) {
			continue
		}
		batches, ids = append(batches, b), append(ids, b.ID)
	}
	_, err = q.exec(ctx, `UPDATE claims SET claimed_at = ? WHERE batch {any}`, real.UnixMilli(), q.list(ids))
	return batches, err
}

// claim fills a batch with what is due in its lane.
func (q session) claim(ctx context.Context, batch *store.Batch, now, real time.Time) (err error) {
	batch.Items, err = q.exec(ctx, `
		WITH due AS MATERIALIZED (
			SELECT id FROM inbox
			WHERE topic = ? AND lane = ? AND due_at <= ? AND batch IS NULL AND done_at IS NULL
			ORDER BY due_at, id LIMIT ? {skip})
		UPDATE inbox SET batch = ? WHERE id IN (SELECT id FROM due)`,
		batch.Topic, batch.Lane, now.UnixMilli(), store.MaxBatchOf(batch.Topic), batch.ID)
	if err != nil || batch.Items == 0 {
		return err
	}
	_, err = q.exec(ctx, `INSERT INTO claims (batch, topic, lane, items, claimed_at) VALUES (?, ?, ?, ?, ?)`,
		batch.ID, batch.Topic, batch.Lane, batch.Items, real.UnixMilli())
	return err
}

// HandedOver implements store.Inbox.
func (s *Store) HandedOver(ctx context.Context, batches []string) error {
	return s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `DELETE FROM claims WHERE batch {any}`, q.list(batches))
		return err
	})
}

// Reclaim implements store.Inbox.
func (s *Store) Reclaim(ctx context.Context) (reclaimed int, err error) {
	err = s.write(ctx, func(q session) error {
		reclaimed, err = q.exec(ctx, `INSERT INTO claims (batch, topic, lane, items, claimed_at)
			SELECT batch, topic, lane, COUNT(*), ? FROM inbox WHERE batch IS NOT NULL AND done_at IS NULL
			GROUP BY batch, topic, lane ON CONFLICT DO NOTHING`, s.now().UnixMilli())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reclaim batches: %w", err)
	}
	return reclaimed, nil
}

// endedShown is how long after its end a case is shown as it is, which changes when its
// customers are asked again.
const endedShown = 120 * 24 * time.Hour

// Stalled implements store.Inbox.
func (s *Store) Stalled(ctx context.Context, since time.Time) (stalled store.Stalled, err error) {
	q, at := s.read(), since.UnixMilli()
	stalled.Invitations, err = collect(ctx, q, func(row scanner) (b store.InvitationBatch, err error) {
		err = row.Scan(&b.Program, &b.Version, &b.Batch)
		return b, err
	}, `SELECT DISTINCT program, version, batch FROM invitations WHERE state = 'admitted' AND due_at < ? ORDER BY batch`, at)
	if err != nil {
		return store.Stalled{}, fmt.Errorf("look for stalled invitations: %w", err)
	}
	stalled.Cases, err = collect(ctx, q, scanOne[string], `SELECT id FROM cases
		WHERE ended_at IS NULL AND (close_at < ? OR next_at < ? OR shown < revision AND opened_at < ?)
			OR ended_at > ? AND ended_at < ? AND shown < revision ORDER BY id`,
		at, at, at, since.Add(-endedShown).UnixMilli(), at)
	if err != nil {
		return store.Stalled{}, fmt.Errorf("look for stalled cases: %w", err)
	}
	unfiled, err := q.unfiledCases(ctx, since)
	if err != nil {
		return store.Stalled{}, fmt.Errorf("look for cases that a CRM does not know: %w", err)
	}
	stalled.Cases = sortedUnique(append(stalled.Cases, unfiled...))
	stalled.AskBatches, err = collect(ctx, q, scanOne[string],
		`SELECT DISTINCT batch FROM asks WHERE state = 'waiting' AND due_at < ? ORDER BY batch`, at)
	if err != nil {
		return store.Stalled{}, fmt.Errorf("look for stalled asks: %w", err)
	}
	stalled.LeadBatches, err = collect(ctx, q, func(row scanner) (b store.LeadBatch, err error) {
		err = row.Scan(&b.CRM, &b.Batch)
		return b, err
	}, `SELECT DISTINCT f.crm, f.batch FROM leads f
		WHERE f.batch <> '' AND f.created_at < ? AND (f.state = 'new' OR `+isLead+` AND f.thanks IN ('', 'waiting')) ORDER BY f.batch`, at)
	if err != nil {
		return store.Stalled{}, fmt.Errorf("look for stalled leads: %w", err)
	}
	stalled.CRMs, err = collect(ctx, q, scanOne[string],
		`SELECT DISTINCT crm FROM signals WHERE dirty_in IS NOT NULL AND as_of < ? ORDER BY crm`, at)
	if err != nil {
		return store.Stalled{}, fmt.Errorf("look for stalled signals: %w", err)
	}
	stalled.Campaigns, err = collect(ctx, q, scanOne[string], `SELECT id FROM campaigns WHERE ended_at IS NULL AND started_at < ? ORDER BY id`, at)
	if err != nil {
		return store.Stalled{}, fmt.Errorf("look for campaigns: %w", err)
	}
	return stalled, nil
}

const itemColumns = `id, topic, lane, source, key, payload, due_at`

// items reads what a query of itemColumns finds.
func (q session) items(ctx context.Context, query string, args ...any) ([]store.StoredItem, error) {
	found, err := collect(ctx, q, func(row scanner) (i store.StoredItem, err error) {
		err = row.Scan(&i.ID, &i.Topic, &i.Lane, &i.Source, &i.Key, &i.Payload, moment{&i.DueAt})
		return i, err
	}, query, args...)
	if err == nil {
		err = q.openItems(ctx, found)
	}
	return found, err
}

// BatchItems implements store.Inbox.
func (s *Store) BatchItems(ctx context.Context, batch string) ([]store.StoredItem, error) {
	return s.read().batchItems(ctx, batch)
}

func (q session) batchItems(ctx context.Context, batch string) ([]store.StoredItem, error) {
	return q.items(ctx, `SELECT `+itemColumns+` FROM inbox WHERE batch = ? AND done_at IS NULL ORDER BY id`, batch)
}

// purgeAtOnce is how many rows one transaction deletes: others wait for it.
const purgeAtOnce = 2000

// PurgeInbox implements store.Inbox.
func (s *Store) PurgeInbox(ctx context.Context, before time.Time) (deleted int, err error) {
	deleted, err = s.purge(ctx, `DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE done_at < ? LIMIT ?)`, before)
	if err != nil {
		return 0, fmt.Errorf("purge the inbox: %w", err)
	}
	return deleted, nil
}

// PurgeBatchResults implements store.Inbox.
func (s *Store) PurgeBatchResults(ctx context.Context, before time.Time) (deleted int, err error) {
	deleted, err = s.purge(ctx, `DELETE FROM batch_results WHERE (batch, step) IN
		(SELECT batch, step FROM batch_results WHERE at < ? LIMIT ?)`, before)
	if err != nil {
		return 0, fmt.Errorf("purge the results of batches: %w", err)
	}
	return deleted, nil
}

// purge deletes some of what is older than a moment: the statement takes that and a limit.
func (s *Store) purge(ctx context.Context, statement string, before time.Time) (deleted int, err error) {
	err = s.write(ctx, func(q session) (err error) {
		deleted, err = q.exec(ctx, statement, before.UnixMilli(), purgeAtOnce)
		return err
	})
	return deleted, err
}

// Backlog implements store.Inbox.
func (s *Store) Backlog(ctx context.Context) (map[store.Topic]int, error) {
	type count struct {
		topic store.Topic
		n     int
	}
	counts, err := collect(ctx, s.read(), func(row scanner) (c count, err error) {
		err = row.Scan(&c.topic, &c.n)
		return c, err
	}, `SELECT topic, COUNT(*) FROM inbox WHERE done_at IS NULL GROUP BY topic`)
	if err != nil {
		return nil, err
	}
	out := map[store.Topic]int{}
	for _, c := range counts {
		out[c.topic] = c.n
	}
	return out, nil
}

// once claims a step of a batch for this transaction. Where the step was done
// before it returns its result and false.
func (q session) once(ctx context.Context, batch, step string, now time.Time) (result string, first bool, err error) {
	n, err := q.exec(ctx, `INSERT INTO batch_results (batch, step, result, at) VALUES (?, ?, '', ?) ON CONFLICT DO NOTHING`,
		batch, step, now.UnixMilli())
	if err != nil || n == 1 {
		return "", n == 1, err
	}
	err = q.row(ctx, `SELECT result FROM batch_results WHERE batch = ? AND step = ?`, batch, step).Scan(&result)
	return result, false, err
}

// onceFor runs a step of a batch once and keeps its result; out points at it.
func (q session) onceFor(ctx context.Context, batch, step string, now time.Time, out any, do func() error) error {
	result, first, err := q.once(ctx, batch, step, now)
	if err != nil {
		return err
	}
	if !first {
		return json.Unmarshal([]byte(result), out)
	}
	if err := do(); err != nil {
		return err
	}
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, `UPDATE batch_results SET result = ? WHERE batch = ? AND step = ?`, string(text), batch, step)
	return err
}
