package webhook

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// Feedback is a comment that nobody asked for.
type Feedback struct {
	survey.Feedback
	// Event carries the contact and the account, where somebody knows whose it is.
	Event survey.Event
}

// languagePattern is of language tags (BCP 47), as all systems write them: a language is
// kept as it is, and must not hold anything else.
var languagePattern = regexp.MustCompile(`^[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{2,8}){0,3}$`)

// maxFeedbackAge is how old a comment may be.
const maxFeedbackAge = 10 * 365 * 24 * time.Hour

// ParseFeedback reads one comment, an array of them or {"feedback": […]}: id, source,
// kind and text are required. Its errors are *crm.Rejection, name the place and quote
// no value. Times are real.
func ParseFeedback(body []byte, crmID string, received time.Time) ([]Feedback, error) {
	return parseItems(body, "comment", "feedback", func(object map[string]any) (Feedback, error) {
		return parseFeedback(object, crmID, received)
	})
}

func parseFeedback(object map[string]any, crmID string, received time.Time) (f Feedback, err error) {
	if err := onlyFields(object, "id", "source", "kind", "contact", "account", "text", "rating", "language", "url", "time"); err != nil {
		return f, err
	}
	var kind string
	for _, a := range []struct {
		name     string
		required bool
		into     *string
	}{{"id", true, &f.SourceID}, {"source", true, &f.Source}, {"kind", true, &kind}, {"language", false, &f.Language}, {"url", false, &f.URL}} {
		if *a.into, err = attributeOf(object, a.name, a.required); err != nil {
			return f, err
		}
	}
	if f.Kind = survey.FeedbackKind(kind); !f.Kind.Known() {
		return f, fault("kind", "is unknown: want one of %s", kindNames())
	}
	if f.Language != "" && !languagePattern.MatchString(f.Language) {
		return f, fault("language", "is not a language such as fr or fr-CA")
	}
	if f.URL != "" {
		if u, err := url.Parse(f.URL); err != nil || u.Host == "" || !slices.Contains([]string{"http", "https"}, u.Scheme) {
			return f, fault("url", "is not an address that begins with https://")
		}
	}
	check := func(text string) error { return survey.CheckText("text", text, survey.MaxFeedback) }
	if f.Text, err = longText(object, "text", check); err != nil {
		return f, err
	}
	if f.Text == "" {
		return f, fault("text", "is missing")
	}
	if f.Rating, err = ratingOf(object["rating"]); err != nil {
		return f, err
	}
	if f.At, err = timeWithin(object, received, maxFeedbackAge); err != nil {
		return f, err
	}
	f.Event, err = whoAnswered(object, crmID)
	return f, err
}

func kindNames() string {
	var names []string
	for _, k := range survey.FeedbackKinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

func ratingOf(value any) (float64, error) {
	if value == nil {
		return 0, nil
	}
	number, isNumber := value.(json.Number)
	stars, err := number.Float64()
	if !isNumber || err != nil || stars < survey.MinRating || stars > survey.MaxRating {
		return 0, fault("rating", "is not a number of %g to %g", survey.MinRating, survey.MaxRating)
	}
	return stars, nil
}
