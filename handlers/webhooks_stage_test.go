package handlers_test

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

// The two secrets that a Neptun on this stage takes.
const (
	oldSecret = "the-secret-of-yesterday"
	newSecret = "the-secret-of-tomorrow"
)

// logBook gathers what is logged.
type logBook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// listening is a Neptun that GitHub sends webhooks to.
func listening(t *testing.T, world *sandbox.World, databaseURL string) (*stage, *logBook) {
	t.Helper()
	logs := &logBook{}
	s := &stage{t: t, world: world, clock: &clock{}, secrets: []string{oldSecret, newSecret}, logs: logs}
	s.start(databaseURL, "")
	t.Cleanup(s.gitHub.Close)
	world.SetWebhookSecret(newSecret)
	world.SetHookURL(s.url + "/webhooks/github")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(logs)
		}
	})
	return s, logs
}

// delivered waits until everything that GitHub sent has been applied, and tells
// what came of each attempt that was taken, oldest first.
func (s *stage) delivered() (outcomes []string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), dbtest.Timeout)
	defer cancel()
	must(s.t, s.gitHub.WaitForDeliveries(ctx))
	for _, d := range s.gitHub.Deliveries() {
		if d.StatusCode == http.StatusAccepted {
			outcomes = append(outcomes, strings.TrimSpace(d.Event+" "+d.Action)+": "+string(s.outcome(d.GUID)))
		}
	}
	return outcomes
}

// outcome waits until a delivery has one.
func (s *stage) outcome(guid string) db.Outcome {
	s.t.Helper()
	var outcome db.Outcome
	dbtest.Until(s.t, "the delivery "+guid+" is applied", func() bool {
		d, err := s.db.FindDelivery(context.Background(), guid)
		if errors.Is(err, db.ErrNotFound) {
			outcome = ""
			return true
		}
		must(s.t, err)
		outcome = d.Outcome
		return outcome != db.DeliveryPending
	})
	return outcome
}

// webhook is what GitHub would send; a test spoils it.
type webhook struct {
	guid, event, contentType, body string
	signature                      string // as it is sent
}

func signed(secret, guid, event, body string) webhook {
	return webhook{guid, event, "application/json", body, signatureOf(secret, body)}
}

func signatureOf(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func (s *stage) send(hook webhook) answer {
	s.t.Helper()
	header := http.Header{}
	for name, value := range map[string]string{
		"X-GitHub-Delivery": hook.guid, "X-GitHub-Event": hook.event, "X-Hub-Signature-256": hook.signature,
		// Nothing but the signature is believed.
		"X-GitHub-Hook-Installation-Target-ID": "1", "Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site",
	} {
		if value != "" {
			header.Set(name, value)
		}
	}
	return s.visit().do(http.MethodPost, "/webhooks/github", hook.contentType, hook.body, header)
}
