package bench

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/cxloop/cxloop/sandbox"
)

// deliver sends the webhook of a won deal as HubSpot does, which the stand-in would
// send when it likes.
func (w *world) deliver(ctx context.Context, deal string) error {
	id, err := strconv.ParseInt(deal, 10, 64)
	if err != nil {
		return err
	}
	now := time.Now().UnixMilli()
	body, err := json.Marshal([]sandbox.WebhookEvent{{
		EventID: id, SubscriptionID: 1, PortalID: 1, AppID: 1, OccurredAt: now, SubscriptionType: "deal.propertyChange",
		ObjectID: id, PropertyName: "dealstage", PropertyValue: "closedwon", ChangeSource: sandbox.SourceUser,
	}})
	if err != nil {
		return err
	}
	address, timestamp := w.app+"/hooks/hubspot", strconv.FormatInt(now, 10)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-HubSpot-Request-Timestamp", timestamp)
	req.Header.Set("X-HubSpot-Signature-v3", signature(w.secret, address, body, timestamp))
	return w.do(req, "the webhooks' route")
}

// signature is HubSpot's v3: over the method, the address, the body and the time.
func signature(secret, address string, body []byte, timestamp string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(http.MethodPost + address))
	mac.Write(body)
	mac.Write([]byte(timestamp))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
