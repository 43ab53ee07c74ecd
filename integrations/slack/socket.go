package slack

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/cxloop/cxloop/integrations"
)

// How a process listens to Slack's Socket Mode (docs.slack.dev/apis/events-api/using-socket-mode).
const (
	// sockets are how many connections a process has, of the ten that Slack allows an
	// app: it closes each every few hours, and the other one carries on meanwhile.
	sockets = 2
	// socketStagger is how long after one connection the next is made, so that they are
	// not closed together.
	socketStagger = 20 * time.Second
	// socketShort is a connection that was not worth the call: another one is made
	// after socketPause, twice as long each time up to socketMaxPause.
	socketShort    = 10 * time.Second
	socketPause    = 2 * time.Second
	socketMaxPause = time.Minute
	// maxEnvelope is the longest message taken, in bytes.
	maxEnvelope = 1 << 20
	// handledAtOnce is how many interactions of a connection are under way.
	handledAtOnce = 50
)

// Handler takes the payload of an interaction that came over a socket. What it returns
// goes back to Slack as the answer, nil for none. After an error nothing does: Slack
// tells the user after three seconds that it did not work.
type Handler func(ctx context.Context, payload []byte) (answer any, err error)

// Listen takes what people do in Slack over Socket Mode until the context ends: Slack
// needs no address to reach it. Several processes may listen, each gets a part. The
// client needs an app token. It connects again whenever it has to; what keeps it from
// that is logged.
func (c *Client) Listen(ctx context.Context, log *slog.Logger, handle Handler) error {
	if !c.sockets {
		return errors.New("slack: Socket Mode needs slack.app_token")
	}
	var all sync.WaitGroup
	for n := range sockets {
		all.Go(func() {
			if pause(ctx, time.Duration(n)*socketStagger) {
				listener{api: c.api, log: log.With("socket", n+1), handle: handle}.run(ctx)
			}
		})
	}
	all.Wait()
	return nil
}

// pause reports false when the context ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

// listener is one connection, made again and again.
type listener struct {
	api    *slack.Client
	log    *slog.Logger
	handle Handler
}

func (l listener) run(ctx context.Context) {
	wait := socketPause
	for {
		began := time.Now()
		l.listen(ctx)
		if time.Since(began) > socketMaxPause {
			wait = socketPause
		}
		if !pause(ctx, wait) {
			return
		}
		wait = min(2*wait, socketMaxPause)
	}
}

// listen connects, and again whenever Slack asks for it, until the context ends, Slack
// takes no connection, or one was of no use. It returns when nothing is under way.
func (l listener) listen(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	client := socketmode.New(l.api, socketmode.OptionReadLimit(maxEnvelope))
	ended := make(chan error, 1)
	go func() {
		defer stop()
		ended <- client.RunContext(ctx)
	}()
	var handling sync.WaitGroup
	slots := make(chan struct{}, handledAtOnce)
	var connected time.Time
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case event := <-client.Events:
			switch event.Type {
			case socketmode.EventTypeConnected:
				connected = time.Now()
				l.log.Info("Slack is listened to over Socket Mode")
			case socketmode.EventTypeConnecting:
				if !connected.IsZero() && time.Since(connected) < socketShort {
					l.log.Warn("Slack closed a connection of Socket Mode at once: an app has ten at most, over all processes")
					stop()
				}
			case socketmode.EventTypeInteractive:
				slots <- struct{}{}
				handling.Go(func() {
					defer func() { <-slots }()
					l.take(ctx, client, *event.Request)
				})
			default:
				l.other(ctx, client, event)
			}
		}
	}
	handling.Wait()
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		l.log.Error("Slack takes no connection for Socket Mode", "error", unconnected(err))
	}
}

// unconnected is why there is no connection.
func unconnected(err error) error {
	err = typed("apps.connections.open", true, err)
	if e, ok := errors.AsType[*integrations.Error](err); ok && e.Kind == integrations.Permanent {
		e.Hint = "check slack.app_token: it starts with xapp- and has the scope connections:write; and that Socket Mode is on in the app's settings"
	}
	return err
}

// take acknowledges an interaction once it is taken.
func (l listener) take(ctx context.Context, client *socketmode.Client, request socketmode.Request) {
	// What is being kept is kept, also where nobody hears of it any more.
	answer, err := l.handle(context.WithoutCancel(ctx), request.Payload)
	if err == nil {
		err = client.AckCtx(ctx, request.EnvelopeID, answer)
	}
	if err != nil && ctx.Err() == nil {
		l.log.Error("interaction not taken: Slack tells the user that it did not work", "error", err)
	}
}

// other deals with what is no interaction: what the app was not asked to be sent is
// acknowledged, and trouble is logged without what it quotes.
func (l listener) other(ctx context.Context, client *socketmode.Client, event socketmode.Event) {
	switch event.Type {
	case socketmode.EventTypeEventsAPI, socketmode.EventTypeSlashCommand:
		l.log.Info("message of Slack ignored: not one that cxloop asked for", "type", event.Type)
		if err := client.AckCtx(ctx, event.Request.EnvelopeID, nil); err != nil && ctx.Err() == nil {
			l.log.Warn("message of Slack not acknowledged", "error", err)
		}
	case socketmode.EventTypeConnectionError:
		trouble, _ := event.Data.(*slack.ConnectionErrorEvent)
		if trouble != nil && ctx.Err() == nil {
			l.log.Warn("no connection to Slack for Socket Mode", "error", unconnected(trouble.ErrorObj), "again_in", trouble.Backoff)
		}
	case socketmode.EventTypeErrorBadMessage:
		bad, _ := event.Data.(*socketmode.ErrorBadMessage)
		var size int
		if bad != nil {
			size = len(bad.Message)
		}
		l.log.Warn("message of Slack that cannot be read", "bytes", size)
	case socketmode.EventTypeErrorWriteFailed:
		l.log.Warn("an answer did not reach Slack: it tells the user that it did not work")
	}
}
