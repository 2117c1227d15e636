package github

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"neptun/db"
)

// ErrNotADelivery says that a request is not what GitHub sends as a webhook.
var ErrNotADelivery = errors.New("github: not a delivery")

// webhookSecrets are the ones that GitHub may sign with now: those of the
// environment, else the one that came with the App from the set-up page.
func (g *GitHub) webhookSecrets() []string {
	if len(g.hookSecrets) > 0 {
		return g.hookSecrets
	}
	if secret := g.app().WebhookSecret; secret != "" {
		return []string{secret}
	}
	return nil
}

// HasWebhookSecret tells whether there is anything to know GitHub's webhooks by.
func (g *GitHub) HasWebhookSecret() bool { return len(g.webhookSecrets()) > 0 }

// Signed tells whether GitHub signed these bytes, which must be those that came
// over the wire, with one of the secrets: X-Hub-Signature-256 is the HMAC of
// the request's body
// (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries).
func (g *GitHub) Signed(signature string, body []byte) bool {
	claimed, isSHA256 := strings.CutPrefix(signature, "sha256=")
	sum, err := hex.DecodeString(claimed)
	if !isSHA256 || err != nil {
		return false
	}
	signed := false
	for _, secret := range g.webhookSecrets() {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		signed = hmac.Equal(sum, mac.Sum(nil)) || signed
	}
	return signed
}

// What GitHub writes in X-GitHub-Delivery and X-GitHub-Event.
var (
	deliveryGUID  = regexp.MustCompile(`^[0-9A-Za-z-]{1,100}$`)
	deliveryEvent = regexp.MustCompile(`^[0-9a-z_]{1,100}$`)
)

// maxAction is the longest name of an action that is kept.
const maxAction = 100

// ReadDelivery takes a webhook apart as far as every event is alike: its
// X-GitHub-Delivery and X-GitHub-Event, and its JSON
// (https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers).
// The error is ErrNotADelivery.
func ReadDelivery(guid, event string, payload []byte) (db.Delivery, error) {
	if !deliveryGUID.MatchString(guid) || !deliveryEvent.MatchString(event) {
		return db.Delivery{}, fmt.Errorf("%w: it lacks its id or its event", ErrNotADelivery)
	}
	var common *struct {
		Action       string `json:"action"`
		Installation struct {
			ID int64 `json:"id"`
		} `json:"installation"`
	}
	if err := json.Unmarshal(payload, &common); err != nil || common == nil || len(common.Action) > maxAction {
		return db.Delivery{}, fmt.Errorf("%w: its payload is not GitHub's JSON", ErrNotADelivery)
	}
	return db.Delivery{
		GUID: guid, Event: event, Action: clean(common.Action), InstallationID: common.Installation.ID, Body: payload,
	}, nil
}
