package bench

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/store/sqlstore"
	"github.com/cxloop/cxloop/survey"
)

// The customers whose answers are counted: four programs, six industries in six regions, and
// an owner for each pair of these, over three years.
const (
	scorePrograms   = 4
	scoreIndustries = 6
	scoreRegions    = 6
	scoreGroups     = scorePrograms * scoreIndustries * scoreRegions
	scoreDays       = 1095
	// scoreChunk is how many answers are made by one statement.
	scoreChunk = 100_000
	// firstAnswer makes all numbers of answers as long as each other.
	firstAnswer = 100_000_000
	// overviews is how often the overview is read.
	overviews = 30
	// corrections is how many answers change while nothing is rolled up: each is two changes of
	// what counts, and together as many as come in the seconds until a storm is noticed.
	corrections = 5000
)

// scoresEnd is the day after the last answer, amid a month as most days are.
var scoresEnd = time.Date(2026, 7, 16, 0, 0, 0, 0, time.UTC)

// scoreFigures are of the figures that an overview shows, over many answers.
func (r *run) scoreFigures(ctx context.Context, _ []Figure) (_ []Figure, err error) {
	s, err := r.openScores(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	r.say("scores: %d answers, in %s", r.Responses, r.Store)
	if err := r.fillScores(ctx); err != nil {
		return nil, fmt.Errorf("fill the store: %w", err)
	}
	r.say("scores: rolling up")
	begun := time.Now()
	rolled := 0
	for {
		some, err := s.RollUpScores(ctx, 1)
		if err != nil {
			return nil, err
		}
		if rolled += some; some == 0 {
			break
		}
	}
	rate := float64(rolled) / time.Since(begun).Seconds()
	r.say("scores: letting the database settle")
	if err := r.settle(ctx); err != nil {
		return nil, fmt.Errorf("settle the store: %w", err)
	}
	r.say("scores: the overview, %d times", overviews)
	took, slowest, err := overviewTimes(ctx, s, r.Responses)
	if err != nil {
		return nil, err
	}
	corrected := min(corrections, r.Responses)
	r.say("scores: the same after %d corrections", corrected)
	if err := r.correctScores(ctx, corrected); err != nil {
		return nil, fmt.Errorf("correct answers: %w", err)
	}
	busy, _, err := overviewTimes(ctx, s, r.Responses)
	if err != nil {
		return nil, err
	}
	size := fmt.Sprintf("%dk", r.Responses/1000)
	if r.Responses >= 1e6 {
		size = fmt.Sprintf("%dm", r.Responses/1e6)
	}
	return []Figure{
		figure("page.overview_"+size+"_p95_ms", percentile(took, 95), "ms", "< 200"),
		figure("page.figure_"+size+"_p95_ms", slowest, "ms", "the slowest of its figures"),
		figure("page.overview_busy_p95_ms", percentile(busy, 95), "ms", "< 200"),
		figure("scores.rolled_up_per_s", rate, "1/s", ""),
	}, nil
}

func (r *run) openScores(ctx context.Context) (*sqlstore.Store, error) {
	secret := make([]byte, sqlstore.KeySize)
	_, _ = rand.Read(secret) // never fails
	keys, err := sqlstore.OpenKeys(r.databaseURL(keystore), []sqlstore.MasterKey{{ID: "bench", Secret: secret}})
	if err != nil {
		return nil, err
	}
	s, err := sqlstore.Open(r.databaseURL(database), keys, sqlstore.Options{})
	if err != nil {
		return nil, errors.Join(err, keys.Close())
	}
	if _, err := s.Migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	for n := range scorePrograms {
		if err := s.SaveProgram(ctx, scoreProgram(n)); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

func scoreProgram(n int) survey.Program {
	p := survey.Program{ID: fmt.Sprintf("program-%d", n), Kind: survey.Transactional, Metric: survey.NPS}
	if n == 0 {
		p.Kind = survey.Relational
	}
	return p
}

// fillScores makes the answers, without the product: it would take days. Indices that nothing
// here reads are left out.
func (r *run) fillScores(ctx context.Context) error {
	db, err := openWaveStore(r.databaseURL(database))
	if err != nil {
		return err
	}
	defer db.close()
	db.SetMaxOpenConns(1)
	begin := scoresEnd.AddDate(0, 0, -scoreDays).UnixMilli()
	for _, text := range scoreSetting(r.Store) {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	if err := addScoreGroups(ctx, db.DB); err != nil {
		return err
	}
	for done := 0; done < r.Responses; done += scoreChunk {
		for _, text := range scoreRows(begin, done, r.Responses) {
			if _, err := db.ExecContext(ctx, text); err != nil {
				return fmt.Errorf("%s: %w", text, err)
			}
		}
		if done%(10*scoreChunk) == 0 {
			r.say("scores: %d answers", done)
		}
	}
	return nil
}

// correctScores changes the last answers, one by one as the product does.
func (r *run) correctScores(ctx context.Context, count int) error {
	db, err := openWaveStore(r.databaseURL(database))
	if err != nil {
		return err
	}
	defer db.close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	for n := range count {
		text := fmt.Sprintf(`UPDATE responses SET score = (score + 1) %% 7, band = 'detractor' WHERE id = 'r%d'`, firstAnswer+r.Responses-1-n)
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// settle has the database do what it would have done in three years: else it is at it while
// the overview is read.
func (r *run) settle(ctx context.Context) error {
	db, err := openWaveStore(r.databaseURL(database))
	if err != nil {
		return err
	}
	defer db.close()
	texts := []string{`PRAGMA wal_checkpoint(TRUNCATE)`}
	if r.Store == Postgres {
		texts = []string{`VACUUM ANALYZE`, `CHECKPOINT`}
	}
	for _, text := range texts {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// scoreSetting prepares a database for rows that are lost with the machine.
func scoreSetting(database string) []string {
	texts := []string{
		`CREATE TABLE series (n BIGINT PRIMARY KEY)`,
		fmt.Sprintf(`WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < %d) INSERT INTO series SELECT n FROM numbers`, scoreChunk),
	}
	for _, index := range []string{"batch", "contact", "expiry", "day", "account", "responded"} {
		texts = append(texts, "DROP INDEX invitations_"+index)
	}
	texts = append(texts, "DROP INDEX responses_contact", "DROP INDEX responses_account")
	if database == Postgres {
		return append(texts, `SET synchronous_commit = off`, `ALTER TABLE responses DROP CONSTRAINT responses_invitation_id_fkey`)
	}
	return append(texts, `PRAGMA synchronous = OFF`, `PRAGMA cache_size = -200000`)
}

// addScoreGroups keeps what the answers are counted with, under the numbers from 1 on.
func addScoreGroups(ctx context.Context, db *sql.DB) error {
	const between = "\x1f"
	for n := range scoreGroups {
		p := scoreProgram(n % scorePrograms)
		industry, region := n/scorePrograms%scoreIndustries, n/scorePrograms/scoreIndustries
		dims := fmt.Sprintf(`{"industry":"industry %d","owner":"%d%d","region":"region %d"}`, industry, industry, region, region)
		text := fmt.Sprintf(`INSERT INTO score_groups (key, facet, program, version, kind, touchpoint, wave, dims) VALUES ('%s', '*', '%s', '%s', '%s', '%s', '', '%s')`,
			"*"+between+p.ID+between+p.Version()+between+string(p.Kind)+between+p.AtTouchpoint()+between+between+dims,
			p.ID, p.Version(), p.Kind, p.AtTouchpoint(), dims)
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// scoreRows are the statements that make a chunk of invitations and responses. The rows are in
// the order of time; their groups and scores are as good as random.
func scoreRows(begin int64, done, all int) []string {
	count := min(scoreChunk, all-done)
	ofProgram := func(tell func(survey.Program) string) string {
		text := fmt.Sprintf("CASE hash %% %d", scorePrograms)
		for n := range scorePrograms {
			text += fmt.Sprintf(" WHEN %d THEN '%s'", n, tell(scoreProgram(n)))
		}
		return text + " END"
	}
	program := ofProgram(func(p survey.Program) string { return p.ID })
	version := ofProgram(survey.Program.Version)
	rows := fmt.Sprintf(`(SELECT %d + n AS id, ((%d + n) * 2654435761 %% 4294967296) / 64 AS hash, %d + (%d + n) * %d / %d * 1000 AS at FROM series WHERE n < %d) made`,
		firstAnswer+done, done, begin, done, int64(scoreDays)*86_400, all, count)
	group := fmt.Sprintf("hash %% %d", scoreGroups)
	score := fmt.Sprintf("hash / %d %% 11", scoreGroups)
	band := fmt.Sprintf("CASE WHEN %s > 8 THEN 'promoter' WHEN %s > 6 THEN 'passive' ELSE 'detractor' END", score, score)
	return []string{
		fmt.Sprintf(`INSERT INTO invitations (id, program, version, batch, item_id, contact_key, account_key, state, rule, facts, locale, due_at, created_at,
			asked_at, sent_at, score_group) SELECT 'i' || id, %s, %s, '', 0, '', '', 'responded', '', '{}', 'en', at, at, at, at, 1 + %s FROM %s`,
			program, version, group, rows),
		fmt.Sprintf(`INSERT INTO responses (id, invitation_id, program, version, contact_key, account_key, state, score, band, done, revision, recorded,
			answered_at, changed_at, score_group) SELECT 'r' || id, 'i' || id, %s, %s, '', '', 'final', %s, %s, TRUE, 1, 1, at, at, 1 + %s FROM %s`,
			program, version, score, band, group, rows),
	}
}

// overview are the figures of the page: of twelve calendar months, and of the last three
// months and thirty days to the day.
func overview() []store.ScoreQuery {
	year, quarter := time.Date(scoresEnd.Year(), scoresEnd.Month()-11, 1, 0, 0, 0, 0, time.UTC), scoresEnd.AddDate(0, -3, 0)
	nps := func(from time.Time, period store.Period, by ...string) store.ScoreQuery {
		return store.ScoreQuery{Metric: survey.NPS, From: from, Period: period, By: by}
	}
	return []store.ScoreQuery{
		nps(time.Time{}, "", store.DimensionProgram),
		nps(year, store.Month, store.DimensionProgram),
		nps(year, store.Quarter, store.DimensionTouchpoint),
		nps(quarter, "", store.DimensionProgram, "industry"),
		nps(year, store.Month, store.DimensionProgram, "region"),
		nps(scoresEnd.AddDate(0, 0, -30), "", store.DimensionOwner),
		nps(year, "", "industry", "region"),
	}
}

// overviewTimes reads the page over and over and returns how long it took, in milliseconds,
// and the 95th percentile of the slowest of its figures.
func overviewTimes(ctx context.Context, s *sqlstore.Store, answers int) (took []time.Duration, slowest float64, err error) {
	each := make([][]time.Duration, len(overview()))
	for range overviews {
		begun := time.Now()
		for n, q := range overview() {
			before := time.Now()
			cells, err := s.ScoreCells(ctx, q)
			if err != nil {
				return nil, 0, err
			}
			if n == 0 {
				if err := allCounted(cells, answers); err != nil {
					return nil, 0, err
				}
			}
			each[n] = append(each[n], time.Since(before))
		}
		took = append(took, time.Since(begun))
	}
	for _, times := range each {
		slowest = max(slowest, percentile(times, 95))
	}
	return took, slowest, nil
}

// allCounted returns an error unless each answer is counted once.
func allCounted(cells []store.ScoreCell, answers int) error {
	n := 0
	for _, c := range cells {
		n += c.N()
	}
	if n != answers {
		return fmt.Errorf("%d of %d answers are counted", n, answers)
	}
	return nil
}
