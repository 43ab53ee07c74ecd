package sqlstore

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The statements that are run all the time must not read whole tables.
func TestStatementsUseIndices(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	_, err := s.Migrate(t.Context())
	require.NoError(t, err)
	for name, test := range map[string]struct {
		text  string
		args  int
		index string
	}{
		"due lanes":      {dueLanes, 4, "inbox_waiting"},
		"campaign due":   {nextOfCampaign, 1, "inbox_waiting"},
		"its batches":    {batchesOfCampaign, 1, "inbox_campaigns"},
		"postponed":      {postponeDay, 4, "inbox_campaigns"},
		"held campaigns": {sqlite.sql(heldCampaigns), 2, "inbox_campaigns"},
		"batch items":    {`SELECT id FROM inbox WHERE batch = ? AND done_at IS NULL ORDER BY id`, 1, "inbox_batch"},
		"dirty signals":  {dirtyRecords, 2, "signals_dirty"},
		"expired":        {sqlite.sql(expireSome), 3, "invitations_expiry"},
		"who is silent":  {sqlite.sql(dueUnanswered), 2, "unanswered_due"},
		"how often":      {sqlite.sql(selectUnanswered), 3, "invitations_contact"},
		"unknown effect": {`SELECT key FROM effects WHERE state = 'unknown' ORDER BY at, key LIMIT ?`, 1, "effects_unknown"},
		"recipients":     {selectRecipients + `WHERE i.batch = ? AND i.state = ? ORDER BY i.id`, 2, "invitations_batch"},
		"open cases":     {sqlite.sql(selectOpenCases), 2, "cases_open_account"},
		"ended cases":    {sqlite.sql(selectEndedCases), 4, "cases_ended_account"},
		"to ask again":   {sqlite.sql(selectToAskAgain), 2, "inbox_rechecks"},
		"no answer":      {selectNoAnswer, 2, "invitations_recheck"},
		"thanks":         {selectThanks, 2, "thanks_batch"},
		"earlier":        {sqlite.sql(selectPast), 2, "invitations_contact"},
		"one address":    {sqlite.sql(`SELECT key FROM contacts WHERE key IN ` + samePersons), 3, "contacts_address"},
		"one number":     {sqlite.sql(`SELECT key FROM contacts WHERE key IN ` + samePersons), 3, "contacts_phone"},
		"who left":       {`SELECT ` + hasLeft + ` FROM contacts c WHERE c.key = ?`, 1, "contacts_phone"},
		"of an account":  {sqlite.sql(countOfAccounts), 2, "invitations_account"},
		"on a day":       {sqlite.sql(countOfDay), 5, "invitations_day"},
		"mails of a day": {countOfMails, 3, "effects_day"},
		"guarded mails":  {countMails, 2, "invitations_sent"},
		"guarded events": {countEvents, 3, "mail_events_bad"},
		"same address":   {sqlite.sql(contactsAt), 2, "contacts_address"},
		"of a program":   {`SELECT score FROM responses WHERE program = ? AND recorded > 0`, 1, "responses_program"},
		"who answered":   {`UPDATE invitations SET state = state WHERE program = ? AND state = 'responded'`, 1, "invitations_responded"},
		"quotes":         {selectQuotes, 4, "responses_program"},
		"unhappy":        {selectUnhappy, 2, "responses_unhappy"},
		"comments":       {latestComments, 1, "responses_read"},
		"of accounts":    {sqlite.sql(openCasesOfAccounts), 1, "cases_open_account"},
		"storm":          {stormUnderWay, 2, "storms_channel"},
		"channel cases":  {casesBefore, 2, "case_places_channel"},
		"worst cases":    {worstCases, 2, "case_places_storm"},
		"unposted cases": {unpostedCases, 2, "case_places_storm"},
		"published":      {publishedModel, 1, "model_versions_published"},
		"with forecasts": {nextAccounts, 2, "forecasts_account"},
		"forecasts of":   {sqlite.sql(forecastsOfAccounts), 1, "forecasts_account"},
		"roll-ups":       {sqlite.sql(selectCells), 4, "PRIMARY KEY (grp=? AND grain=? AND day>? AND day<?)"},
		"roll-up groups": {sqlite.sql(selectGroups), 2, "score_groups_facet"},
		"scanned":        {fmt.Sprintf(scanResponses, "i.score_group", "i.score_group"), 3, "responses_program"},
		"scanned few":    {fmt.Sprintf(scanUnnoted, "i.score_group", "i.score_group"), 3, "invitations_unnoted"},
		"scanned asked":  {fmt.Sprintf(scanAsked, "i.score_group", "i.score_group"), 3, "invitations_sent"},
		"asks":           {selectAskRecipients + `WHERE k.batch = ? ORDER BY k.id`, 1, "asks_batch"},
		"its behaviour":  {sqlite.sql(ofContacts.behaviour), 2, "behaviour_contact"},
		"asked of it":    {sqlite.sql(ofContacts.invitations), 3, "invitations_contact"},
		"answered":       {sqlite.sql(ofContacts.answers), 2, "responses_contact"},
		"its cases":      {sqlite.sql(ofContacts.cases), 2, "case_responses_response"},
		"bought there":   {sqlite.sql(ofAccounts.behaviour), 4, "behaviour_account"},
		"by contacts":    {sqlite.sql(ofAccounts.behaviour), 4, "contacts_account"},
		"asked there":    {sqlite.sql(ofAccounts.invitations), 3, "invitations_account"},
		"answered there": {sqlite.sql(ofAccounts.answers), 2, "responses_account"},
		"open there":     {sqlite.sql(ofAccounts.cases), 4, "cases_open_account"},
		"ended there":    {sqlite.sql(ofAccounts.cases), 4, "cases_ended_account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps, err := collect(t.Context(), s.read(), func(row scanner) (step string, err error) {
				var id, parent, unused int
				err = row.Scan(&id, &parent, &unused, &step)
				return step, err
			}, "EXPLAIN QUERY PLAN "+test.text, make([]any, test.args)...)
			require.NoError(t, err)
			plan := strings.Join(steps, "\n")
			require.Contains(t, plan, test.index, plan)
			for _, step := range steps {
				full := strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "INDEX") &&
					step != "SCAN lanes" && step != "SCAN batches" && step != "SCAN one" && step != "SCAN records" && step != "SCAN counted" && step != "SCAN linked" && !strings.HasPrefix(step, "SCAN CONSTANT")
				require.False(t, full, plan)
			}
		})
	}
}
