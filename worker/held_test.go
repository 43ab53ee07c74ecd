package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/store"
	"github.com/cxloop/cxloop/survey"
)

func TestHeldAnswersAreListed(t *testing.T) {
	t.Parallel()
	held := []store.HeldAnswer{{
		Item: "abc", Program: "won", At: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Answered: true, Score: 0, Unsubscribed: true,
		Visit: survey.Visit{Signs: []survey.Sign{survey.SignScores, survey.SignUnrendered}},
	}, {Item: "ask-def", Program: "won", Unsubscribed: true}}
	var out bytes.Buffer
	require.NoError(t, writeHeld(&out, held, false))
	require.Equal(t, "MAIL     PROGRAM  CAME                 WHAT                    SIGNS\n"+
		"abc      won      2026-11-21 09:00:00  score 0, unsubscribing  scores unrendered\n"+
		"ask-def  won      0001-01-01 00:00:00  unsubscribing           \n", out.String())
	out.Reset()
	require.NoError(t, writeHeld(&out, held[:1], true))
	require.JSONEq(t, `{"mail":"abc","program":"won","at":"2026-11-21T09:00:00Z","score":0,"unsubscribed":true,"signs":["scores","unrendered"]}`, out.String())
	out.Reset()
	require.NoError(t, writeHeld(&out, nil, false))
	require.Equal(t, "Nothing is held.\n", out.String())
}
