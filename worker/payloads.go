package main

import (
	"encoding/base64"
	"fmt"

	"go.temporal.io/sdk/converter"

	"github.com/cxloop/cxloop/codec"
	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/web"
)

// payloadCodec is nil where no keys are configured.
func payloadCodec(keys []config.NamedKey) (*codec.Codec, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	decoded := make([]codec.Key, len(keys))
	for i, key := range keys {
		secret, err := base64.StdEncoding.DecodeString(key.Key.Reveal())
		if err != nil {
			return nil, fmt.Errorf("security.payload_keys[%d].key: want base64", i)
		}
		decoded[i] = codec.Key{ID: key.ID, Secret: secret}
	}
	return codec.New(decoded)
}

// codecEndpoint is nil where no page may have payloads decrypted. The UI of a local
// server has no sign-in, so that it has no token to give.
func (a *app) codecEndpoint() (*web.Codec, error) {
	security := a.config.Security
	if len(security.CodecOrigins) == 0 {
		return nil, nil
	}
	payloads, err := payloadCodec(security.PayloadKeys)
	if err != nil {
		return nil, err
	}
	return &web.Codec{
		Handler: converter.NewPayloadCodecHTTPHandler(payloads),
		Origins: security.CodecOrigins, LocalOpen: a.config.Temporal.Local,
	}, nil
}
