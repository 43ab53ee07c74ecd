package bench

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"go.temporal.io/api/workflow/v1"

	"github.com/cxloop/cxloop/sandbox"
	"github.com/cxloop/cxloop/survey"
)

const waveProgram = "wave"

const (
	// ownerContacts is how many contacts an owner of accounts has.
	ownerContacts = 250
	// waveSlack is by how much the caps are above what an even spread needs.
	waveSlack = 1.3
)

// course is how a wave goes out.
type course struct {
	days int
	// scale is how much faster the clock runs.
	scale int
}

// dayContacts is the largest wave that goes out in one day.
const dayContacts = 20_000

// courseOf spreads a wave over five days of a minute each, and a small one over a day
// of half a minute.
func courseOf(contacts int) course {
	if contacts <= dayContacts {
		return course{days: 1, scale: survey.MaxTimeScale}
	}
	return course{days: 5, scale: survey.MaxTimeScale / 2}
}

func (c course) daySeconds() int { return 24 * 60 * 60 / c.scale }

// wavePatience is how long a wave may take, and what is added for each contact.
const (
	wavePatience  = 25 * time.Minute
	contactAtMost = 20 * time.Millisecond
	// waveLooks is how often a wave's progress is looked at, and killLooks where the
	// worker is to be killed in the middle of something.
	waveLooks = 500 * time.Millisecond
	killLooks = 50 * time.Millisecond
)

const waveYAML = `
dev: {time_scale: {{.TimeScale}}}
calendars:
  - {id: week, timezone: UTC, days: [mon, tue, wed, thu, fri, sat, sun], hours: "08:00-18:00"}
programs:
  - id: wave
    kind: relational
    template: nps
    every: 90d
    from: {crm: hubspot, where: {lifecyclestage: customer}}
    spread:
      over: {{.Days}}d
      days: [mon, tue, wed, thu, fri, sat, sun]
      per_day: {{.PerDay}}
      per_owner: {{.PerOwner}}
      owner: account.hubspot_owner_id
    window: week
    reminder: 1d
    expiry: 30d
`

// wave is a campaign to a crowd in the CRM.
type wave struct {
	*world
	course
	contacts int
	db       *waveStore
	began    time.Time
	kills    kills
}

// waveFigures measure a campaign from the CRM to the last reminder.
func (r *run) waveFigures(ctx context.Context, _ []Figure) (_ []Figure, err error) {
	owners := max(1, r.Contacts/ownerContacts)
	course := courseOf(r.Contacts)
	perDay := int(waveSlack*float64(r.Contacts)/float64(course.days)) + 1
	world, err := r.newWorld(ctx, setting{
		programs: waveYAML,
		values: map[string]any{
			"TimeScale": course.scale, "Days": course.days, "PerDay": perDay, "PerOwner": perDay/owners + 1,
		},
		events: true,
		crowd:  sandbox.Crowd{Contacts: r.Contacts, Owners: owners},
	})
	if err != nil {
		return nil, err
	}
	w := &wave{world: world, course: course, contacts: r.Contacts}
	figures, err := w.measure(ctx)
	if err != nil {
		err = w.explain(err)
	}
	return figures, errors.Join(err, w.close())
}

func (w *wave) measure(ctx context.Context) (_ []Figure, err error) {
	ctx, cancel := context.WithTimeout(ctx, wavePatience+time.Duration(w.contacts)*contactAtMost)
	defer cancel()
	if w.db, err = openWaveStore(w.databaseURL(database)); err != nil {
		return nil, err
	}
	defer w.db.close()
	w.say("wave: %d contacts in 8 time zones and 4 languages over %d days, a day in %d s", w.contacts, w.course.days, w.course.daySeconds())
	w.began = time.Now()
	if out, err := exec.CommandContext(ctx, w.Program, "campaign", "start", waveProgram, "-c", w.config).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("campaign start: %w\n%s", err, out)
	}
	if err := w.awaitMailed(ctx); err != nil {
		return nil, err
	}
	took := time.Since(w.began)
	if err := w.awaitClosed(ctx, w.began, wavePatience); err != nil {
		return nil, err
	}
	if err := w.verify(ctx); err != nil {
		return nil, err
	}
	return w.figures(ctx, took)
}

// awaitMailed returns when the whole audience has been decided and whoever is
// admitted was mailed. The worker is killed on the way where that is wanted.
func (w *wave) awaitMailed(ctx context.Context) error {
	pause := waveLooks
	if w.Kill {
		pause = killLooks
	}
	for {
		p, err := w.db.progress(ctx)
		if err != nil {
			return err
		}
		if p.invitations >= w.contacts && p.waiting == 0 {
			return nil
		}
		if w.Kill {
			if err := w.kill(ctx, p); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d contacts have an invitation, %d wait for their mail: %w", p.invitations, w.contacts, p.waiting, ctx.Err())
		case <-time.After(pause):
		}
	}
}

func (w *wave) figures(ctx context.Context, took time.Duration) ([]Figure, error) {
	var transitions int64
	err := w.eachSince(ctx, w.began, func(x *workflow.WorkflowExecutionInfo) error {
		if kind := x.GetType().GetName(); kind == "CampaignWorkflow" || kind == "InviteWorkflow" {
			transitions += x.GetStateTransitionCount()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	rss, err := peakMB(w.pid())
	if err != nil {
		return nil, err
	}
	mails, calls := w.mailed()
	thousands := float64(w.contacts) / 1000
	return []Figure{
		figure("wave.contacts_per_s", float64(w.contacts)/took.Seconds(), "1/s", ""),
		figure("wave.transitions_per_1000", float64(transitions)/thousands, "", "≤ 60"),
		figure("wave.mails_per_call", float64(mails)/float64(max(1, calls)), "", ""),
		figure("wave.rss_mb", max(rss, w.kills.peak), "MB", "< 300"),
		figure("wave.lost", 0, "", "0"), // else there are no figures
	}, nil
}
