package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// hookTimeout is how long GitHub waits for a response
// (https://docs.github.com/webhooks/using-webhooks/best-practices-for-using-webhooks#respond-within-10-seconds).
const hookTimeout = 10 * time.Second

var hookClient = &http.Client{
	Timeout:       hookTimeout,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// attempt sends the delivery to the App's current payload URL, signed with its current secret, and records the
// result. It returns false if the App no longer has a webhook.
func (s *site) attempt(ctx context.Context, d *Delivery) bool {
	s.world.mu.RLock()
	hook, secret := d.app.hook, d.app.WebhookSecret
	s.world.mu.RUnlock()
	if hook.url == "" {
		return false
	}
	body, kind := d.Payload, "application/json"
	if hook.contentType == "form" {
		body, kind = []byte(url.Values{"payload": {string(d.Payload)}}.Encode()), "application/x-www-form-urlencoded"
	}
	d.At, d.URL = s.now(), hook.url
	d.RequestHeader = http.Header{
		"Accept":                                 {"*/*"},
		"Content-Type":                           {kind},
		"User-Agent":                             {"GitHub-Hookshot/5a4d1c9"},
		"X-GitHub-Delivery":                      {d.GUID},
		"X-GitHub-Event":                         {d.Event},
		"X-GitHub-Hook-ID":                       {strconv.FormatInt(d.app.hookID(), 10)},
		"X-GitHub-Hook-Installation-Target-ID":   {strconv.FormatInt(d.app.ID, 10)},
		"X-GitHub-Hook-Installation-Target-Type": {"integration"},
		"X-GitHub-Enterprise-Host":               {s.bodies.origin.Host},
		"X-GitHub-Enterprise-Version":            {s.behavior.Load().version()},
	}
	if secret != "" {
		d.RequestHeader["X-Hub-Signature"] = []string{"sha1=" + signature(sha1.New, secret, body)}
		d.RequestHeader["X-Hub-Signature-256"] = []string{"sha256=" + signature(sha256.New, secret, body)}
	}
	started := time.Now()
	d.send(ctx, body)
	d.Duration = time.Since(started)
	return true
}

func (d *Delivery) send(ctx context.Context, body []byte) {
	d.Status, d.StatusCode, d.ResponseHeader, d.ResponseBody = "failed to connect to host", http.StatusBadGateway, nil, ""
	if d.lost {
		return
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		return
	}
	request.Header = d.RequestHeader.Clone()
	response, err := hookClient.Do(request)
	if err != nil {
		var network net.Error
		if errors.As(err, &network) && network.Timeout() {
			d.Status, d.StatusCode = "timed out", http.StatusGatewayTimeout
		}
		return
	}
	defer response.Body.Close()
	answered, _ := io.ReadAll(io.LimitReader(response.Body, 16<<10)) // a partial body is shown as it is
	if d.timedOut {
		d.Status, d.StatusCode = "timed out", http.StatusGatewayTimeout
		return
	}
	d.Status, d.StatusCode = "OK", response.StatusCode
	if response.StatusCode >= 300 {
		d.Status = fmt.Sprintf("Invalid HTTP Response: %d", response.StatusCode)
	}
	d.ResponseHeader, d.ResponseBody = response.Header, string(answered)
}

// signature is the signature of the body
// (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries).
func signature(by func() hash.Hash, secret string, body []byte) string {
	mac := hmac.New(by, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func newGUID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
