package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// declared are the tests' dimensions: one that most have, one with fewer values than there
// are, and one that few have.
var declared = []survey.Dimension{
	{ID: "industry", From: "account.industry", MaxValues: 50},
	{ID: "tier", From: "contact.tier", Values: []string{"gold", "silver"}, MaxValues: 50},
	{ID: "city", From: "contact.city", MaxValues: 2},
}

func dimensions() survey.Dimensions {
	return survey.Dimensions{
		OwnerOf:  func(a survey.Account) string { return a.Attributes[survey.OwnerID] },
		Declared: declared,
	}
}

// recount is a naive count of everything that was ever asked, beside the store's own.
type recount struct {
	world
	random   *rand.Rand
	now      time.Time
	programs []survey.Program
	asked    []*recounted
}

// recounted is an invitation with what it was asked under.
type recounted struct {
	id      string
	program survey.Program
	values  map[string]string
	// at is when it counts for as long as it is not noted as sent.
	at time.Time
}

// cells are those of a query, by going through every invitation and its response.
func (c *recount) cells(q store.ScoreQuery) []store.ScoreCell {
	c.Helper()
	cells := map[string]*store.ScoreCell{}
	at := func(one *recounted, day time.Time) *store.ScoreCell {
		day = day.Truncate(24 * time.Hour)
		if one.program.Metric != q.Metric || len(q.Programs) > 0 && !slices.Contains(q.Programs, one.program.ID) ||
			!q.From.IsZero() && day.Before(q.From) || !q.To.IsZero() && !day.Before(q.To) {
			return nil
		}
		for name, values := range q.Where {
			if !slices.Contains(values, one.values[name]) {
				return nil
			}
		}
		var key []string
		for _, name := range q.By {
			key = append(key, one.values[name])
		}
		period := q.Period.Start(day)
		name := period.String() + strings.Join(key, "|")
		if cells[name] == nil {
			cells[name] = &store.ScoreCell{Key: key, Period: period, Scores: map[int]int{}, Bands: map[survey.Band]int{}}
		}
		return cells[name]
	}
	for _, one := range c.asked {
		c.countOne(one, at)
	}
	var out []store.ScoreCell
	for _, cell := range cells {
		out = append(out, *cell)
	}
	slices.SortFunc(out, func(a, b store.ScoreCell) int {
		return cmp.Or(a.Period.Compare(b.Period), slices.Compare(a.Key, b.Key))
	})
	return out
}

func (c *recount) countOne(one *recounted, at func(*recounted, time.Time) *store.ScoreCell) {
	found, err := c.Invitation(c.Context(), one.id)
	c.must(err)
	i := found.Invitation
	switch i.State {
	case survey.InvitationSent, survey.InvitationDelivered, survey.InvitationExpired, survey.InvitationResponded, survey.InvitationUnknown:
		when := i.SentAt
		if when.IsZero() { // answered before it was noted, or in doubt
			when = one.at
		}
		answered := i.State == survey.InvitationResponded
		told := i.Channel == survey.ChannelAPI
		if told && !answered {
			break
		}
		if cell := at(one, when); cell != nil {
			switch {
			case told:
				cell.Told++
			case answered:
				cell.Answered++
				cell.Asked++
			default:
				cell.Asked++
			}
		}
	}
	r, err := c.ResponseOf(c.Context(), one.id)
	if err != nil {
		require.ErrorIs(c.T, err, store.ErrNotFound)
		return
	}
	if r.Recorded > 0 && r.State != survey.Withdrawn {
		if cell := at(one, r.AnsweredAt); cell != nil {
			cell.Scores[r.Score]++
			cell.Bands[r.Band]++
		}
	}
}

// one chooses any.
func one[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// ask takes some contacts through admission, whose attributes are what they are just now.
func (c *recount) ask() {
	p := one(c.random, c.programs...)
	var contacts []int
	for range 1 + c.random.IntN(5) {
		n := int(c.ids.Add(1))
		person, company := contact(n, n), account(n)
		person.Attributes = map[string]string{"tier": one(c.random, "gold", "silver", "bronze", ""), "city": one(c.random, "Bonn", "Köln", "", "", "")}
		company.Attributes = map[string]string{"industry": one(c.random, "bank", "retail", "x@example.com", ""), survey.OwnerID: one(c.random, "7", "8", "")}
		c.must(c.SaveContacts(c.Context(), []survey.Contact{person}, []survey.Account{company}))
		contacts = append(contacts, n)
	}
	if c.random.IntN(4) == 0 {
		c.tellOf(p, contacts[0])
		return
	}
	c.addEvents(len(contacts))
	req := c.admitRequest(c.claim(store.TopicEvent, c.now).ID, c.now, contacts...)
	req.Program, req.Version, req.Touchpoint, req.Kind = p.ID, p.Version(), p.AtTouchpoint(), p.Kind
	req.Dimensions, req.Campaign = dimensions(), one(c.random, "", campaignID)
	req.NewID = func() string { return fmt.Sprintf("i%06d", c.ids.Add(1)) }
	made, err := c.Admit(c.Context(), req)
	c.must(err)
	for _, i := range made {
		kept, err := c.Invitation(c.Context(), i.ID)
		c.must(err)
		values := dimensions().Of(kept.Contact, kept.Account, nil)
		maps.Copy(values, map[string]string{
			store.DimensionProgram: p.ID, store.DimensionTouchpoint: p.AtTouchpoint(), store.DimensionKind: string(p.Kind), store.DimensionLanguage: i.Locale,
			store.DimensionWave: req.Campaign,
		})
		c.asked = append(c.asked, &recounted{i.ID, p, values, c.now})
	}
}

// tellOf has another tool have asked a contact.
func (c *recount) tellOf(p survey.Program, n int) {
	req := c.askedRequest(fmt.Sprintf("i%06d", c.ids.Add(1)), contactKey(n))
	req.Program, req.Dimensions, req.At, req.ExpiresAt = p, dimensions(), c.now, c.now.Add(expiry)
	_, err := c.AddAsked(c.Context(), req)
	c.must(err)
	kept, err := c.Invitation(c.Context(), req.ID)
	c.must(err)
	values := dimensions().Of(kept.Contact, kept.Account, nil)
	maps.Copy(values, map[string]string{
		store.DimensionProgram: p.ID, store.DimensionTouchpoint: p.AtTouchpoint(), store.DimensionKind: string(p.Kind), store.DimensionLanguage: req.Locale,
	})
	c.asked = append(c.asked, &recounted{req.ID, p, values, c.now})
}

// step does one of the things that change what counts.
func (c *recount) step() {
	c.now = c.now.Add(time.Duration(c.random.IntN(40)) * time.Hour)
	if len(c.asked) == 0 || c.random.IntN(4) == 0 {
		c.ask()
		return
	}
	i := one(c.random, c.asked...)
	ids := []string{i.id}
	verdict := store.Verdict{Item: i.id, At: c.now, What: store.VerdictWithdrawn, Who: "u", Why: "w"}
	score := c.random.IntN(11)
	var err error
	switch what := c.random.IntN(14); what {
	case 0, 1, 2:
		err = c.MarkSent(c.Context(), ids, c.now, c.now.Add(expiry))
	case 3:
		if c.stateOf(i.id).State == survey.InvitationAdmitted {
			i.at = c.now
		}
		err = c.MarkUnknown(c.Context(), ids, c.now, c.now.Add(expiry))
	case 4:
		err = c.MarkCancelled(c.Context(), ids, c.now)
	case 5:
		_, err = c.Expire(c.Context(), c.now)
	case 6:
		_ = c.ExcludeAnswer(c.Context(), verdict) // where there is one
	case 7:
		c.recordAll()
	case 8:
		_, err = c.RollUpScores(c.Context(), 1)
	case 9:
		err = c.Unsubscribe(c.Context(), c.keyOf(i.id), c.now)
	default:
		visit := store.VisitNote{}
		if what > 11 {
			visit = store.VisitNote{Source: one(c.random, "browser", "scanner"), Page: "survey", At: c.now}
		}
		req := c.answerRequest(i.id, c.now, survey.Answer{Score: score, Done: c.random.IntN(2) == 0})
		req.Visit, req.Band = visit, i.program.BandOf(score)
		_, _ = c.SaveAnswer(c.Context(), req) // it takes none that came too late
	}
	c.must(err)
}

func (c *recount) keyOf(id string) string {
	found, err := c.Invitation(c.Context(), id)
	c.must(err)
	return found.Invitation.ContactKey
}

// recordAll records what is due.
func (c *recount) recordAll() {
	batches, err := c.ClaimBatches(c.Context(), store.TopicAnswer, c.now, longLease, nil)
	c.must(err)
	for _, b := range batches {
		_, err := c.Record(c.Context(), c.recordRequest(b.ID, c.now))
		c.must(err)
	}
}

// query is any.
func (c *recount) query() store.ScoreQuery {
	q := store.ScoreQuery{Metric: one(c.random, survey.NPS, survey.NPS, survey.CSAT), Period: one(c.random, "", store.Day, store.Week, store.Month, store.Quarter)}
	names := []string{
		store.DimensionProgram, store.DimensionTouchpoint, store.DimensionKind, store.DimensionOwner, store.DimensionLanguage, store.DimensionWave,
		"industry", "tier", "city", "nobody_knows",
	}
	c.random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	q.By = names[:c.random.IntN(4)]
	if c.random.IntN(3) == 0 {
		q.Where = map[string][]string{one(c.random, "industry", "city", store.DimensionOwner): {one(c.random, "bank", "Bonn", "7", ""), "retail"}}
	}
	if c.random.IntN(3) == 0 {
		q.Programs = []string{one(c.random, c.programs...).ID}
	}
	day := start.Truncate(24 * time.Hour)
	if c.random.IntN(2) == 0 {
		q.From = one(c.random, day.AddDate(0, 0, 3), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	}
	if c.random.IntN(2) == 0 {
		q.To = one(c.random, day.AddDate(0, 1, 9), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
	}
	return q
}
