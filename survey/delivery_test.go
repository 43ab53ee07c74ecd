package survey

import "testing"

func TestGuard(t *testing.T) {
	t.Parallel()
	guard := Guard{Bounces: 0.05, Complaints: 0.003, Least: 50}
	for _, c := range []struct {
		name                       string
		guard                      Guard
		mails, bounces, complaints int
		want                       MailEvent
	}{
		{"nothing", guard, 0, 0, 0, ""},
		{"too few mails", guard, 49, 49, 49, ""},
		{"at the limit", guard, 100, 5, 0, ""},
		{"bounces", guard, 100, 6, 0, MailBounced},
		{"complaints", guard, 999, 0, 3, MailComplaint},
		{"complaints at the limit", guard, 1000, 0, 3, ""},
		{"both", guard, 100, 50, 3, MailComplaint},
		{"two may be chance", guard, 50, 2, 2, ""},
		{"off", Guard{Bounces: 1, Complaints: 1, Least: 1}, 100, 100, 100, ""},
		{"none are borne", Guard{Least: 1}, 3, 3, 0, MailBounced},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.guard.Trips(c.mails, c.bounces, c.complaints); got != c.want {
				t.Errorf("trips by %q, want %q", got, c.want)
			}
		})
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Share{"0%": 0, "0.3%": 0.003, "5%": 0.05, "100%": 1} {
		got, err := ParseShare(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "%", "5", "-1%", "101%", "NaN%", "5 %", "0,3%"} {
		if _, err := ParseShare(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
