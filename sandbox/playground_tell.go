package sandbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// tellAll has another system tell cxloop of many things, so many in a request, and shows how far it is.
func (p *playground) tellAll(ctx context.Context, c *cast, path, list string, all []any, atOnce int) error {
	told := 0
	for batch := range slices.Chunk(all, atOnce) {
		if err := p.tell(ctx, path, map[string]any{list: batch}); err != nil {
			return err
		}
		told += len(batch)
		c.tell(fmt.Sprintf("%d of %d", told, len(all)))
		p.s.change(func(*State) {})
	}
	return nil
}

// toldAgain is how long a system waits before it tells again what was not taken.
const toldAgain = time.Second

// tell has another system tell cxloop something about contacts of the CRM, and again where cxloop does not answer or
// is too busy: what comes twice counts once.
func (p *playground) tell(ctx context.Context, path string, what any) error {
	if p.opts.App == "" || p.opts.EventsSecret == "" {
		return errors.New("cxloop's address and its secret of events are not configured")
	}
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	for {
		refused, err := p.tellOnce(ctx, path, body)
		if err == nil || refused || ctx.Err() != nil {
			return err
		}
		pause, cancel := context.WithTimeout(ctx, toldAgain)
		closed := p.s.WaitFor(pause, func(*State) bool { return false })
		cancel()
		if errors.Is(closed, ErrClosed) {
			return err
		}
	}
}

// tellOnce sends a signed request. It reports whether cxloop refused it for good.
func (p *playground) tellOnce(ctx context.Context, path string, body []byte) (refused bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.opts.App+path+"?"+url.Values{"crm": {p.opts.CRM}}.Encode(), bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Content-Type", "application/json")
	if err := p.signStandard(req.Header, body); err != nil {
		return false, err
	}
	resp, err := p.s.opts.HTTPClient.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing left to do with it
	said, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err == nil && resp.StatusCode >= 400 {
		refused = resp.StatusCode < 500
		err = fmt.Errorf("%s answered %s: %s", path, resp.Status, strings.TrimSpace(string(said)))
	}
	return refused, err
}

// signStandard signs a body as Standard Webhooks has it.
func (p *playground) signStandard(header http.Header, body []byte) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.opts.EventsSecret, "whsec_"))
	if err != nil {
		return fmt.Errorf("secret of events: %w", err)
	}
	webhook, err := standardwebhooks.NewWebhookRaw(key)
	if err != nil {
		return err
	}
	now := p.s.now()
	id := "playground-" + strconv.FormatInt(now.UnixNano(), 36)
	signature, err := webhook.Sign(id, now, body)
	if err != nil {
		return err
	}
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return nil
}
