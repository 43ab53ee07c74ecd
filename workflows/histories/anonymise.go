package histories

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
)

// anonymise takes out of a message what names the machine that recorded it:
// identities, stack traces, and the queue that a worker keeps to itself. None of
// it matters to a replay.
func anonymise(message protoreflect.Message) {
	if queue, ok := message.Interface().(*taskqueuepb.TaskQueue); ok && queue.GetKind() == enumspb.TASK_QUEUE_KIND_STICKY {
		queue.Name = "sticky"
	}
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			if field.MapValue().Kind() == protoreflect.MessageKind {
				value.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
					anonymise(v.Message())
					return true
				})
			}
		case field.IsList():
			if field.Kind() == protoreflect.MessageKind {
				for i := range value.List().Len() {
					anonymise(value.List().Get(i).Message())
				}
			}
		case field.Kind() == protoreflect.MessageKind:
			anonymise(value.Message())
		case field.Name() == "identity":
			message.Set(field, protoreflect.ValueOfString("worker"))
		case field.Name() == "stack_trace":
			message.Clear(field)
		}
		return true
	})
}
