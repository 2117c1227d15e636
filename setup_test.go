package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"

	"github.com/PuerkitoBio/goquery"
)

// lines is a log that can be read while it is written.
type lines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	ended atomic.Bool // nothing more will be written
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// find waits until the log contains a match, and returns its group.
func (l *lines) find(t *testing.T, what *regexp.Regexp) string {
	t.Helper()
	var found []string
	dbtest.Until(t, "the log says "+what.String(), func() bool {
		ended := l.ended.Load()
		found = what.FindStringSubmatch(l.String())
		return found != nil || ended
	})
	if found == nil {
		t.Fatalf("the program ended before it printed %s:\n%s", what, l)
	}
	return found[1]
}

var (
	readyInLog = regexp.MustCompile(`Neptun is ready",?"? ?"?open"?[=:]"?([^\s"]+)`)
	codeInLog  = regexp.MustCompile(`setup.* open=\S+/setup code=([A-Z2-7]{26})\n`)
	codeInText = regexp.MustCompile(`enter the code ([A-Z2-7]{26})\n`)
)

// serving runs Neptun and keeps its log.
func serving(t *testing.T, environment map[string]string) (address string, log *lines, end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	log = &lines{}
	exited := make(chan int, 1)
	go func() {
		code := run(ctx, nil, environment, io.Discard, log)
		log.ended.Store(true)
		exited <- code
	}()
	t.Cleanup(stop)
	return log.find(t, readyInLog), log, func() {
		t.Helper()
		stop()
		if code := <-exited; code != exitClean {
			t.Errorf("exit code %d:\n%s", code, log)
		}
	}
}

// emptyGitHub is a GitHub without an App.
func emptyGitHub(t *testing.T) (address string, server *sandbox.Server, world *sandbox.World) {
	t.Helper()
	world = sandbox.NewWorldWithoutApp()
	world.Accounts.AddUser(sandbox.User{Login: "ada"})
	world.Accounts.AddOrganization(sandbox.Organization{Login: "acme"})
	world.Accounts.AddMember("acme", "ada", sandbox.RoleAdmin)
	front := httptest.NewUnstartedServer(nil)
	address = "http://" + front.Listener.Addr().String()
	server = sandbox.New(world, sandbox.Config{URL: address})
	front.Config.Handler = server
	front.Start()
	t.Cleanup(front.Close)
	return address, server, world
}

// setUp completes the setup with a code to its last page, and returns everything it was
// shown.
func setUp(t *testing.T, client *http.Client, address, code, name string) (seen string) {
	t.Helper()
	post := func(path string, form url.Values) *http.Response {
		t.Helper()
		answer, err := client.PostForm(address+path, form)
		must(t, err)
		body, err := io.ReadAll(answer.Body)
		must(t, err)
		must(t, answer.Body.Close())
		seen += string(body)
		answer.Body = io.NopCloser(bytes.NewReader(body))
		return answer
	}
	if answer := post("/setup", url.Values{"code": {code}}); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("the code from the log is answered with %d", answer.StatusCode)
	}
	review := post("/setup/app", url.Values{"name": {name}, "owner": {"organization"}, "organization": {"acme"}, "install": {"owner"}, "public_url": {address}})
	page, err := goquery.NewDocumentFromReader(review.Body)
	must(t, err)
	form := page.Find(`form:has(input[name="manifest"])`)
	back, err := sandboxtest.RegisterApp(&http.Client{}, form.AttrOr("action", ""), form.Find("input").AttrOr("value", ""), "ada")
	must(t, err)
	if answer := get(t, client, back); answer.Header.Get("Location") != "/setup" {
		t.Fatalf("the setup ends with %d", answer.StatusCode)
	}
	done, err := io.ReadAll(get(t, client, address+"/setup").Body)
	must(t, err)
	return seen + string(done)
}

func TestTheSetupFromTheLogToTheFirstSignInAndBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		gitHubURL, gitHub, world := emptyGitHub(t)
		environment := map[string]string{
			"NEPTUN_ADDR": "127.0.0.1:0", "DATABASE_URL": databaseURL, "GITHUB_URL": gitHubURL, "NEPTUN_SECRET": testSecret,
		}
		_, firstLog, end := serving(t, environment)
		firstLog.find(t, codeInLog)
		end()
		address, log, end := serving(t, environment) // a restart prints another code
		client := browser(t)
		seen := setUp(t, client, address, log.find(t, codeInLog), "Tidal")
		world.Installations.Install("acme", sandbox.SelectAll)
		logIn(t, client, address, "ada")
		installations(t, client, address, 1)

		app := gitHub.App()
		for name, secret := range map[string]string{"client secret": app.ClientSecret, "private key": app.PrivateKeyPEM[60:100]} {
			if strings.Contains(log.String(), secret) || strings.Contains(seen, secret) {
				t.Errorf("the %s is in the log or on a page", name)
			}
		}
		if file, ok := strings.CutPrefix(databaseURL, "sqlite:"); ok {
			for _, name := range []string{file, file + "-wal"} {
				content, err := os.ReadFile(name)
				must(t, err)
				if bytes.Contains(content, []byte(app.ClientSecret)) || bytes.Contains(content, []byte(app.PrivateKeyPEM[60:100])) {
					t.Errorf("a secret is stored unencrypted in %s", name)
				}
			}
		}

		// While it runs, the App is forgotten, and the setup opens again.
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"app", "forget"}, environment, &out, &errs); code != exitClean {
			t.Fatalf("app forget ends with %d: %s", code, errs.String())
		}
		again := codeInText.FindStringSubmatch(out.String())
		if again == nil || !strings.Contains(out.String(), "The App is forgotten") {
			t.Fatalf("app forget says %s", out.String())
		}
		if answer := get(t, client, address+"/api/users/me"); answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("a session of a deleted App: %d", answer.StatusCode)
		}
		dbtest.Until(t, "the setup is open", func() bool { return get(t, client, address+"/login").Header.Get("Location") == "/setup" })
		setUp(t, client, address, again[1], "Tidal again")
		logIn(t, client, address, "ada")
		end()

		// The next start has the App, and prints no code.
		address, log, end = serving(t, environment)
		if to := get(t, browser(t), address+"/login").Header.Get("Location"); to != "" || codeInLog.MatchString(log.String()) {
			t.Errorf("after a restart the login leads to %q:\n%s", to, log)
		}
		end()
	})
}

func TestAnAppInTheEnvironmentNeedsNoSetup(t *testing.T) {
	gitHubURL, _, _ := emptyGitHub(t)
	environment := map[string]string{
		"NEPTUN_ADDR": "127.0.0.1:0", "DATABASE_URL": dbtest.SQLite(t), "GITHUB_URL": gitHubURL,
		"GITHUB_CLIENT_ID": "Iv-environment", "GITHUB_CLIENT_SECRET": "secret",
	}
	address, log, end := serving(t, environment)
	if to := get(t, browser(t), address+"/auth/github").Header.Get("Location"); !strings.Contains(to, "client_id=Iv-environment") || codeInLog.MatchString(log.String()) {
		t.Errorf("the login goes to %s:\n%s", to, log)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"app", "forget"}, environment, &out, &errs); code != exitConfiguration || !strings.Contains(errs.String(), "unset it") {
		t.Errorf("app forget ends with %d: %s", code, errs.String())
	}
	end()
}

func TestAnotherSecretIsReportedBeforeServing(t *testing.T) {
	gitHubURL, _, _ := emptyGitHub(t)
	environment := map[string]string{
		"NEPTUN_ADDR": "127.0.0.1:0", "DATABASE_URL": dbtest.SQLite(t), "GITHUB_URL": gitHubURL, "NEPTUN_SECRET": testSecret,
	}
	address, log, end := serving(t, environment)
	setUp(t, browser(t), address, log.find(t, codeInLog), "Tidal")
	end()
	environment["NEPTUN_SECRET"] = "other " + testSecret
	var out, errs bytes.Buffer
	if code := run(t.Context(), nil, environment, &out, &errs); code != exitConfiguration || !strings.Contains(errs.String(), "neptun app forget") {
		t.Errorf("it ends with %d: %s", code, errs.String())
	}
	if code := run(t.Context(), []string{"app", "forget"}, environment, &out, &errs); code != exitClean {
		t.Errorf("app forget ends with %d: %s", code, errs.String())
	}
}
