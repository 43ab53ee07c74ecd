package sqlstore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/survey"
)

func TestResponseBodies(t *testing.T) {
	t.Parallel()
	answers := survey.Answers{"causes": {Chosen: []string{"price"}}, "wish": {}}
	for name, c := range map[string]struct {
		response survey.Response
		plain    string
	}{
		"nothing":           {survey.Response{}, ""},
		"a comment alone":   {survey.Response{Comment: `{"comment":"x"}`}, `{"comment":"x"}`},
		"answers alone":     {survey.Response{Answers: answers}, "\x00" + `{"answers":{"causes":{"chosen":["price"]},"wish":{}}}`},
		"answers and words": {survey.Response{Comment: "slow", Answers: answers}, "\x00" + `{"comment":"slow","answers":{"causes":{"chosen":["price"]},"wish":{}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain, err := encodeResponse(c.response)
			require.NoError(t, err)
			require.Equal(t, c.plain, string(plain))
			var read survey.Response
			require.NoError(t, decodeResponse(plain, &read))
			require.Equal(t, c.response, read)
		})
	}
	require.Error(t, decodeResponse([]byte("\x00{"), &survey.Response{}))
}
