package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Count returns a store that counts what it decides and hands out.
func (m *Metrics) Count(s store.Store) store.Store { return &counted{Store: s, metrics: m} }

type counted struct {
	store.Store
	metrics *Metrics
}

// ClaimBatches implements store.Inbox.
func (c *counted) ClaimBatches(ctx context.Context, topic store.Topic, now time.Time, lease time.Duration, skip []string) ([]store.Batch, error) {
	batches, err := c.Store.ClaimBatches(ctx, topic, now, lease, skip)
	for _, b := range batches {
		c.metrics.batches.WithLabelValues(string(topic)).Inc()
		c.metrics.batchItems.Observe(float64(b.Items))
	}
	return batches, err
}

// Admit implements store.Invitations.
func (c *counted) Admit(ctx context.Context, req store.AdmitRequest) ([]store.Invitation, error) {
	decided, err := c.Store.Admit(ctx, req)
	for _, i := range decided {
		c.metrics.invitations.WithLabelValues(i.Program, string(i.State), string(i.Rule)).Inc()
	}
	if err == nil {
		for _, candidate := range req.Candidates {
			c.metrics.unansweredBy(req.Program, "condition", candidate.Verdicts.Condition)
			c.metrics.unansweredBy(req.Program, "audience", candidate.Verdicts.Audience)
		}
	}
	return decided, err
}

func (m *Metrics) unansweredBy(program, expression string, v *survey.Verdict) {
	if v == nil {
		return
	}
	if reason := v.Unanswered(); reason != "" {
		m.unanswered.WithLabelValues(program, expression, reason).Inc()
	}
}

// SaveAnswer implements store.Responses.
func (c *counted) SaveAnswer(ctx context.Context, req store.SaveAnswerRequest) (survey.Response, error) {
	response, err := c.Store.SaveAnswer(ctx, req)
	if err == nil {
		c.metrics.answers.WithLabelValues(response.Program, string(response.Band)).Inc()
	}
	return response, err
}

// SaveAnonymous implements store.Anonymous. The band of an answer is not counted when it
// is given: together with who answered then, the number would tell it.
func (c *counted) SaveAnonymous(ctx context.Context, req store.SaveAnonymousRequest) (survey.AnonymousAnswer, error) {
	answer, err := c.Store.SaveAnonymous(ctx, req)
	if err == nil {
		c.metrics.answers.WithLabelValues(answer.Program, "anonymous").Inc()
	}
	return answer, err
}

// TakeMailEvents implements store.Delivery.
func (c *counted) TakeMailEvents(ctx context.Context, req store.MailEventsRequest) (store.MailEventsTaken, error) {
	taken, err := c.Store.TakeMailEvents(ctx, req)
	for e, n := range taken.New {
		c.metrics.mailEvents.WithLabelValues(e.Program, string(e.What)).Add(float64(n))
	}
	return taken, err
}

// Watched is where what is outstanding can be read.
type Watched interface {
	Outstanding(ctx context.Context) (store.Outstanding, error)
}

// Watch has the database asked for what is outstanding whenever the metrics are
// read. Ages are in the time of now, survey.Clock's.
func (m *Metrics) Watch(s Watched, now func() time.Time) error {
	return m.registry.Register(&outstanding{store: s, now: now})
}

var (
	storeUp        = prometheus.NewDesc("cxloop_store_up", "1 if the database answered when the metrics were read.", nil, nil)
	inboxBacklog   = prometheus.NewDesc("cxloop_inbox_backlog", "Inbox items that are not dealt with.", []string{"topic"}, nil)
	inboxOldestDue = prometheus.NewDesc("cxloop_inbox_oldest_due_seconds", "For how long the oldest inbox item has been due.", []string{"topic"}, nil)
	programsPaused = prometheus.NewDesc("cxloop_program_paused", "1 for a program that stopped mailing because its mails are not wanted.", []string{"program"}, nil)
	effectsUnknown = prometheus.NewDesc("cxloop_effects_unknown", "Effects of which nobody can tell whether they happened.", []string{"vendor"}, nil)
)

// outstanding is read from the database.
type outstanding struct {
	store Watched
	now   func() time.Time
}

// Describe implements prometheus.Collector.
func (o *outstanding) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{storeUp, inboxBacklog, inboxOldestDue, effectsUnknown, programsPaused} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (o *outstanding) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	found, err := o.store.Outstanding(ctx)
	if err != nil {
		gauge(storeUp, 0)
		return
	}
	gauge(storeUp, 1)
	for _, topic := range []store.Topic{store.TopicEvent, store.TopicAnswer, store.TopicClick, store.TopicLead, store.TopicWon, store.TopicBehaviour} {
		queue := found.Inbox[topic]
		gauge(inboxBacklog, float64(queue.Items), string(topic))
		var age time.Duration
		if queue.Items > 0 {
			age = max(0, o.now().Sub(queue.OldestDue))
		}
		gauge(inboxOldestDue, age.Seconds(), string(topic))
	}
	for vendor, n := range found.UnknownEffects {
		gauge(effectsUnknown, float64(n), vendor)
	}
	for _, program := range found.Paused {
		gauge(programsPaused, 1, program)
	}
}

// AddAsked implements store.Invitations.
func (c *counted) AddAsked(ctx context.Context, req store.AskedRequest) (store.Invitation, error) {
	made, err := c.Store.AddAsked(ctx, req)
	if err == nil {
		c.metrics.invitations.WithLabelValues(made.Program, string(survey.InvitationSent), "").Inc()
	}
	return made, err
}

// SaveFeedback implements store.Feedback.
func (c *counted) SaveFeedback(ctx context.Context, f survey.Feedback) (survey.Feedback, error) {
	kept, err := c.Store.SaveFeedback(ctx, f)
	if err == nil {
		c.metrics.feedback.WithLabelValues(string(kept.Kind)).Inc()
	}
	return kept, err
}
