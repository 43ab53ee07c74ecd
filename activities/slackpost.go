package activities

import (
	"context"
	"strings"
	"time"

	"github.com/cxloop/cxloop/integrations"
	"github.com/cxloop/cxloop/integrations/slack"
	"github.com/cxloop/cxloop/store"
)

// How a post is looked up of which nobody knows whether it did its work.
const (
	// slackSettles is how long after a post was begun it is in the channel's history or
	// will never be: as long as the client waits for an answer, and ten seconds more.
	slackSettles = 20 * time.Second
	// slackLook is the pause before the first look.
	slackLook = time.Second
	// slackClocks is how far Slack's clock may be behind.
	slackClocks = time.Minute
)

// place is where a message is posted: a channel, or the thread of a message in it. The note
// is kept with the effect for a later attempt to post the same.
type place struct{ channel, thread, note string }

// postedMessage is one that is there.
type postedMessage struct {
	channel, ts string
	// note is that of the attempt that posted it.
	note string
	// now is set where this attempt posted it.
	now bool
}

// postOnce posts a message once, whatever is killed: what an earlier attempt left in doubt
// is looked up first by the message's metadata, whose payload has one field, and posted
// again only where it is not there.
func (s *Slack) postOnce(ctx context.Context, effect string, at place, message slack.Message) (postedMessage, error) {
	return s.postNoted(ctx, effect, at, func(string) slack.Message { return message })
}

// postNoted is postOnce for a message that may come out otherwise in a later attempt: what
// an earlier one began is posted by the note of that one.
func (s *Slack) postNoted(ctx context.Context, effect string, at place, by func(note string) slack.Message) (postedMessage, error) {
	now := s.Clock.Now()
	begun, err := s.Store.BeginEffects(ctx, slackVendor, joinRef(at.channel, at.note), []string{effect}, now, s.Clock.Real(now))
	if err != nil {
		return postedMessage{}, err
	}
	for _, e := range begun.Done {
		channel, rest, _ := strings.Cut(e.Ref, "/")
		ts, note, _ := strings.Cut(rest, "/")
		return postedMessage{channel: channel, ts: ts, note: note}, nil
	}
	for _, e := range append(begun.Doubtful, begun.Unknown...) {
		// It may be that the next one would go to another channel.
		at.channel, at.note, _ = strings.Cut(e.Ref, "/")
		earlier, again, err := s.lookUp(ctx, e, at, by(at.note))
		if err != nil || !again {
			return earlier, err
		}
	}
	message := by(at.note)
	message.ThreadTS = at.thread
	channel, ts, postErr := s.Client.Post(ctx, at.channel, message)
	// The outcome is kept even when the worker is told to stop meanwhile.
	ctx = context.WithoutCancel(ctx)
	if postErr == nil {
		err := s.Store.EndEffects(ctx, []string{effect}, joinRef(channel, ts, at.note), s.Clock.Now())
		return postedMessage{channel: channel, ts: ts, note: at.note, now: true}, err
	}
	if integrations.KindOf(postErr) == integrations.Ambiguous {
		return postedMessage{}, inDoubt("Slack may have posted the message: the channel is looked through", slackLook)
	}
	if err := s.Store.DropEffects(ctx, []string{effect}); err != nil {
		return postedMessage{}, err
	}
	return postedMessage{}, failure(postErr)
}

// lookUp finds out what became of an earlier post. It reports whether to post it again: it
// is not in the history when it would have to be.
func (s *Slack) lookUp(ctx context.Context, post store.Effect, at place, message slack.Message) (found postedMessage, again bool, err error) {
	now := s.Clock.Real(s.Clock.Now())
	ts, err := s.find(ctx, post, at, message)
	if err != nil {
		return postedMessage{}, false, readable(err)
	}
	if ts != "" {
		s.Log.Info("a message was found in the channel", "effect", post.Key)
		err := s.Store.EndEffects(ctx, []string{post.Key}, joinRef(at.channel, ts, at.note), s.Clock.Now())
		return postedMessage{channel: at.channel, ts: ts, note: at.note}, false, err
	}
	if wait := post.TriedAt.Add(slackSettles).Sub(now); wait > 0 {
		return postedMessage{}, false, inDoubt("a message is not in the channel yet", wait)
	}
	again, err = s.Store.RetryEffect(ctx, post, now)
	if err == nil && !again {
		err = inDoubt("another attempt posts the message", slackSettles)
	}
	return postedMessage{}, again, err
}

func (s *Slack) find(ctx context.Context, post store.Effect, at place, message slack.Message) (ts string, err error) {
	since := post.TriedAt.Add(-slackClocks)
	for field, value := range message.Metadata.EventPayload {
		if at.thread == "" {
			return s.Client.FindMessage(ctx, at.channel, since, message.Metadata.EventType, field, value.(string))
		}
		return s.Client.FindReply(ctx, at.channel, at.thread, since, message.Metadata.EventType, field, value.(string))
	}
	panic("activities: a message without metadata is not found again: " + post.Key)
}

// joinRef is what is kept of a post with its effect: where it is, and its note.
func joinRef(parts ...string) string { return strings.TrimSuffix(strings.Join(parts, "/"), "/") }
