package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox/sandboxtest"
)

// program is a run of the whole program, in this process.
type program struct {
	address string
	stop    context.CancelFunc
	exited  chan int
	errors  *bytes.Buffer
}

var addressInOutput = regexp.MustCompile(`https?://[^\s")]+`)

// mainEnv makes the test binary run the program instead of the tests, for those that need a separate process.
const mainEnv = "RUN_NEPTUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(mainEnv) != "" {
		main()
	}
	dbtest.Main(m)
}

// start runs the program until it prints its address.
func start(t *testing.T, environment map[string]string, args ...string) *program {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	p := &program{stop: stop, exited: make(chan int, 1), errors: &bytes.Buffer{}}
	out, errs := io.Writer(writer), io.Writer(p.errors)
	if len(args) == 0 {
		errs = writer // serving logs its address
	}
	go func() {
		code := run(ctx, args, environment, out, errs)
		writer.Close()
		p.exited <- code
	}()
	t.Cleanup(stop)
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		if p.address = addressInOutput.FindString(lines.Text()); p.address != "" {
			go func() { _, _ = io.Copy(io.Discard, reader) }()
			return p
		}
	}
	t.Fatalf("the program ended with %d before it could be opened: %s", <-p.exited, p.errors)
	return nil
}

// end stops the program as Ctrl-C does, and returns its exit code.
func (p *program) end(t *testing.T) int {
	t.Helper()
	p.stop()
	select {
	case code := <-p.exited:
		return code
	case <-time.After(dbtest.Timeout):
		t.Fatal("the program doesn't stop")
		return -1
	}
}

func browser(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// logIn signs in through GitHub at a running program.
func logIn(t testing.TB, client *http.Client, address, login string) {
	t.Helper()
	toGitHub := get(t, client, address+"/auth/github")
	back, err := sandboxtest.Authorize(&http.Client{}, toGitHub.Header.Get("Location"), login)
	must(t, err)
	if answer := get(t, client, back); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("the login ends with %d", answer.StatusCode)
	}
}

func get(t testing.TB, client *http.Client, address string) *http.Response {
	t.Helper()
	answer, err := client.Get(address)
	must(t, err)
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	must(t, answer.Body.Close())
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer
}

// installations reads the list until the first sync has stored so many.
func installations(t testing.TB, client *http.Client, address string, want int) []map[string]any {
	t.Helper()
	var list []map[string]any
	dbtest.Until(t, fmt.Sprintf("there are %d installations", want), func() bool {
		answer := get(t, client, address+"/api/users/me/installations")
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("installations: %d", answer.StatusCode)
		}
		must(t, json.NewDecoder(answer.Body).Decode(&list))
		return len(list) == want
	})
	return list
}

func TestDemoShowsTheProduct(t *testing.T) {
	real := filepath.Join(t.TempDir(), "real.db")
	p := start(t, map[string]string{
		"NEPTUN_ADDR": "127.0.0.1:0", "SANDBOX_ADDR": "127.0.0.1:0",
		// All of these must be ignored.
		"DATABASE_URL": "sqlite:" + real, "GITHUB_URL": "https://github.example", "GITHUB_CLIENT_ID": "real", "NEPTUN_URL": "https://neptun.example",
	}, "demo")
	client := browser(t)
	logIn(t, client, p.address, "marin")
	installations(t, client, p.address, 5)
	page, err := client.Get(p.address + "/events?topic=installations")
	must(t, err)
	defer page.Body.Close()
	began := time.Now()
	if code := p.end(t); code != exitClean || page.StatusCode != http.StatusOK {
		t.Errorf("exit code %d: %s", code, p.errors)
	}
	if took := time.Since(began); took > stopWithin/2 {
		t.Errorf("an open page delayed the shutdown by %v", took)
	}
	if _, err := os.Stat(real); err == nil {
		t.Error("the demo touched a real database")
	}
}

func TestDemoRefusesARealDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		d, err := db.Open(t.Context(), databaseURL, db.Options{Keyring: dbtest.Keyring(t), GitHubURL: "https://github.com", ClientID: "real"})
		must(t, err)
		must(t, d.Close())
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"demo"}, map[string]string{
			"NEPTUN_ADDR": "127.0.0.1:0", "SANDBOX_ADDR": "127.0.0.1:0", "DEMO_DATABASE_URL": databaseURL,
		}, &out, &errs)
		if code != exitConfiguration || !strings.Contains(errs.String(), "https://github.com") {
			t.Errorf("exit code %d: %s", code, errs.String())
		}
	})
}

func TestWithoutAnAppEveryPageRedirectsToTheSetup(t *testing.T) {
	p := start(t, map[string]string{"NEPTUN_ADDR": "127.0.0.1:0", "DATABASE_URL": dbtest.SQLite(t)})
	client := browser(t)
	for _, path := range []string{"/", "/login", "/installations", "/imports", "/auth/github"} {
		if to := get(t, client, p.address+path).Header.Get("Location"); to != "/setup" {
			t.Errorf("%s leads to %q", path, to)
		}
	}
	answer := get(t, client, p.address+"/setup")
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	for _, says := range []string{"GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", p.address + "/auth/github/callback", "demo"} {
		if !strings.Contains(string(body), says) {
			t.Errorf("the setup page doesn't show %s", says)
		}
	}
	if code := p.end(t); code != exitClean {
		t.Errorf("exit code %d", code)
	}
}

func TestAllConfigurationErrorsAreReportedAtOnce(t *testing.T) {
	var out, errs bytes.Buffer
	code := run(t.Context(), nil, map[string]string{
		"NEPTUN_ADDR": "8080", "NEPTUN_URL": "neptun.example/path", "NEPTUN_SECRET": "short", "NEPTUN_ACCESS_MAX_AGE": "-1h",
		"GITHUB_URL": "http://github.example", "GITHUB_PRIVATE_KEY": "not a key",
		"GITHUB_WEBHOOK_SECRET": "told-to-nobody, ",
	}, &out, &errs)
	if code != exitConfiguration {
		t.Errorf("exit code %d, want %d", code, exitConfiguration)
	}
	for _, variable := range []string{"NEPTUN_ADDR", "NEPTUN_URL", "NEPTUN_SECRET", "NEPTUN_ACCESS_MAX_AGE", "GITHUB_URL", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"} {
		if !strings.Contains(errs.String(), variable) {
			t.Errorf("no error about %s in:\n%s", variable, errs.String())
		}
	}
	if strings.Contains(errs.String(), "not a key") || strings.Contains(errs.String(), "told-to-nobody") {
		t.Error("an error message repeats what may be a secret")
	}
}

func TestConfigurationErrors(t *testing.T) {
	for name, environment := range map[string]map[string]string{
		"Postgres without a secret": {"DATABASE_URL": "postgres://localhost/neptun"},
		"another kind of database":  {"DATABASE_URL": "mysql://localhost/neptun", "NEPTUN_SECRET": testSecret},
		"no number":                 {"NEPTUN_ACCESS_MAX_AGE": "a week"},
		"no prefix":                 {"NEPTUN_TRUSTED_PROXIES": "everybody"},
		"no such key file":          {"GITHUB_PRIVATE_KEY_FILE": filepath.Join(t.TempDir(), "none.pem"), "DATABASE_URL": dbtest.SQLite(t)},
	} {
		environment["NEPTUN_ADDR"] = "127.0.0.1:0"
		var out, errs bytes.Buffer
		if code := run(t.Context(), nil, environment, &out, &errs); code != exitConfiguration || errs.Len() == 0 {
			t.Errorf("%s: exit code %d: %s", name, code, errs.String())
		}
	}
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"version"}, exitClean, "neptun "},
		{[]string{"help"}, exitClean, "neptun demo"},
		{[]string{"dmeo"}, exitConfiguration, "neptun demo"},
		{[]string{"demo", "now"}, exitConfiguration, "neptun demo"},
	} {
		var stdout bytes.Buffer
		if code := run(t.Context(), c.args, nil, &stdout, &stdout); code != c.code || !strings.Contains(stdout.String(), c.says) {
			t.Errorf("%v: exit code %d, output %q", c.args, code, stdout.String())
		}
	}
}

func TestAddressInUse(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	address, err := url.Parse(taken.URL)
	must(t, err)
	var out, errs bytes.Buffer
	code := run(t.Context(), nil, map[string]string{"NEPTUN_ADDR": address.Host, "DATABASE_URL": dbtest.SQLite(t)}, &out, &errs)
	if code != exitFailure || !strings.Contains(errs.String(), "NEPTUN_ADDR") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
}

func TestKeyFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "neptun.db.key")
	first, created, err := keyFile(name)
	must(t, err)
	again, createdAgain, err := keyFile(name)
	must(t, err)
	if !created || createdAgain {
		t.Errorf("created %v, then %v; want once", created, createdAgain)
	}
	if strings.TrimSpace(again) != first || len(first) < 32 {
		t.Errorf("the key changed from %d to %d bytes", len(first), len(again))
	}
	info, err := os.Stat(name)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key file can be read by others: %v", info.Mode())
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
