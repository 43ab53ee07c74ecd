package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
)

// maxForm is the largest body of a page's form in bytes: a comment of
// survey.MaxComment characters of four bytes, each byte escaped to three, and
// as much again, so that one that is too long is still told what is wrong.
const maxForm = 128 << 10

// formProblem is what is wrong with a form, told to the person who sent it.
type formProblem struct {
	status int
	text   string
	// missing is set where an answer is missing, which each language has words for.
	missing bool
}

func (p *formProblem) Error() string { return p.text }

// readForm reads the fields of a form's body; a query is never looked at. Mail
// providers send their one-click unsubscribing as multipart/form-data (RFC 8058,
// section 3.1), browsers our forms urlencoded. The error is a *formProblem.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/x-www-form-urlencoded":
		return readURLEncoded(r.Body)
	case err == nil && kind == "multipart/form-data":
		if err := r.ParseMultipartForm(maxForm); err != nil {
			return nil, unreadable(err)
		}
		return r.MultipartForm.Value, nil
	}
	return nil, &formProblem{status: http.StatusUnsupportedMediaType, text: "want a form: application/x-www-form-urlencoded or multipart/form-data"}
}

func readURLEncoded(body io.Reader) (url.Values, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, unreadable(err)
	}
	fields, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, &formProblem{status: http.StatusBadRequest, text: "the form cannot be read"}
	}
	return fields, nil
}

func unreadable(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &formProblem{status: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("the form is larger than %d bytes", maxForm)}
	}
	return &formProblem{status: http.StatusBadRequest, text: "the form is incomplete"}
}

// field returns a field's only value and whether the form has it.
func field(form url.Values, name string) (value string, there bool, err error) {
	values := form[name]
	switch len(values) {
	case 0:
		return "", false, nil
	case 1:
		return values[0], true, nil
	}
	return "", true, &formProblem{status: http.StatusUnprocessableEntity, text: fmt.Sprintf("%s is given %d times: want it once", name, len(values))}
}
