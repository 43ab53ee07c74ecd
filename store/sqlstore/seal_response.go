package sqlstore

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/cxloop/cxloop/survey"
)

// responseBody is what a response's row seals, as JSON behind bodyMark. A comment that
// nothing goes with is sealed bare, as before there was anything else.
type responseBody struct {
	Comment string         `json:"comment,omitempty"`
	Answers survey.Answers `json:"answers,omitempty"`
}

// bodyMark tells a body in JSON from a bare comment: no comment holds it (storableText).
const bodyMark = 0x00

func encodeResponse(r survey.Response) ([]byte, error) {
	if len(r.Answers) == 0 {
		return []byte(r.Comment), nil
	}
	body, err := json.Marshal(responseBody{r.Comment, r.Answers})
	return append([]byte{bodyMark}, body...), err
}

func decodeResponse(plain []byte, r *survey.Response) error {
	if len(plain) == 0 || plain[0] != bodyMark {
		r.Comment = string(plain)
		return nil
	}
	var body responseBody
	err := json.Unmarshal(plain[1:], &body)
	r.Comment, r.Answers = body.Comment, body.Answers
	return err
}

// answererSubject is whose key seals what a customer said: the contact's, or the
// invitation's own where nobody knows who it is.
func answererSubject(r survey.Response) string {
	if r.ContactKey == "" {
		return invitationSubject(r.InvitationID)
	}
	return contactSubject(r.ContactKey)
}

// sealResponse seals what a customer said: null for nothing.
func (q session) sealResponse(ctx context.Context, r survey.Response) (any, error) {
	plain, err := encodeResponse(r)
	if err != nil || len(plain) == 0 {
		return nil, err
	}
	subject := answererSubject(r)
	keys, err := q.keys.get(ctx, []string{subject})
	if err != nil {
		return nil, err
	}
	return keys[subject].seal(responsePlace(r.ID), plain), nil
}

// openResponses opens what responses seal, which seals holds in their order.
func (q session) openResponses(ctx context.Context, responses []survey.Response, seals [][]byte) error {
	parts := make([]sealedPart, len(responses))
	for i := range responses {
		r := &responses[i]
		parts[i] = sealedPart{answererSubject(*r), responsePlace(r.ID), seals[i], func(plain []byte) error {
			return decodeResponse(plain, r)
		}}
	}
	return q.open(ctx, parts)
}

// storableAnswer is an answer as it will be read again.
func storableAnswer(a survey.Answer) survey.Answer {
	a.Comment = storableText(a.Comment)
	a.Answers = maps.Clone(a.Answers)
	for id, one := range a.Answers {
		one.Text = storableText(one.Text)
		a.Answers[id] = one
	}
	return a
}
