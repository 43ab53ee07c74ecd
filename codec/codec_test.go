package codec

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

// key is one whose secret repeats a letter.
func key(id string, letter byte) Key {
	return Key{ID: id, Secret: bytes.Repeat([]byte{letter}, KeySize)}
}

func newCodec(t *testing.T, keys ...Key) *Codec {
	t.Helper()
	c, err := New(keys)
	require.NoError(t, err)
	return c
}

// plain are payloads of several encodings.
func plain(t *testing.T) []*commonpb.Payload {
	t.Helper()
	payloads, err := converter.GetDefaultDataConverter().ToPayloads("marked", nil, []byte{0, 1}, map[string]int{"marked": 1})
	require.NoError(t, err)
	return append(payloads.Payloads, &commonpb.Payload{})
}

func requireSame(t *testing.T, want, got []*commonpb.Payload) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.True(t, proto.Equal(want[i], got[i]), "%v became %v", want[i], got[i])
	}
}

func TestPayloadsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	c, given := newCodec(t, key("k1", 'a')), plain(t)
	encrypted, err := c.Encode(given)
	require.NoError(t, err)
	for _, p := range encrypted {
		require.Equal(t, "binary/encrypted", string(p.Metadata["encoding"]))
		require.Equal(t, "k1", string(p.Metadata["encryption-key-id"]))
		require.Len(t, p.Metadata, 2)
		require.NotContains(t, string(p.Data), "marked")
		require.NotContains(t, string(p.Data), "plain")
	}
	decrypted, err := c.Decode(encrypted)
	require.NoError(t, err)
	requireSame(t, plain(t), given)
	requireSame(t, given, decrypted)

	again, err := c.Encode(given)
	require.NoError(t, err)
	require.NotEqual(t, encrypted[0].Data, again[0].Data, "a nonce was used twice")
}

// Running workflows survive that encryption is switched on.
func TestPlainPayloadsAreLeftAsTheyAre(t *testing.T) {
	t.Parallel()
	decrypted, err := newCodec(t, key("k1", 'a')).Decode(plain(t))
	require.NoError(t, err)
	requireSame(t, plain(t), decrypted)
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	before, next := key("2026", 'a'), key("2027", 'b')
	old, err := newCodec(t, before).Encode(plain(t))
	require.NoError(t, err)

	rotated := newCodec(t, next, before)
	fresh, err := rotated.Encode(plain(t))
	require.NoError(t, err)
	require.Equal(t, "2027", string(fresh[0].Metadata["encryption-key-id"]))
	for _, encrypted := range [][]*commonpb.Payload{old, fresh} {
		for _, c := range []*Codec{rotated, newCodec(t, before, next)} {
			decrypted, err := c.Decode(encrypted)
			require.NoError(t, err)
			requireSame(t, plain(t), decrypted)
		}
	}
	_, err = newCodec(t, next).Decode(old)
	require.ErrorIs(t, err, ErrUnknownKey)
	require.EqualError(t, err, `payload key "2026": no payload key of that id is configured`)
}

func TestWhatWasChangedIsRefused(t *testing.T) {
	t.Parallel()
	c := newCodec(t, key("k1", 'a'), key("k2", 'b'))
	for name, change := range map[string]func(*commonpb.Payload){
		"another byte":         func(p *commonpb.Payload) { p.Data[len(p.Data)/2] ^= 1 },
		"cut":                  func(p *commonpb.Payload) { p.Data = p.Data[:len(p.Data)-1] },
		"shorter than a nonce": func(p *commonpb.Payload) { p.Data = p.Data[:5] },
		"nothing":              func(p *commonpb.Payload) { p.Data = nil },
		"another key id":       func(p *commonpb.Payload) { p.Metadata["encryption-key-id"] = []byte("k2") },
		"no key id":            func(p *commonpb.Payload) { delete(p.Metadata, "encryption-key-id") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encrypted, err := c.Encode(plain(t))
			require.NoError(t, err)
			change(encrypted[1])
			_, err = c.Decode(encrypted)
			require.ErrorContains(t, err, "payload key ")
		})
	}
}

func TestKeysAreChecked(t *testing.T) {
	t.Parallel()
	for want, keys := range map[string][]Key{
		"payload keys: want at least one":         nil,
		`payload key "": want an id of its own`:   {key("", 'a')},
		`payload key "k1": want an id of its own`: {key("k1", 'a'), key("k1", 'b')},
		`payload key "k1" has 3 bytes: want 32`:   {{ID: "k1", Secret: []byte("abc")}},
	} {
		_, err := New(keys)
		require.EqualError(t, err, want)
	}
}

func TestFailuresAreEncrypted(t *testing.T) {
	t.Parallel()
	convert := newCodec(t, key("k1", 'a')).Converters()
	cause := temporal.NewApplicationErrorWithOptions("the marked cause", "Kind", temporal.ApplicationErrorOptions{Details: []any{"a marked detail"}})
	failure := convert.Failure.ErrorToFailure(temporal.NewNonRetryableApplicationError("a marked message", "Kind", cause))
	require.NotContains(t, failure.String(), "marked")
	back := convert.Failure.FailureToError(failure)
	require.ErrorContains(t, back, "a marked message")
	require.ErrorContains(t, back, "the marked cause")
	applied, ok := errors.AsType[*temporal.ApplicationError](back)
	require.True(t, ok)
	require.Equal(t, "Kind", applied.Type())
}

func TestMissingKeyPanics(t *testing.T) {
	t.Parallel()
	encrypted, err := newCodec(t, key("old", 'a')).Converters().Data.ToPayload("x")
	require.NoError(t, err)
	require.PanicsWithError(t, `payload key "old": `+ErrUnknownKey.Error(), func() {
		_ = newCodec(t, key("new", 'b')).Converters().Data.FromPayload(encrypted, new(string))
	})
}

func FuzzDecode(f *testing.F) {
	c, err := New([]Key{key("k1", 'a')})
	require.NoError(f, err)
	secret := strings.Repeat("x", 40)
	good, err := c.Encode([]*commonpb.Payload{{Data: []byte(secret)}})
	require.NoError(f, err)
	f.Add("binary/encrypted", "k1", good[0].Data)
	f.Add("binary/encrypted", "", []byte{})
	f.Add("json/plain", "k1", []byte("{}"))
	f.Fuzz(func(t *testing.T, encoding, id string, data []byte) {
		given := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte(encoding), "encryption-key-id": []byte(id)}, Data: data}
		out, err := c.Decode([]*commonpb.Payload{given})
		switch {
		case encoding != "binary/encrypted":
			require.NoError(t, err)
			require.Same(t, given, out[0])
		case err == nil: // the seed alone is sealed with the key, by whichever process made it
			require.Equal(t, secret, string(out[0].GetData()))
		}
	})
}
