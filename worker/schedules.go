package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/workflows"
)

// housekeepingEvery is how often expired invitations are marked, in scaled time.
// The schedule itself never runs more often than each housekeepingLeast.
const (
	housekeepingEvery = time.Hour
	housekeepingLeast = 10 * time.Second
)

// behaviourEvery is how often is read what customers did in a CRM, in scaled time, and
// behaviourLeast the least real time between.
const (
	behaviourEvery = time.Hour
	behaviourLeast = 30 * time.Second
)

// namespaceLag is how long parts of a Temporal server may not know a namespace yet
// that others do: each refreshes its list every so often.
const namespaceLag = 15 * time.Second

// schedules comes after the search attributes, which were found in the namespace: that
// another part of the server does not know it yet passes.
func (s *setup) schedules(ctx context.Context, c client.Client) error {
	for until := time.Now().Add(namespaceLag); ; {
		err := s.everySchedule(ctx, c.ScheduleClient())
		if _, lags := errors.AsType[*serviceerror.NamespaceNotFound](err); !lags || time.Now().After(until) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// everySchedule creates and updates those that are wanted, and deletes the others.
func (s *setup) everySchedule(ctx context.Context, c client.ScheduleClient) error {
	var missing []string
	wanted := s.wantedSchedules(time.Now())
	for _, options := range wanted {
		created, err := s.schedule(ctx, c, options)
		if err != nil {
			return err
		}
		if created {
			missing = append(missing, options.ID)
		}
	}
	s.say("temporal schedules", missing)
	return s.deleteSchedules(ctx, c, wanted)
}

// commentsCron is when comments are read again that were read in another way.
const commentsCron = "30 3 * * *"

// wantedSchedules are the housekeeping's, those of behaviour, of the comments, of the themes
// and of the models, and those of campaigns, of which the first begins a whole interval from
// now: nothing goes out because somebody runs setup.
func (s *setup) wantedSchedules(now time.Time) []client.ScheduleOptions {
	every := s.real(survey.Span(housekeepingEvery))
	wanted := []client.ScheduleOptions{workflows.HousekeepingSchedule(max(every, housekeepingLeast).Round(time.Second))}
	wanted = append(wanted, workflows.CommentsSchedule(s.cronSpec(commentsCron, survey.Span(24*time.Hour))))
	for _, p := range s.config.Programs {
		if p.Kind == survey.Relational {
			wanted = append(wanted, workflows.CampaignSchedule(p.ID, s.campaignSpec(p.Campaign, now)))
		}
	}
	for _, c := range s.config.CRM {
		if len(c.Behaviour.ObjectTypes()) > 0 {
			every := max(s.real(survey.Span(behaviourEvery)), behaviourLeast).Round(time.Second)
			wanted = append(wanted, workflows.ReadBehaviourSchedule(c.ID, every))
		}
	}
	if s.config.Themes.Channel != "" {
		wanted = append(wanted, workflows.ThemesSchedule(s.cronSpec(s.config.Themes.Cron, survey.Span(7*24*time.Hour))))
	}
	if s.config.Models.Wanted() {
		wanted = append(wanted, workflows.ModelsSchedule(s.cronSpec(s.config.Models.Cron, survey.Span(24*time.Hour))))
	}
	return wanted
}

// cronSpec is by cron on the real clock, and every so often in scaled time where another
// clock runs.
func (s *setup) cronSpec(cron string, scaled survey.Span) client.ScheduleSpec {
	if s.config.Dev.TimeScale == 1 {
		return client.ScheduleSpec{CronExpressions: []string{cron}}
	}
	every := max(s.real(scaled), time.Second).Round(time.Second)
	return client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: every}}}
}

// campaignSpec says when campaigns begin. Cron is on the real clock.
func (s *setup) campaignSpec(c survey.Campaign, now time.Time) client.ScheduleSpec {
	if c.Cron != "" {
		return client.ScheduleSpec{CronExpressions: []string{c.Cron}}
	}
	every := max(s.real(c.Every), time.Second).Round(time.Second)
	offset := time.Duration(now.UnixNano()) % every
	return client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: every, Offset: offset.Truncate(time.Second)}}}
}

// real is how long a span of scaled time takes.
func (s *setup) real(span survey.Span) time.Duration {
	return time.Duration(float64(span) / s.config.Dev.TimeScale)
}

// schedule creates or updates one, and reports whether it was missing.
func (s *setup) schedule(ctx context.Context, c client.ScheduleClient, options client.ScheduleOptions) (missing bool, err error) {
	handle := c.GetHandle(ctx, options.ID)
	_, err = handle.Describe(ctx)
	if _, missing = errors.AsType[*serviceerror.NotFound](err); missing {
		if s.dryRun {
			return true, nil
		}
		if _, err = c.Create(ctx, options); errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
			err = nil
		}
		return true, err
	}
	if err != nil || s.dryRun {
		return false, err
	}
	return false, handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			schedule := in.Description.Schedule
			schedule.Spec = keepOffset(options.Spec, schedule.Spec)
			schedule.Action = options.Action
			schedule.Policy = &client.SchedulePolicies{
				Overlap: options.Overlap, CatchupWindow: options.CatchupWindow, PauseOnFailure: options.PauseOnFailure,
			}
			return &client.ScheduleUpdate{Schedule: &schedule}, nil
		},
	})
}

// keepOffset leaves the moments of a schedule where they are, as long as its interval is
// the same.
func keepOffset(wanted client.ScheduleSpec, had *client.ScheduleSpec) *client.ScheduleSpec {
	if had != nil && len(had.Intervals) == 1 && len(wanted.Intervals) == 1 && had.Intervals[0].Every == wanted.Intervals[0].Every {
		wanted.Intervals = slices.Clone(had.Intervals)
	}
	return &wanted
}

// deleteSchedules deletes those of campaigns, of behaviour, of the themes and of the models
// that are not wanted. Campaigns under way go on.
func (s *setup) deleteSchedules(ctx context.Context, c client.ScheduleClient, wanted []client.ScheduleOptions) error {
	list, err := c.List(ctx, client.ScheduleListOptions{PageSize: 100})
	if err != nil {
		return err
	}
	var left []string
	for list.HasNext() {
		entry, err := list.Next()
		if err != nil {
			return err
		}
		kept := slices.ContainsFunc(wanted, func(o client.ScheduleOptions) bool { return o.ID == entry.ID })
		ours := entry.ID == workflows.ThemesID || entry.ID == workflows.ModelsID || strings.HasPrefix(entry.ID, workflows.CampaignScheduleID("")) ||
			strings.HasPrefix(entry.ID, workflows.ReadBehaviourID(""))
		if ours && !kept {
			left = append(left, entry.ID)
		}
	}
	slices.Sort(left)
	for _, id := range left {
		if s.dryRun {
			continue
		}
		err := c.GetHandle(ctx, id).Delete(ctx)
		if _, gone := errors.AsType[*serviceerror.NotFound](err); err != nil && !gone {
			return err
		}
	}
	s.sayDeleted("temporal schedules", left)
	return nil
}
