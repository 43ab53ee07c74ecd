package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// capOfMails is the row of caps that activities lock who count the mails of a day. No
// program has such an id.
const capOfMails = "/mails"

const countOfMails = `SELECT COUNT(*) FROM effects WHERE vendor = ? AND at >= ? AND at < ?`

// BeginMails implements store.Effects.
func (s *Store) BeginMails(ctx context.Context, vendor string, keys []string, at, tried time.Time, most int) (store.Begun, error) {
	return s.begin(ctx, vendor, "", keys, at, tried, most)
}

// overTheDay takes back the last of the effects that were just inserted, as many as are
// more than the day has room for. What a call that failed gave back is not counted.
func (q session) overTheDay(ctx context.Context, vendor string, keys []string, at time.Time, most int) (over []string, err error) {
	if most == 0 || len(keys) == 0 {
		return nil, nil
	}
	if err := q.lockCaps(ctx, []string{capOfMails}); err != nil {
		return nil, err
	}
	var n int
	day := survey.DayOf(at)
	if err := q.row(ctx, countOfMails, vendor, day.UnixMilli(), survey.NextDay(at).UnixMilli()).Scan(&n); err != nil {
		return nil, fmt.Errorf("count the mails of a day: %w", err)
	}
	over = keys[len(keys)-min(max(n-most, 0), len(keys)):]
	if len(over) > 0 {
		_, err = q.exec(ctx, `DELETE FROM effects WHERE key {any}`, q.list(over))
	}
	return over, err
}
