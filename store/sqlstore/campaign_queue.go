package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// QueuePage implements store.Campaigns.
func (s *Store) QueuePage(ctx context.Context, page store.CampaignPage) (state survey.CampaignState, cursor string, err error) {
	hash, err := s.hasher(ctx)
	if err != nil {
		return "", "", err
	}
	listed := slices.Clone(page.Contacts)
	for i, l := range listed {
		listed[i].ContactKey = hash.reference(l.ContactKey)
		if l.Owner != "" {
			listed[i].Owner = hash.hash("owner", l.Owner)
		}
	}
	err = s.write(ctx, func(q session) error {
		state, cursor, err = q.lockCampaign(ctx, page.Campaign)
		if err != nil || state != survey.CampaignReading || cursor != page.From {
			return err
		}
		if err := q.queue(ctx, page, listed); err != nil {
			return err
		}
		if cursor = page.Next; cursor == "" {
			state = survey.CampaignAsking
		}
		_, err = q.exec(ctx, `UPDATE campaigns SET state = ?, cursor = ?, contacts = contacts + ? WHERE id = ?`,
			state, cursor, len(listed), page.Campaign)
		return err
	})
	if err != nil {
		return "", "", fmt.Errorf("queue contacts of campaign %s: %w", page.Campaign, err)
	}
	return state, cursor, nil
}

func (q session) queue(ctx context.Context, page store.CampaignPage, listed []store.Listed) error {
	days, err := q.campaignDays(ctx, page.Campaign, listed)
	if err != nil {
		return err
	}
	rows := make([][]any, len(listed))
	for i, l := range listed {
		day := days.give(page, l)
		rows[i] = []any{string(store.TopicCampaign), page.Campaign, page.Campaign, l.ContactKey, page.DueAt(day, l).UnixMilli()}
	}
	if _, err := q.insert(ctx, `INSERT INTO inbox (topic, lane, source, key, due_at)`, rows, `ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	return q.saveCampaignDays(ctx, page.Campaign, days)
}

// ownerDay is a day of a campaign for an owner, or for all where owner is "".
type ownerDay struct {
	owner string
	day   int
}

// campaignDays count the contacts of days.
type campaignDays struct {
	n       map[ownerDay]int
	changed map[ownerDay]bool
}

func (q session) campaignDays(ctx context.Context, campaign string, listed []store.Listed) (campaignDays, error) {
	owners := []string{""}
	for _, l := range listed {
		owners = append(owners, l.Owner)
	}
	days := campaignDays{n: map[ownerDay]int{}, changed: map[ownerDay]bool{}}
	type row struct {
		ownerDay
		n int
	}
	rows, err := collect(ctx, q, func(sc scanner) (r row, err error) {
		err = sc.Scan(&r.owner, &r.day, &r.n)
		return r, err
	}, `SELECT owner, day, contacts FROM campaign_days WHERE campaign = ? AND owner {any}`, campaign, q.list(sortedUnique(owners)))
	for _, r := range rows {
		days.n[r.ownerDay] = r.n
	}
	return days, err
}

// give takes the first day for a contact, from the one that its hash says, that the caps
// leave room on.
func (d campaignDays) give(page store.CampaignPage, l store.Listed) (day int) {
	all, ofOwner := "", l.Owner
	full := func(owner string, most int) bool { return most > 0 && d.n[ownerDay{owner, day}] >= most }
	for day = page.First + shareOf(page.Campaign, l.ContactKey, page.Width); full(all, page.PerDay) || ofOwner != "" && full(ofOwner, page.PerOwner); {
		day++
	}
	for _, owner := range []string{all, ofOwner} {
		d.n[ownerDay{owner, day}]++
		d.changed[ownerDay{owner, day}] = true
		if ofOwner == all {
			break
		}
	}
	return day
}

// shareOf spreads contacts evenly over a number of shares, in another way for each
// campaign.
func shareOf(campaign, contact string, shares int) int {
	sum := sha256.Sum256([]byte(campaign + "\x00" + contact))
	return int(binary.BigEndian.Uint32(sum[:]) % uint32(max(shares, 1)))
}

func (q session) saveCampaignDays(ctx context.Context, campaign string, days campaignDays) error {
	var rows [][]any
	for at := range days.changed {
		rows = append(rows, []any{campaign, at.owner, at.day, days.n[at]})
	}
	_, err := q.insert(ctx, `INSERT INTO campaign_days (campaign, owner, day, contacts)`, rows,
		`ON CONFLICT (campaign, owner, day) DO UPDATE SET contacts = excluded.contacts`)
	return err
}

// PostponeCampaign implements store.Campaigns.
func (s *Store) PostponeCampaign(ctx context.Context, p store.Postponement) error {
	err := s.write(ctx, func(q session) error {
		if _, _, err := q.lockCampaign(ctx, p.Campaign); err != nil {
			return err
		}
		var first, last time.Time
		if err := q.row(ctx, waitingOfCampaign, p.Campaign).Scan(moment{&first}, moment{&last}); err != nil {
			return err
		}
		if first.IsZero() || !first.Equal(p.Due) {
			return nil
		}
		to := p.Today
		for !p.Day(to).After(last) {
			to++
		}
		for day := range p.Today {
			begins, ends := p.Day(day), p.Day(day+1)
			if !ends.After(first) {
				continue
			}
			n, err := q.exec(ctx, postponeDay, p.Day(to).Sub(begins).Milliseconds(), p.Campaign, begins.UnixMilli(), ends.UnixMilli())
			if err != nil {
				return err
			}
			if n > 0 {
				to++
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("postpone contacts of campaign %s: %w", p.Campaign, err)
	}
	return nil
}

const (
	waitingOfCampaign = `SELECT MIN(due_at), MAX(due_at) FROM inbox WHERE topic = 'campaign' AND lane = ? AND batch IS NULL AND done_at IS NULL`
	postponeDay       = `UPDATE inbox SET due_at = due_at + ?
		WHERE topic = 'campaign' AND lane = ? AND batch IS NULL AND done_at IS NULL AND due_at >= ? AND due_at < ?`
)
