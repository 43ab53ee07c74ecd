package survey

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCasesFollowTheirOwners(t *testing.T) {
	t.Parallel()
	type posted struct{ owner, place, channel string }
	for name, test := range map[string]struct {
		before       posted // channel "" for no message yet
		owner, place string
		changed      bool
		moved        bool
	}{
		"before there is a message":      {posted{"", "", ""}, "o1", "U1", false, false},
		"another before the message":     {posted{"o1", "U1", ""}, "o2", "U2", false, false},
		"nothing new":                    {posted{"o1", "U1", "D1"}, "o1", "U1", false, false},
		"another owner":                  {posted{"o1", "U1", "D1"}, "o2", "U2", true, true},
		"another in the same place":      {posted{"o1", "C1", "C1"}, "o2", "C1", true, false},
		"the owner becomes known":        {posted{"", "C1", "C1"}, "o1", "U1", true, true},
		"the owner has gone":             {posted{"o1", "U1", "D1"}, "o1", "C1", true, true},
		"nobody has the account":         {posted{"o1", "U1", "D1"}, "", "C1", true, true},
		"another channel by the rules":   {posted{"o1", "C1", "C1"}, "o1", "C2", false, false},
		"posted before places were kept": {posted{"", "", "C1"}, "o1", "C1", false, false},
		"the owner takes no messages":    {posted{"o1", "U1", "C1"}, "o1", "U1", false, false},
		"nor does the next":              {posted{"o1", "U1", "C1"}, "o2", "U2", true, true},
		"and has gone":                   {posted{"o1", "U1", "C1"}, "o1", "C1", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Case{State: CaseOpen, Revision: 3, Shown: 3, Channel: test.before.channel}
			c.Owner, c.Place = test.before.owner, test.before.place
			if c.Channel != "" {
				c.MessageTS = "1.2"
			}
			ended := c
			require.Equal(t, test.changed, c.Follow(test.owner, test.place))
			require.Equal(t, test.owner, c.Owner)
			require.Equal(t, test.changed, c.Revision == 4)
			if test.moved {
				require.Equal(t, CaseMessage{test.before.channel, "1.2"}, c.Former)
				require.Equal(t, CasePlace{test.place, 1, c.Former}, c.CasePlace)
				require.Zero(t, c.Shown)
				require.Empty(t, c.Channel+c.MessageTS)
			}
			ended.State = CaseResolved
			same := ended
			require.False(t, ended.Follow(test.owner, test.place))
			require.Equal(t, same, ended)
		})
	}
}
