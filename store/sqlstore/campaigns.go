package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// BeginCampaign implements store.Campaigns.
func (s *Store) BeginCampaign(ctx context.Context, c store.Campaign) (store.Campaign, error) {
	id := c.ID
	err := s.write(ctx, func(q session) error {
		id = c.ID
		under, err := collect(ctx, q, scanOne[string], `SELECT id FROM campaigns WHERE program = ? AND ended_at IS NULL`, c.Program)
		if err != nil {
			return err
		}
		if len(under) > 0 {
			id = under[0]
			return nil
		}
		_, err = q.exec(ctx, `INSERT INTO campaigns (id, program, version, state, cursor, contacts, dropped, started_at)
			VALUES (?, ?, ?, ?, '', 0, 0, ?) ON CONFLICT DO NOTHING`, c.ID, c.Program, c.Version, survey.CampaignReading, c.StartedAt.UnixMilli())
		return err
	})
	if err != nil {
		return store.Campaign{}, fmt.Errorf("begin campaign %s: %w", c.ID, err)
	}
	return s.Campaign(ctx, id)
}

const campaignColumns = `c.id, c.program, c.version, c.state, c.cursor, c.contacts, c.dropped, c.started_at, c.ended_at,
	EXISTS (SELECT 1 FROM pauses p WHERE p.program = c.program AND p.resumed_at IS NULL),
	(SELECT COUNT(*) FROM inbox i WHERE i.topic = 'campaign' AND i.lane = c.id AND i.done_at IS NULL)`

func scanCampaign(row scanner) (c store.Campaign, err error) {
	err = row.Scan(&c.ID, &c.Program, &c.Version, &c.State, &c.Cursor, &c.Read, &c.Dropped, moment{&c.StartedAt}, moment{&c.EndedAt},
		&c.Paused, &c.Waiting)
	return c, err
}

// Campaign implements store.Campaigns.
func (s *Store) Campaign(ctx context.Context, id string) (store.Campaign, error) {
	found, err := collect(ctx, s.read(), scanCampaign, `SELECT `+campaignColumns+` FROM campaigns c WHERE c.id = ?`, id)
	if err == nil {
		err = s.read().countInvited(ctx, found)
	}
	return single(found, err, "campaign", id)
}

// Campaigns implements store.Campaigns.
func (s *Store) Campaigns(ctx context.Context, program string) ([]store.Campaign, error) {
	found, err := collect(ctx, s.read(), scanCampaign, `SELECT `+campaignColumns+` FROM campaigns c
		WHERE c.program = ? OR ? = '' ORDER BY c.started_at DESC, c.id`, program, program)
	if err == nil {
		err = s.read().countInvited(ctx, found)
	}
	if err != nil {
		return nil, fmt.Errorf("list campaigns: %w", err)
	}
	return found, nil
}

// countInvited fills in the invitations that campaigns have led to.
func (q session) countInvited(ctx context.Context, campaigns []store.Campaign) error {
	at := map[string]int{}
	ids := make([]string, len(campaigns))
	for i, c := range campaigns {
		ids[i], at[c.ID] = c.ID, i
		campaigns[i].Invitations = map[survey.InvitationState]int{}
	}
	type count struct {
		campaign string
		state    survey.InvitationState
		n        int
	}
	counts, err := collect(ctx, q, func(row scanner) (c count, err error) {
		err = row.Scan(&c.campaign, &c.state, &c.n)
		return c, err
	}, `SELECT campaign, state, COUNT(*) FROM invitations WHERE campaign {any} AND campaign <> '' GROUP BY campaign, state`, q.list(ids))
	for _, c := range counts {
		campaigns[at[c.campaign]].Invitations[c.state] = c.n
	}
	return err
}

// What a campaign waits for. The topic is written out: the index is of campaigns alone.
const (
	nextOfCampaign    = `SELECT MIN(due_at) FROM inbox WHERE topic = 'campaign' AND lane = ? AND batch IS NULL AND done_at IS NULL`
	batchesOfCampaign = `SELECT EXISTS (SELECT 1 FROM inbox WHERE topic = 'campaign' AND lane = ? AND batch IS NOT NULL AND done_at IS NULL)`
)

// CampaignDueAt implements store.Campaigns.
func (s *Store) CampaignDueAt(ctx context.Context, id string) (due time.Time, done bool, err error) {
	q := s.read()
	err = q.row(ctx, nextOfCampaign, id).Scan(moment{&due})
	if err != nil || !due.IsZero() {
		return due, false, err
	}
	var underWay bool
	err = q.row(ctx, batchesOfCampaign, id).Scan(&underWay)
	return time.Time{}, !underWay, err
}

// heldCampaigns hops from batch to batch under way along the index: they are of thousands
// of contacts each, and a day's campaign asks this all day long.
const heldCampaigns = `
SELECT c.id FROM campaigns c WHERE c.id {any} AND (c.state = 'reading'
	OR EXISTS (SELECT 1 FROM pauses p WHERE p.program = c.program AND p.resumed_at IS NULL)
	OR (WITH RECURSIVE batches (batch) AS (
			SELECT (SELECT MIN(i.batch) FROM inbox i
				WHERE i.topic = 'campaign' AND i.lane = c.id AND i.done_at IS NULL AND i.batch > '')
			UNION ALL
			SELECT (SELECT MIN(i.batch) FROM inbox i
				WHERE i.topic = 'campaign' AND i.lane = c.id AND i.done_at IS NULL AND i.batch > batches.batch)
			FROM batches WHERE batches.batch IS NOT NULL)
		SELECT COUNT(batch) FROM batches) >= ?)`

// heldLanes are those of lanes of which no new batch is taken now: campaigns that are
// still read, so that their batches become large, that are paused, or that have enough
// batches under way.
func (s *Store) heldLanes(ctx context.Context, topic store.Topic, lanes []string) ([]string, error) {
	if topic != store.TopicCampaign || len(lanes) == 0 {
		return nil, nil
	}
	q := s.read()
	held, err := collect(ctx, q, scanOne[string], heldCampaigns, q.list(lanes), store.CampaignBatchesAtOnce)
	if err != nil {
		return nil, fmt.Errorf("look for campaigns that are held: %w", err)
	}
	return held, nil
}

// lockCampaign returns the state and the cursor of a campaign, which nobody else changes
// before the transaction ends.
func (q session) lockCampaign(ctx context.Context, id string) (state survey.CampaignState, cursor string, err error) {
	err = q.row(ctx, `SELECT state, cursor FROM campaigns WHERE id = ? {lock}`, id).Scan(&state, &cursor)
	return state, cursor, missing(err, "campaign", id)
}

// campaignCancelled reports whether a campaign is cancelled, which nobody does before the
// transaction ends.
func (q session) campaignCancelled(ctx context.Context, id string) (bool, error) {
	var state survey.CampaignState
	err := q.row(ctx, `SELECT state FROM campaigns WHERE id = ? {share}`, id).Scan(&state)
	return state == survey.CampaignCancelled, missing(err, "campaign", id)
}

// EndCampaign implements store.Campaigns.
func (s *Store) EndCampaign(ctx context.Context, id string, at time.Time) error {
	return s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `UPDATE campaigns SET state = ?, cursor = '', ended_at = ? WHERE id = ? AND ended_at IS NULL`,
			survey.CampaignDone, at.UnixMilli(), id)
		if err == nil {
			_, err = q.exec(ctx, `DELETE FROM campaign_days WHERE campaign = ?`, id)
		}
		return err
	})
}

// CancelCampaign implements store.Campaigns. An admission that holds the campaign's lock
// comes before, with all that it admits; the others find it cancelled.
func (s *Store) CancelCampaign(ctx context.Context, id string, at time.Time) error {
	err := s.write(ctx, func(q session) error {
		state, _, err := q.lockCampaign(ctx, id)
		if err != nil {
			return err
		}
		if state.Ended() {
			return store.ErrNotFound
		}
		dropped, err := q.exec(ctx, `UPDATE inbox SET done_at = ? WHERE topic = 'campaign' AND lane = ? AND done_at IS NULL`, at.UnixMilli(), id)
		if err != nil {
			return err
		}
		if err := q.cancelInvited(ctx, id, at); err != nil {
			return err
		}
		if _, err = q.exec(ctx, `DELETE FROM campaign_days WHERE campaign = ?`, id); err != nil {
			return err
		}
		_, err = q.exec(ctx, `UPDATE campaigns SET state = ?, cursor = '', dropped = ?, ended_at = ? WHERE id = ?`,
			survey.CampaignCancelled, dropped, at.UnixMilli(), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("cancel campaign %s: %w", id, err)
	}
	return nil
}

// cancelInvited ends the admitted invitations of a campaign whose mail is not begun. Whoever
// begins a mail locks its invitation, so none is begun meanwhile.
func (q session) cancelInvited(ctx context.Context, campaign string, at time.Time) error {
	admitted, err := collect(ctx, q, scanOne[string],
		`SELECT id FROM invitations WHERE campaign = ? AND state = 'admitted' ORDER BY id {lock}`, campaign)
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, `UPDATE invitations SET state = ?, rule = ?, ended_at = ? WHERE id {any} AND state = 'admitted'
		AND NOT EXISTS (SELECT 1 FROM effects e WHERE e.key = 'mail/invite/' || invitations.id)`,
		survey.InvitationCancelled, survey.RuleCampaignCancelled, at.UnixMilli(), q.list(admitted))
	return err
}

// PauseProgram implements store.Campaigns.
func (s *Store) PauseProgram(ctx context.Context, program string, at time.Time) error {
	err := s.write(ctx, func(q session) error {
		_, err := q.exec(ctx, `INSERT INTO pauses (program, why, mails, events, paused_at) VALUES (?, ?, 0, 0, ?)
			ON CONFLICT (program) DO UPDATE SET why = excluded.why, mails = 0, events = 0, paused_at = excluded.paused_at, resumed_at = NULL
			WHERE pauses.resumed_at IS NOT NULL`, program, store.PausedByOperator, at.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("pause program %s: %w", program, err)
	}
	return nil
}
