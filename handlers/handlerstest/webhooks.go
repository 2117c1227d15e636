package handlerstest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

// WebhooksPath is where GitHub sends webhooks.
const WebhooksPath = "/webhooks/github"

// The two secrets that a Neptun of this stage accepts.
const (
	OldSecret = "the-secret-of-yesterday"
	NewSecret = "the-secret-of-tomorrow"
)

// LogBook collects the log.
type LogBook struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *LogBook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String is the whole log.
func (l *LogBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Listening opens a Neptun that receives GitHub's webhooks.
func Listening(t *testing.T, world *sandbox.World, databaseURL string) (*Stage, *LogBook) {
	t.Helper()
	logs := &LogBook{}
	s := &Stage{T: t, World: world, Clock: &Clock{}, Secrets: []string{OldSecret, NewSecret}, Logs: logs}
	s.Start(databaseURL, "")
	t.Cleanup(s.GitHub.Close)
	world.Apps.SetWebhookSecret(NewSecret)
	world.Apps.SetHookURL(s.URL + "/webhooks/github")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(logs)
		}
	})
	return s, logs
}

// Delivered waits until all of GitHub's deliveries are applied, and returns the outcome of each
// stored attempt, oldest first.
func (s *Stage) Delivered() (outcomes []string) {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), dbtest.Timeout)
	defer cancel()
	Must(s.T, s.GitHub.WaitForDeliveries(ctx))
	for _, d := range s.GitHub.Deliveries() {
		if d.StatusCode == http.StatusAccepted {
			outcomes = append(outcomes, strings.TrimSpace(d.Event+" "+d.Action)+": "+string(s.Outcome(d.GUID)))
		}
	}
	return outcomes
}

// Outcome waits until a delivery has one.
func (s *Stage) Outcome(guid string) db.Outcome {
	s.T.Helper()
	var outcome db.Outcome
	dbtest.Until(s.T, "the delivery "+guid+" is applied", func() bool {
		d, err := s.DB.FindDelivery(context.Background(), guid)
		if errors.Is(err, db.ErrNotFound) {
			outcome = ""
			return true
		}
		Must(s.T, err)
		outcome = d.Outcome
		return outcome != db.DeliveryPending
	})
	return outcome
}

// Webhook is a delivery of GitHub; tests change it.
type Webhook struct {
	Guid, Event, ContentType, Body string
	Signature                      string // as it is sent
}

// Signed returns a JSON webhook with its signature.
func Signed(secret, guid, event, body string) Webhook {
	return Webhook{guid, event, "application/json", body, SignatureOf(secret, body)}
}

// SignatureOf is the signature of a body.
func SignatureOf(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Send sends a webhook to Neptun.
func (s *Stage) Send(hook Webhook) Answer {
	s.T.Helper()
	header := http.Header{}
	for name, value := range map[string]string{
		"X-GitHub-Delivery": hook.Guid, "X-GitHub-Event": hook.Event, "X-Hub-Signature-256": hook.Signature,
		// Only the signature is trusted.
		"X-GitHub-Hook-Installation-Target-ID": "1", "Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site",
	} {
		if value != "" {
			header.Set(name, value)
		}
	}
	return s.Visit().Do(http.MethodPost, "/webhooks/github", hook.ContentType, hook.Body, header)
}
