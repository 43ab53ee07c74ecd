package config

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestInTheMoment(t *testing.T) {
	t.Parallel()
	p := load(t, valid+"  - {id: chat, kind: in_the_moment, template: csat}\n").Programs[1]
	require.Equal(t, survey.InTheMoment, p.Kind)
	require.Zero(t, p.Reminder)
	require.NotZero(t, p.Expiry)
	_, err := LoadBytes("f", []byte(valid+"  - {id: chat, kind: in_the_moment, template: csat, window: w, reminder: 2h}\ncalendars: [{id: w, timezone: UTC}]\n"), env())
	require.ErrorContains(t, err, "programs[1].window: a program in the moment asks at once: leave it out, or make the kind transactional")
}
