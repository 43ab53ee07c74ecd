package webhook

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cxloop/cxloop/integrations/crm"
)

func TestParseInvitation(t *testing.T) {
	t.Parallel()
	in, err := ParseInvitation([]byte(`{"id":"chat-1","program":"p","contact":{"id":7,"email":"lena@nordwind.example"},"data":{"amount":3}}`), "own")
	require.NoError(t, err)
	require.Equal(t, "chat-1", in.ID)
	require.Equal(t, "p", in.Program)
	contact, account := in.Event.People()
	require.Equal(t, "own/7", contact.Key)
	require.Equal(t, "lena@nordwind.example", contact.Email)
	require.Nil(t, account)
	amount, _ := in.Event.Field("amount")
	require.Equal(t, "3", amount)
}

func FuzzParseInvitation(f *testing.F) {
	f.Add([]byte(`{"id":"chat-1","program":"p","contact":{"id":7,"email":"lena@nordwind.example"},"account":{"id":"1"},"data":{"amount":3}}`))
	f.Add([]byte(`{"id":"chat-1","program":"p","contact":{"id":null}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := ParseInvitation(body, "own")
		if err != nil {
			require.IsType(t, &crm.Rejection{}, err)
			return
		}
		contact, _ := in.Event.People()
		require.NotEmpty(t, in.ID+in.Program)
		require.NotNil(t, contact)
	})
}
