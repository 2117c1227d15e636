package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The results of a Check.
const (
	CheckOK      = "ok"
	CheckWarning = "warning" // works, but needs attention
	CheckFailed  = "failed"
	CheckSkipped = "skipped" // could not be checked
)

// Check is one line of a self-test.
type Check struct {
	Name    string // an identifier: private_key, clock, …
	Title   string // for users
	Result  string
	Message string
	Advice  string // what to do; empty if nothing
}

// How far the clocks may differ. GitHub rejects a token issued in the future or valid for
// more than ten minutes; Neptun's tokens leave a margin of a minute on either side.
const (
	clockNear = 30 * time.Second
	clockFar  = appTokenBehind
)

const restSkipped = "Skipped: this requires a response from GitHub."

// selfTest collects the checks.
type selfTest struct {
	checks []Check
}

func (t *selfTest) report(name, title, result, message, advice string) {
	t.checks = append(t.checks, Check{name, title, result, message, advice})
}

// SelfTest checks whether the App's settings on GitHub match this server, given its address
// and webhook address. The error is the context's.
func (g *GitHub) SelfTest(ctx context.Context, address, hookAddress string) ([]Check, error) {
	t := &selfTest{}
	if g.app().PrivateKey == nil {
		t.report("private_key", "Private key", CheckFailed, "The private key is missing.",
			"Generate one in the app settings on GitHub, set GITHUB_PRIVATE_KEY or GITHUB_PRIVATE_KEY_FILE, and restart Neptun.")
		t.skip("clock", "app_token", "homepage", "webhook_url", "deliveries")
		return t.checks, nil
	}
	t.report("private_key", "Private key", CheckOK, fmt.Sprintf("RSA key with %d bits.", g.app().PrivateKey.N.BitLen()), "")
	if !g.testToken(ctx, t, address) {
		t.skip("webhook_url", "deliveries")
		return t.checks, canceled(ctx)
	}
	g.checkHook(ctx, t, hookAddress)
	return t.checks, canceled(ctx)
}

// canceled returns the error of a caller that no longer waits. A timeout is reported in
// the checks instead.
func canceled(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return nil
}

var checkTitles = map[string]string{
	"clock": "Clock", "app_token": "The App's token", "homepage": "Homepage URL", "webhook_url": "Webhook URL", "deliveries": "Webhook deliveries",
}

func (t *selfTest) skip(names ...string) {
	for _, name := range names {
		t.report(name, checkTitles[name], CheckSkipped, restSkipped, "")
	}
}

// testToken requests the App with a new token, which tests the clock and the key together.
func (g *GitHub) testToken(ctx context.Context, t *selfTest, address string) (accepted bool) {
	token, err := (appSigner{g.app().App, g.now}).Token()
	if err != nil {
		t.report("app_token", checkTitles["app_token"], CheckFailed, "Signing with the key failed.", "Generate a new private key in the app settings on GitHub.")
		t.skip("clock", "homepage")
		return false
	}
	var answer struct {
		ExternalURL string `json:"external_url"`
	}
	response, err := g.newClient(g.interactive, token.AccessToken, ErrAppCredentials).send(ctx, http.MethodGet, "app", nil, &answer)
	clockOK := true
	if response != nil {
		clockOK = t.checkClock(response.Header.Get("Date"), g.now())
	} else {
		t.skip("clock")
	}
	switch {
	case err == nil:
		t.report("app_token", checkTitles["app_token"], CheckOK, "GitHub accepts the app's signature.", "")
		t.checkHomepage(answer.ExternalURL, address)
		return true
	case errors.Is(err, ErrAppCredentials) && !clockOK:
		t.report("app_token", checkTitles["app_token"], CheckFailed, "GitHub rejects the app's signature, probably because the clocks differ.", "Set this server's clock, then run the test again.")
	case errors.Is(err, ErrAppCredentials):
		t.report("app_token", checkTitles["app_token"], CheckFailed, "GitHub rejects the app's signature. The key belongs to another app or was deleted on GitHub.",
			g.keyAdvice())
	default:
		t.report("app_token", checkTitles["app_token"], CheckFailed, Explain(err), "Check GitHub's status page and this server's network connection, then run the test again.")
	}
	t.skip("homepage")
	return false
}

// keyAdvice describes how to replace an invalid key. The setup page can't replace the one
// it stored, but the environment overrides it.
func (g *GitHub) keyAdvice() string {
	if g.fixed {
		return "Compare GITHUB_CLIENT_ID with the app settings on GitHub, or generate a new private key there and set it here."
	}
	return "Generate a new private key and a client secret in the app settings on GitHub. Set GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET and GITHUB_PRIVATE_KEY, which override the values from the setup, and restart Neptun."
}

func (t *selfTest) checkClock(date string, now time.Time) bool {
	const name = "clock"
	gitHub, err := http.ParseTime(date)
	if err != nil {
		t.report(name, checkTitles[name], CheckSkipped, "GitHub's response has no date to compare with.", "")
		return true
	}
	// The header has whole seconds.
	ahead := now.Sub(gitHub).Truncate(time.Second)
	direction := "ahead of"
	if ahead < 0 {
		direction = "behind"
	}
	message := fmt.Sprintf("This server's clock is %s %s GitHub's.", ahead.Abs(), direction)
	const advice = "Set this server's clock, for example with NTP. GitHub rejects tokens if the clock is more than a minute off."
	switch {
	case ahead.Abs() <= clockNear:
		t.report(name, checkTitles[name], CheckOK, "This server's clock matches GitHub's.", "")
	case ahead.Abs() <= clockFar:
		t.report(name, checkTitles[name], CheckWarning, message, advice)
	default:
		t.report(name, checkTitles[name], CheckFailed, message, advice)
		return false
	}
	return true
}

func (t *selfTest) checkHomepage(homepage, address string) {
	const name = "homepage"
	switch {
	case sameAddress(homepage, address):
		t.report(name, checkTitles[name], CheckOK, "It is the URL of this server.", "")
	case homepage == "":
		t.report(name, checkTitles[name], CheckWarning, "Not set on GitHub.", "Set it to "+address+" in the app settings on GitHub.")
	default:
		t.report(name, checkTitles[name], CheckWarning, "It is "+homepage+", but this server's URL is "+address+".",
			"Change it in the app settings on GitHub. If the URL of this server is wrong, set NEPTUN_URL.")
	}
}

// sameAddress compares two addresses, ignoring case and a trailing slash.
func sameAddress(a, b string) bool {
	one, err := url.Parse(a)
	if err != nil {
		return false
	}
	other, err := url.Parse(b)
	return err == nil && one.Scheme == other.Scheme && strings.EqualFold(one.Host, other.Host) &&
		strings.TrimSuffix(one.Path, "/") == strings.TrimSuffix(other.Path, "/")
}

func (g *GitHub) checkHook(ctx context.Context, t *selfTest, address string) {
	hook, err := g.AsApp().Hook(ctx)
	switch {
	case errors.Is(err, ErrNoHook):
		t.report("webhook_url", checkTitles["webhook_url"], CheckWarning, "The app has no webhook, so changes only appear after a sync.",
			"To get changes immediately, activate the webhook in the app settings on GitHub with the payload URL "+address+".")
		t.skip("deliveries")
		return
	case err != nil:
		t.report("webhook_url", checkTitles["webhook_url"], CheckFailed, Explain(err), "Run the test again later.")
	case !sameAddress(hook.URL, address):
		t.report("webhook_url", checkTitles["webhook_url"], CheckFailed, "GitHub sends webhooks to "+hook.URL+", but this server receives them at "+address+".",
			"Change the payload URL under Webhook, or correct NEPTUN_URL.")
	case !hook.HasSecret:
		t.report("webhook_url", checkTitles["webhook_url"], CheckFailed, "The webhook has no secret, so deliveries aren't signed.",
			"Set a secret under Webhook, and the same secret in GITHUB_WEBHOOK_SECRET.")
	case !g.HasWebhookSecret():
		t.report("webhook_url", checkTitles["webhook_url"], CheckFailed, "Neptun rejects webhooks, because it has no webhook secret.",
			"Set GITHUB_WEBHOOK_SECRET to the secret of the webhook, and restart Neptun.")
	case hook.InsecureSSL:
		t.report("webhook_url", checkTitles["webhook_url"], CheckWarning, "SSL verification is disabled.", "Enable it under Webhook.")
	default:
		t.report("webhook_url", checkTitles["webhook_url"], CheckOK, "GitHub sends signed webhooks to this server.", "")
	}
	g.checkDeliveries(ctx, t)
}

func (g *GitHub) checkDeliveries(ctx context.Context, t *selfTest) {
	const name = "deliveries"
	page, err := g.AsApp().Deliveries(ctx, "")
	if err != nil {
		t.report(name, checkTitles[name], CheckFailed, Explain(err), "Run the test again later.")
		return
	}
	failed := 0
	for _, d := range page.Items {
		if !d.Delivered() {
			failed++
		}
	}
	const advice = "Check the failed deliveries, fix the cause, and redeliver them."
	switch newest := page.Items; {
	case len(newest) == 0:
		t.report(name, checkTitles[name], CheckOK, "No deliveries yet.", "")
	case !newest[0].Delivered():
		t.report(name, checkTitles[name], CheckFailed, fmt.Sprintf("The latest delivery failed (%s), as did %d of the latest %d.", newest[0].Status, failed, len(newest)), advice)
	case failed > 0:
		t.report(name, checkTitles[name], CheckWarning, fmt.Sprintf("%d of the latest %d failed. The latest was delivered.", failed, len(newest)), advice)
	default:
		t.report(name, checkTitles[name], CheckOK, fmt.Sprintf("The latest %d were all delivered.", len(newest)), "")
	}
}
