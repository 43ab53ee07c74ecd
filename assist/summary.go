package assist

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

// Summary is what customers wrote, summed up.
type Summary struct {
	Program string    `json:"program,omitempty"` // "" of all
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	// Comments are how many there are, and Read the newest of them, which Text is of.
	Comments int    `json:"comments"`
	Read     int    `json:"read"`
	Text     string `json:"text,omitempty"` // "" of fewer than MinComments
}

// MinComments is how many there have to be: a summary of fewer would be what single
// customers said.
const MinComments = 10

// What a model is shown at most.
const (
	mostAnswers  = 1000 // that are looked through of a program
	mostComments = 150
	mostOfOne    = 600 // characters
)

// told is a comment as the model is shown it.
type told struct {
	Program string      `json:"survey"`
	Band    survey.Band `json:"rated"`
	Comment string      `json:"comment"`
}

// Summary sums up what customers wrote from a moment until before another, to one program
// or, with "", to all, in a language (BCP 47).
func (a *Assistant) Summary(ctx context.Context, program string, from, to time.Time, language string) (Summary, error) {
	out := Summary{Program: program, From: from, To: to}
	var quotes []store.Quote
	for _, p := range a.Programs {
		if program != "" && p.ID != program || !ofCustomers(p) {
			continue
		}
		found, err := a.Store.Quotes(ctx, p.ID, from, to, mostAnswers)
		if err != nil {
			return Summary{}, err
		}
		quotes = append(quotes, found...)
	}
	out.Comments = len(quotes)
	if out.Comments < MinComments {
		return out, nil
	}
	slices.SortStableFunc(quotes, func(a, b store.Quote) int {
		return cmp.Or(b.Response.AnsweredAt.Compare(a.Response.AnsweredAt), cmp.Compare(a.Response.ID, b.Response.ID))
	})
	quotes = quotes[:min(len(quotes), mostComments)]
	out.Read = len(quotes)
	shown := make([]told, len(quotes))
	for i, q := range quotes {
		shown[i] = told{q.Response.Program, q.Response.Band, clip(survey.Mask(q.Response.Comment, q.Contact, q.Account), mostOfOne)}
	}
	text, err := json.Marshal(shown)
	if err != nil {
		return Summary{}, err
	}
	if out.Text, err = a.Model.Ask(ctx, summaryInstruction(language), string(text)); err != nil {
		return Summary{}, fmt.Errorf("sum up comments: %w", err)
	}
	// A model may write what looks like an address or a link, which would be followed.
	out.Text = clip(survey.Mask(out.Text, survey.Contact{}, survey.Account{}), mostSummary)
	return out, nil
}

// mostSummary is how long a summary may be, in characters: one section of a message.
const mostSummary = 2500

func summaryInstruction(language string) string {
	return "You sum up what customers wrote in surveys, for the team that serves them." +
		" You are given a JSON list of comments with how each customer rated." +
		" Write at most six short lines, each beginning with •, the most frequent matter first: what customers complain of, what they praise," +
		" about how many comments say so, and where it helps a few words of one as a quotation." +
		" Say nothing that is not in the comments, name nobody, advise nothing, and write no title and no markup." +
		" Write in the language " + language + "." + untrusted
}
