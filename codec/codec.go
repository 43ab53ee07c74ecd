// Package codec encrypts what Temporal keeps: the payloads of workflows and
// activities, and the messages and stack traces of their failures. Workflow ids,
// queue names and search attributes stay as they are.
package codec

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

// KeySize is the length of a key's secret in bytes, for AES-256.
const KeySize = 32

const (
	encoding    = "binary/encrypted"
	keyIDMember = "encryption-key-id" // of a payload's metadata
)

// ErrUnknownKey is wrapped by the error for a payload whose key is not there.
var ErrUnknownKey = errors.New("no payload key of that id is configured")

// Key is one key. Its ID stands in clear in each payload that it encrypts.
type Key struct {
	ID     string
	Secret []byte // KeySize bytes
}

// Codec encrypts payloads with AES-256-GCM, each with a random nonce. One key should
// not encrypt more than 2³² payloads (NIST SP 800-38D, 8.3).
type Codec struct {
	current string
	ciphers map[string]cipher.AEAD // by key id
}

var _ converter.PayloadCodec = (*Codec)(nil)

// New makes a codec that encrypts with the first key and decrypts with any.
func New(keys []Key) (*Codec, error) {
	if len(keys) == 0 {
		return nil, errors.New("payload keys: want at least one")
	}
	c := &Codec{current: keys[0].ID, ciphers: make(map[string]cipher.AEAD, len(keys))}
	for _, key := range keys {
		if key.ID == "" || c.ciphers[key.ID] != nil {
			return nil, fmt.Errorf("payload key %q: want an id of its own", key.ID)
		}
		if len(key.Secret) != KeySize {
			return nil, fmt.Errorf("payload key %q has %d bytes: want %d", key.ID, len(key.Secret), KeySize)
		}
		block, err := aes.NewCipher(key.Secret)
		if err != nil {
			return nil, fmt.Errorf("payload key %q: %w", key.ID, err)
		}
		if c.ciphers[key.ID], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, fmt.Errorf("payload key %q: %w", key.ID, err)
		}
	}
	return c, nil
}

// Encode encrypts whole payloads, with their metadata.
func (c *Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, payload := range payloads {
		plain, err := proto.Marshal(payload)
		if err != nil {
			return nil, fmt.Errorf("encrypt payload: %w", err)
		}
		out[i] = &commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encoding), keyIDMember: []byte(c.current)},
			Data:     c.ciphers[c.current].Seal(nil, nil, plain, []byte(c.current)),
		}
	}
	return out, nil
}

// Decode decrypts payloads. One that is not encrypted stays as it is, so that what
// began before encryption was switched on goes on.
func (c *Codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, payload := range payloads {
		if string(payload.GetMetadata()[converter.MetadataEncoding]) != encoding {
			out[i] = payload
			continue
		}
		var err error
		if out[i], err = c.decrypt(payload); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Codec) decrypt(payload *commonpb.Payload) (*commonpb.Payload, error) {
	id := payload.GetMetadata()[keyIDMember]
	aead, known := c.ciphers[string(id)]
	if !known {
		return nil, fmt.Errorf("payload key %q: %w", id, ErrUnknownKey)
	}
	plain, err := aead.Open(nil, nil, payload.GetData(), id)
	if err != nil {
		return nil, fmt.Errorf("payload key %q: not the key that encrypted it, or the payload was changed: %w", id, err)
	}
	out := &commonpb.Payload{}
	if err := proto.Unmarshal(plain, out); err != nil {
		return nil, fmt.Errorf("payload key %q: what was encrypted is no payload: %w", id, err)
	}
	return out, nil
}
