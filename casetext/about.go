package casetext

import (
	"slices"
	"strings"

	"github.com/cxloop/cxloop/survey"
)

// evidence words by what a comment is known to praise or, below 0, to complain; "" where
// nothing of it may be told.
func (w Writer) evidence(r survey.Response, sign float64) string {
	words := w.quoted(r.Reading.About(r.Comment, "", sign))
	if words == "" {
		return ""
	}
	return fill(w.Why["evidence"], "words", words)
}

// about is what the comment of a response is about, with the words by which.
func (w Writer) about(c Case, r survey.Response) []Row {
	var topics []string
	for _, id := range r.Reading.Topics {
		topic := w.Text(c.topicName(r, id, w.Locale))
		if words := w.quoted(r.Reading.About(r.Comment, id, 0)); words != "" {
			topic += " (" + words + ")"
		}
		topics = append(topics, topic)
	}
	if len(topics) == 0 {
		return nil
	}
	return []Row{{w.Labels.About, strings.Join(topics, " · ")}}
}

// topicName is that of the configuration, or of the cause of that id.
func (c Case) topicName(r survey.Response, id, locale string) string {
	if name := c.Facts.Topics[id].In(locale); name != "" {
		return name
	}
	return c.Programs[r.Version].CauseText(id, locale)
}

// mostQuoted is how many of a comment's words are told, each as often as it comes.
const mostQuoted = 3

func (w Writer) quoted(words []string) string {
	var quoted []string
	for _, word := range words {
		if one := "“" + w.Text(strings.Join(strings.Fields(word), " ")) + "”"; !slices.Contains(quoted, one) && len(quoted) < mostQuoted {
			quoted = append(quoted, one)
		}
	}
	return strings.Join(quoted, ", ")
}
