package codec

import (
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
)

// Converters are what a Temporal client, worker or replayer has to be made with.
type Converters struct {
	Data    converter.DataConverter
	Failure converter.FailureConverter
}

// Converters returns those that encrypt all that a client, worker or replayer writes.
// A payload that cannot be decrypted makes them panic: within a workflow task, the
// SDK takes an error for the workflow's own and fails the workflow for good, but a
// panic fails the task alone, which is tried again until the key is there.
func (c *Codec) Converters() Converters {
	data := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), waiting{c})
	return Converters{
		Data: data,
		Failure: temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
			DataConverter: data, EncodeCommonAttributes: true,
		}),
	}
}

// waiting is a codec whose user is to wait for the key.
type waiting struct{ *Codec }

func (w waiting) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out, err := w.Codec.Decode(payloads)
	if err != nil {
		panic(err)
	}
	return out, nil
}
