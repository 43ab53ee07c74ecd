// Package casetext words what account teams read of a case, in their language: its state,
// who has it, what the customer said, and what happened since. Slack's messages and the
// case's page are made of the same words.
package casetext

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/survey"
)

//go:embed words/*.yaml
var files embed.FS

// Words are all texts in one language. Placeholders stand in braces, see fill.
type Words struct {
	// Locale is the language, BCP 47.
	Locale string `yaml:"-"`

	Unhappy string `yaml:"unhappy"`
	// Titles are of cases that no unhappy score led to.
	Titles      map[survey.CaseOrigin]string `yaml:"titles"`
	FailedAudit string                       `yaml:"failed_audit"`
	Customer    string                       `yaml:"customer"`
	ContactID   string                       `yaml:"contact_id"`
	AccountID   string                       `yaml:"account_id"`

	Labels Labels `yaml:"labels"`

	Nobody      string `yaml:"nobody"`
	ScoreOf     string `yaml:"score_of"`
	ScoreOnly   string `yaml:"score_only"`
	OfColleague string `yaml:"of_colleague"`
	InProgram   string `yaml:"in_program"`

	Bands map[survey.Band]string `yaml:"bands"`
	// Why says why there is a case where it is not the score, and what is remarkable.
	Why        map[string]string              `yaml:"why"`
	Priorities map[survey.CasePriority]string `yaml:"priorities"`
	States     map[survey.CaseState]string    `yaml:"states"`
	By         string                         `yaml:"by"`
	Until      string                         `yaml:"until"`
	Because    string                         `yaml:"because"`
	// ClosedBecause is by the choice of the event that closed a case.
	ClosedBecause map[string]string            `yaml:"closed_because"`
	Buttons       map[survey.CaseAction]string `yaml:"buttons"`

	// Refused tells who clicked why nothing changed, and Refusals have the reasons by code.
	Refused  string            `yaml:"refused"`
	Refusals map[string]string `yaml:"refusals"`

	// Clocks say what has to be done, by the names of clocks.
	Clocks  map[string]string `yaml:"clocks"`
	DueBy   string            `yaml:"due_by"`
	Overdue string            `yaml:"overdue"`

	Withdrawn     string `yaml:"withdrawn"`
	FailedPoints  string `yaml:"failed_points"`
	Weight        string `yaml:"weight"`
	AndMore       string `yaml:"and_more"`
	WholeComment  string `yaml:"whole_comment"`
	CasePage      string `yaml:"case_page"`
	CRMRecord     string `yaml:"crm_record"`
	Opened        string `yaml:"opened"`
	Ended         string `yaml:"ended"`
	ReopenedTimes string `yaml:"reopened_times"`
	Responses     string `yaml:"responses"`

	// Story has a line for each event of a case's history.
	Story      map[string]string `yaml:"story"`
	Cause      string            `yaml:"cause"`
	Reason     string            `yaml:"reason"`
	Escalation string            `yaml:"escalation"`
	Moved      string            `yaml:"moved"`
	ToCase     string            `yaml:"to_case"`

	Months []string `yaml:"months"`
	Date   string   `yaml:"day"`
	Time   string   `yaml:"moment"`

	Page   PageWords   `yaml:"page"`
	Themes ThemeWords  `yaml:"themes"`
	Record RecordWords `yaml:"record"`
	Storm  DigestWords `yaml:"storm"`
}

// Labels stand before what is shown of a case.
type Labels struct {
	State     string `yaml:"state"`
	HasIt     string `yaml:"has_it"`
	Score     string `yaml:"score"`
	Priority  string `yaml:"priority"`
	Account   string `yaml:"account"`
	Contact   string `yaml:"contact"`
	Auditor   string `yaml:"auditor"`
	Value     string `yaml:"value"`
	Renewal   string `yaml:"renewal"`
	Segment   string `yaml:"segment"`
	ChurnRisk string `yaml:"churn_risk"`
	Due       string `yaml:"due"`
	Program   string `yaml:"program"`
	Earlier   string `yaml:"earlier"`
	Answers   string `yaml:"answers"`
	Comment   string `yaml:"comment"`
	Story     string `yaml:"story"`
	Why       string `yaml:"why"`
	Before    string `yaml:"case_before"`
	Other     string `yaml:"other"`
	Answered  string `yaml:"answered"`
	// About stands before what a comment is about.
	About string `yaml:"about"`
}

// PageWords are those of the case's page alone.
type PageWords struct {
	Title     string `yaml:"title"`
	NoAnswers string `yaml:"no_answers"`
	Expires   string `yaml:"expires"`
	// Draft is the button for one, which says DraftShown; DraftNote is below the draft.
	Draft      string `yaml:"draft"`
	DraftShown string `yaml:"draft_shown"`
	DraftTitle string `yaml:"draft_title"`
	DraftNote  string `yaml:"draft_note"`
	NoDraft    string `yaml:"no_draft"`
}

// RecordWords are those of the case's task or ticket in the CRM alone.
type RecordWords struct {
	// Somebody of the team, whom the CRM does not know.
	Somebody string `yaml:"somebody"`
	Hint     string `yaml:"hint"`
}

// For returns the words of a language, the nearest there is, else English.
func For(language string) *Words {
	all := languages()
	found, ok := survey.Nearest(all, language)
	if !ok {
		found = survey.DefaultLocale
	}
	return all[found]
}

var languages = sync.OnceValue(func() map[string]*Words {
	all, err := read()
	if err != nil {
		panic("casetext: " + err.Error())
	}
	return all
})

func read() (map[string]*Words, error) {
	names, err := fs.Glob(files, "words/*.yaml")
	if err != nil {
		return nil, err
	}
	all := map[string]*Words{}
	for _, name := range names {
		body, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		decoder := yaml.NewDecoder(bytes.NewReader(body))
		decoder.KnownFields(true)
		words := &Words{Locale: strings.TrimSuffix(path.Base(name), ".yaml")}
		if err := decoder.Decode(words); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[words.Locale] = words
	}
	return all, nil
}

// NothingChanged tells who clicked why nothing changed. A code without a text is told by its
// reason, as it was noted.
func (w *Words) NothingChanged(code, reason string, state survey.CaseState) string {
	if text := w.Refusals[code]; text != "" {
		reason = fill(text, "state", w.States[state])
	}
	return fill(w.Refused, "why", reason)
}

// fill replaces placeholders, given as names and values in turn. What is put in is not
// looked at again.
func fill(text string, namesAndValues ...string) string {
	pairs := make([]string, len(namesAndValues))
	for i, s := range namesAndValues {
		if i%2 == 0 {
			s = "{" + s + "}"
		}
		pairs[i] = s
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Capital begins a text with a capital letter.
func Capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
