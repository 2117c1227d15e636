package github

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// webhookSecrets returns the secrets that GitHub may sign with: those of the environment,
// or else the App's own from the setup page.
func (g *GitHub) webhookSecrets() []string {
	if len(g.hookSecrets) > 0 {
		return g.hookSecrets
	}
	app := g.app()
	return slices.DeleteFunc([]string{app.WebhookSecret, app.OtherWebhookSecret}, func(secret string) bool { return secret == "" })
}

// HasWebhookSecret reports whether there is a secret to verify webhooks with.
func (g *GitHub) HasWebhookSecret() bool { return len(g.webhookSecrets()) > 0 }

// Signed reports whether GitHub signed these bytes, which must be exactly those received,
// with one of the secrets: X-Hub-Signature-256 is the HMAC of
// the request's body
// (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries).
func (g *GitHub) Signed(signature string, body ...[]byte) bool {
	claimed, isSHA256 := strings.CutPrefix(signature, "sha256=")
	sum, err := hex.DecodeString(claimed)
	if !isSHA256 || err != nil {
		return false
	}
	signed := false
	for _, secret := range g.webhookSecrets() {
		mac := hmac.New(sha256.New, []byte(secret))
		for _, part := range body {
			mac.Write(part)
		}
		signed = hmac.Equal(sum, mac.Sum(nil)) || signed
	}
	return signed
}
