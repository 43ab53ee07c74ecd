package config

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestSLA(t *testing.T) {
	t.Parallel()
	without := load(t, valid).SLA
	require.Equal(t, newSLA(), without)
	require.Equal(t, []string{"mon", "tue", "wed", "thu", "fri"}, without.Calendar.Days)

	const section = `sla:
  calendar: team
  acknowledge: 1h
  contact: 1d2h
  high: {acknowledge: 30m, resolve: off}
  low: {acknowledge: off, contact: off, resolve: off}
  warn: 50%
  escalate: {channel: off, task: 4d}
calendars:
  - {id: team, timezone: Europe/Paris, days: [mon, tue, wed, thu, fri, sat], hours: "10:00-19:00", countries: [fr]}
brand:`
	sla := load(t, strings.Replace(valid, "brand:", section, 1)).SLA
	off := survey.BusinessSpan{Off: true}
	require.Equal(t, survey.Promises{
		Acknowledge: businessHours(1), Contact: survey.BusinessSpan{Days: 1, Rest: 2 * time.Hour}, Resolve: businessDays(5),
	}, sla.Normal)
	require.Equal(t, survey.Promises{Acknowledge: survey.BusinessSpan{Rest: 30 * time.Minute}, Contact: businessHours(4), Resolve: off}, sla.High)
	require.Equal(t, survey.Promises{Acknowledge: off, Contact: off, Resolve: off}, sla.Low)
	require.Equal(t, survey.Ladder{Manager: businessDays(1), Channel: off, Task: businessDays(4)}, sla.Ladder)
	require.Equal(t, survey.Share(0.5), sla.Warn)
	require.Equal(t, "10:00-19:00", sla.Calendar.Hours)

	sla = load(t, strings.Replace(valid, "brand:", "sla: {acknowledge: 1h, contact: 4d}\nbrand:", 1)).SLA
	require.Equal(t, businessHours(1), sla.High.Acknowledge, "no slower than others")
	require.Equal(t, businessDays(4), sla.Low.Contact, "no faster than others")

	require.True(t, load(t, strings.Replace(valid, "brand:", "sla: {off: true}\nbrand:", 1)).SLA.Off)
}

// slaDefaults are the defaults by the keys that they stand at.
func slaDefaults(sla survey.SLA) map[string]any {
	return map[string]any{
		"sla.off": sla.Off, "sla.warn": sla.Warn,
		"sla.acknowledge": sla.Normal.Acknowledge, "sla.contact": sla.Normal.Contact, "sla.resolve": sla.Normal.Resolve,
		"sla.high.acknowledge": sla.High.Acknowledge, "sla.high.contact": sla.High.Contact, "sla.high.resolve": sla.High.Resolve,
		"sla.low.acknowledge": sla.Low.Acknowledge, "sla.low.contact": sla.Low.Contact, "sla.low.resolve": sla.Low.Resolve,
		"sla.escalate.manager": sla.Ladder.Manager, "sla.escalate.channel": sla.Ladder.Channel, "sla.escalate.task": sla.Ladder.Task,
	}
}

func TestSLAOfTheEnvironment(t *testing.T) {
	t.Parallel()
	cfg, err := LoadBytes("cxloop.yaml", []byte(valid), env("CXLOOP_SLA_ACKNOWLEDGE", "2h", "CXLOOP_SLA_HIGH_ACKNOWLEDGE", "1h"))
	require.NoError(t, err)
	require.Equal(t, businessHours(2), cfg.SLA.Normal.Acknowledge)
	require.Equal(t, businessHours(1), cfg.SLA.High.Acknowledge)
}
