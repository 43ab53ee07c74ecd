package web

import (
	"strings"
	"testing"

	"github.com/cxloop/cxloop/survey"
)

func TestPageAsksByTheInvitationsVariant(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for variant, program := range map[string]survey.Program{"short": programs()[4], "plain": programs()[0]} {
		body := string(s.get("/s/" + s.tokens.Seal(survey.TokenSurvey, s.inviteTo(program, "de"))).body)
		s.want(strings.Contains(body, "Short?") == (variant == "short"), "the question of %s is not on the page:\n%s", variant, body)
	}
}
