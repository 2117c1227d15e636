package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// complete is an environment that Neptun starts with.
func complete(t *testing.T, changes map[string]string) map[string]string {
	t.Helper()
	environment := map[string]string{
		"NEPTUN_ADDR": "127.0.0.1:0", "DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "neptun.db"),
		"GITHUB_CLIENT_ID": "Iv23complete", "GITHUB_CLIENT_SECRET": "secret",
	}
	for name, value := range changes {
		environment[name] = value
	}
	return environment
}

func TestR16ErrorsNameTheVariableNotTheField(t *testing.T) {
	folder := t.TempDir()
	notSQLite := filepath.Join(folder, "text.db")
	must(t, os.WriteFile(notSQLite, []byte("this file is no database at all"), 0o600))
	for _, c := range []struct {
		variable, value string
		want            string
	}{
		{"NEPTUN_ACCESS_MAX_AGE", "a week", "7d"},
		{"NEPTUN_ACCESS_MAX_AGE", "-1h", "a minute or longer"},
		{"NEPTUN_ALLOW_ACCESS_TOKENS", "sure", "true or false"},
		{"NEPTUN_TRUSTED_PROXIES", "everybody", "10.0.0.0/8"},
		{"NEPTUN_ACCESS_MAX_AGE", "0", "a minute or longer"},
		{"NEPTUN_ACCESS_MAX_AGE", "213504d", "up to 36500d"}, // as a time.Duration, 26 minutes
		{"NEPTUN_ACCESS_MAX_AGE", "2000000h", "up to 36500d"},
		{"NEPTUN_ACCESS_MAX_AGE", "1d-3h", "7d"},
		{"NEPTUN_SESSION_IDLE", "long", "7d"},
		{"NEPTUN_AUDIT_DAYS", "213504", "up to 36500"},
		{"NEPTUN_MAX_STREAMS", "many", "whole number"},
		{"NEPTUN_ADDR", "http://localhost", "host:port"},
		{"NEPTUN_ADDR", "127.0.0.1:99999", "host:port"},
		{"NEPTUN_METRICS_ADDR", "127.0.0.1:http:x", "host:port"},
		{"NEPTUN_OPERATORS", "octocat, @hubot", "GitHub ids and logins"},
		{"NEPTUN_OPERATORS", "99999999999999999999", "GitHub ids and logins"},
		{"GITHUB_PRIVATE_KEY", "hunter2!", "can't be used: the private key"},
		{"NEPTUN_RATE_LIMIT", "many", "whole number"},
		{"NEPTUN_DATABASE_CONNECTIONS", "1", "4 or more"},
		{"NEPTUN_LOG_FORMAT", "xml", "text or json"},
		{"NEPTUN_LOG_LEVEL", "loud", "debug, info, warn or error"},
		{"NEPTUN_URL", "https://me:hunter2@neptun example", "https://neptun.example.com"},
		{"GITHUB_URL", "https://me:hunter2@git hub", "https://github.com"},
		{"GITHUB_API_URL", "ftp://hunter2", "address"},
		{"GITHUB_CLIENT_ID", `Iv23"complete`, "quotes"},
		{"GITHUB_PRIVATE_KEY_FILE", filepath.Join(folder, "none.pem"), "can't be read: no such file"},
		{"GITHUB_PRIVATE_KEY_FILE", folder, "can't be read: is a directory"},
		{"DATABASE_URL", "mysql://me:hunter2@localhost/neptun", "names mysql, which isn't supported"},
		{"DATABASE_URL", "neptun.db", "sqlite:FILE"},
		{"DATABASE_URL", "sqlite::memory:", "in memory"},
		{"DATABASE_URL", "sqlite:file::memory:?cache=shared", "in memory"},
		{"DATABASE_URL", "sqlite:neptun.db?mode=ro", "parameters"},
		{"DATABASE_URL", "sqlite:", "names no file"},
		{"DATABASE_URL", "sqlite:" + folder, "which is a folder"},
		{"DATABASE_URL", "sqlite:" + filepath.Join(folder, "none", "neptun.db"), "there is no folder"},
		{"DATABASE_URL", "sqlite:" + notSQLite, "isn't a SQLite database"},
		{"DATABASE_URL", "postgres://me:hunter2@[broken/", "percent-encode"},
		{"DATABASE_URL", "postgres://me:hun/ter2@localhost/neptun", "percent-encode"},
		{"DATABASE_URL", "postgres://me:12/hunter2@localhost/neptun", "percent-encode"},
		{"DATABASE_URL", "postgres://localhost:port/neptun", "percent-encode"},
	} {
		_, err := readConfig(complete(t, map[string]string{c.variable: c.value, "NEPTUN_SECRET": testSecret}))
		if err == nil {
			t.Errorf("%s=%s is accepted", c.variable, c.value)
			continue
		}
		says := err.Error()
		if !strings.HasPrefix(says, c.variable+" ") || !strings.Contains(says, c.want) || strings.Count(says, "\n") > 0 {
			t.Errorf("%s=%s: %q, want one line about the variable with %q", c.variable, c.value, says, c.want)
		}
		for _, internal := range []string{"AccessMaxAge", "env:", "parse error", "time.Duration", "hunter2"} {
			if strings.Contains(says, internal) {
				t.Errorf("%s=%s: %q contains %s", c.variable, c.value, says, internal)
			}
		}
	}
}

func TestR16ErrorsOfAllKindsAtOnce(t *testing.T) {
	_, err := readConfig(complete(t, map[string]string{
		"NEPTUN_ACCESS_MAX_AGE": "a week", "NEPTUN_ALLOW_ACCESS_TOKENS": "sure", "NEPTUN_ADDR": "8080", "DATABASE_URL": "mysql://x",
		"GITHUB_CLIENT_SECRET": "", "NEPTUN_SECRET": "short",
	}))
	for _, variable := range []string{"NEPTUN_ACCESS_MAX_AGE", "NEPTUN_ALLOW_ACCESS_TOKENS", "NEPTUN_ADDR", "DATABASE_URL", "GITHUB_CLIENT_SECRET", "NEPTUN_SECRET"} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+variable+" ") {
			t.Errorf("nothing about %s in: %v", variable, err)
		}
	}
}

func TestR16CopiedWhitespaceIsTrimmed(t *testing.T) {
	s, err := readConfig(complete(t, map[string]string{
		"GITHUB_CLIENT_ID": " \"Iv23complete\"\n", "GITHUB_CLIENT_SECRET": "'secret' ", "GITHUB_URL": "\"https://github.com\"", "GITHUB_WEBHOOK_SECRET": "'one-Ahj3nX7qLm2c, two-Ahj3nX7qLm2c'\n",
		"NEPTUN_OPERATORS": " octocat , 42 ", "NEPTUN_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1", "NEPTUN_ACCESS_MAX_AGE": "7d", "NEPTUN_ALLOW_ACCESS_TOKENS": " true ",
		"NEPTUN_RATE_LIMIT": "",
	}))
	must(t, err)
	if s.ClientID != "Iv23complete" || s.ClientSecret != "secret" || strings.Join(s.WebhookSecrets, "|") != "one-Ahj3nX7qLm2c|two-Ahj3nX7qLm2c" || !s.AllowAccessTokens {
		t.Errorf("read %+v", s.config)
	}
	if s.AccessMaxAge != 168*time.Hour || len(s.TrustedProxies) != 2 || s.TrustedProxies[1].String() != "127.0.0.1/32" || s.RateLimit != 3000 {
		t.Errorf("read %+v", s.config)
	}
	if operators := db.ParseOperators(s.Operators); len(operators.IDs) != 1 || len(operators.Logins) != 1 || operators.Logins[0] != "octocat" {
		t.Errorf("operators: %+v", operators)
	}
}

// A secret that docker's env file left in quotes sealed databases with them.
func TestR16QuotesAroundASecret(t *testing.T) {
	secret := testSecret
	plain, err := readConfig(complete(t, map[string]string{"NEPTUN_SECRET": secret}))
	must(t, err)
	quoted, err := readConfig(complete(t, map[string]string{"NEPTUN_SECRET": `"` + secret + `"`}))
	must(t, err)
	if _, err := plain.keyring.Open(quoted.keyring.Seal([]byte("x"), "place"), "place"); err != nil {
		t.Error("quotes around a secret are part of it")
	}
}

func TestO4AnIncompleteAppIsRejected(t *testing.T) {
	for _, missing := range []string{"GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"} {
		var out bytes.Buffer
		code := run(t.Context(), nil, complete(t, map[string]string{missing: ""}), &out, &out)
		if code != exitConfiguration || !strings.Contains(out.String(), missing+" is missing") {
			t.Errorf("without %s: exit code %d: %s", missing, code, out.String())
		}
	}
	if _, err := readConfig(complete(t, map[string]string{"GITHUB_CLIENT_ID": "", "GITHUB_CLIENT_SECRET": "", "GITHUB_WEBHOOK_SECRET": "alone-Ahj3nX7qLm2c"})); err != nil {
		t.Errorf("a webhook secret for the setup page's App: %v", err)
	}
}

func TestO4AnAppWithoutAKeyCausesAWarningAndTwoKeysAnError(t *testing.T) {
	s, err := readConfig(complete(t, nil))
	must(t, err)
	if len(s.warnings) != 1 || !strings.Contains(s.warnings[0], "GITHUB_PRIVATE_KEY isn't set") {
		t.Errorf("warnings: %q", s.warnings)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	must(t, os.WriteFile(file, nil, 0o600))
	_, err = readConfig(complete(t, map[string]string{"GITHUB_PRIVATE_KEY": "x", "GITHUB_PRIVATE_KEY_FILE": file}))
	if err == nil || !strings.Contains(err.Error(), "GITHUB_PRIVATE_KEY_FILE is set beside") {
		t.Errorf("both: %v", err)
	}
	if _, err = readConfig(complete(t, map[string]string{"GITHUB_PRIVATE_KEY_FILE": file})); err == nil || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("an empty key file: %v", err)
	}
}

func TestO4UnknownVariablesCauseWarnings(t *testing.T) {
	s, err := readConfig(complete(t, map[string]string{"GITHUB_CLIENT_ID": "", "GITHUB_CLIENT_SECRET": "", "NEPTUN_OPERATOR": "octocat", "NEPTUN_TEST_SEED": "1", "HOME": "/"}))
	must(t, err)
	if len(s.warnings) != 1 || !strings.Contains(s.warnings[0], "NEPTUN_OPERATOR;") || !strings.Contains(s.warnings[0], "NEPTUN_OPERATORS?") {
		t.Errorf("warnings: %q", s.warnings)
	}
}

func TestR14ListeningBeyondThisMachineWithoutAURL(t *testing.T) {
	for _, c := range []struct {
		addr, url, listening string
		want                 string
	}{
		{"0.0.0.0:8080", "", "0.0.0.0:8080", "Set NEPTUN_URL"},
		{":8080", "", "[::]:8080", "Set NEPTUN_URL"},
		{"0.0.0.0:8080", "https://neptun.example", "0.0.0.0:8080", ""},
		{"127.0.0.1:8080", "", "127.0.0.1:8080", ""},
		{"127.0.0.1:9090", "", "127.0.0.1:9090", "share the cookies"},
	} {
		got := strings.Join(settings{config: config{Addr: c.addr, URL: c.url}}.addressWarnings(c.listening), " ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestO5AKeyFileIsNeverCreatedBesideSealedData(t *testing.T) {
	databaseURL := dbtest.SQLite(t)
	file, _ := db.SQLiteFile(databaseURL)
	environment := complete(t, map[string]string{"DATABASE_URL": databaseURL})
	p := start(t, environment)
	p.end(t)
	key, err := os.ReadFile(file + ".key")
	must(t, err)

	must(t, os.Remove(file+".key"))
	var out bytes.Buffer
	if code := run(t.Context(), nil, environment, &out, &out); code != exitConfiguration || !strings.Contains(out.String(), file+".key is missing") {
		t.Errorf("without the key file: exit code %d: %s", code, out.String())
	}
	if _, err := os.Stat(file + ".key"); err == nil {
		t.Error("a key was created beside sealed data")
	}

	out.Reset()
	another := complete(t, map[string]string{"DATABASE_URL": databaseURL, "NEPTUN_SECRET": "another " + testSecret})
	if code := run(t.Context(), nil, another, &out, &out); code != exitConfiguration || !strings.Contains(out.String(), "neptun app change --yes") {
		t.Errorf("with another secret: exit code %d: %s", code, out.String())
	}

	must(t, os.WriteFile(file+".key", key, 0o600))
	start(t, environment).end(t)

	// The way out that the message names.
	out.Reset()
	if code := run(t.Context(), []string{"app", "change", "--yes"}, another, &out, &out); code != exitClean {
		t.Fatalf("app change: exit code %d: %s", code, out.String())
	}
	start(t, another).end(t)
}

// A start that ended while it wrote the key, or a disk that was full, leaves such a file.
func TestO5AKeyFileWithoutAKey(t *testing.T) {
	environment := complete(t, nil)
	file, _ := db.SQLiteFile(environment["DATABASE_URL"])
	must(t, os.WriteFile(file+".key", []byte("half"), 0o600))
	_, err := readConfig(environment)
	if err == nil || !strings.Contains(err.Error(), "the key file "+file+".key has fewer than 32 characters: restore it") {
		t.Errorf("half a key: %v", err)
	}
}

func TestO4ChangingTheApp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		environment := func(client string) map[string]string {
			return complete(t, map[string]string{"DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret, "GITHUB_CLIENT_ID": client})
		}
		start(t, environment("Iv-one")).end(t)
		tries := func(args ...string) (int, string) {
			var out bytes.Buffer
			code := run(t.Context(), args, environment("Iv-two"), &out, &out)
			return code, out.String()
		}
		if code, says := tries(); code != exitConfiguration || !strings.Contains(says, "neptun app change") || !strings.Contains(says, "Iv-one") {
			t.Errorf("serving with another App: exit code %d: %s", code, says)
		}
		if code, says := tries("app", "change"); code != exitClean || !strings.Contains(says, "API tokens") || !strings.Contains(says, "Nothing has changed") {
			t.Errorf("app change: exit code %d: %s", code, says)
		}
		start(t, environment("Iv-one")).end(t)
		if code, says := tries("app", "change", "--yes"); code != exitClean || !strings.Contains(says, "Changed") {
			t.Errorf("app change --yes: exit code %d: %s", code, says)
		}
		start(t, environment("Iv-two")).end(t)
		none := environment("")
		none["GITHUB_CLIENT_SECRET"] = ""
		var out bytes.Buffer
		if code := run(t.Context(), nil, none, &out, &out); code != exitConfiguration || !strings.Contains(out.String(), "Iv-two") {
			t.Errorf("serving without an App, on a database that has one: exit code %d: %s", code, out.String())
		}
	})
}

// A setting without a prefix is named by its own name, not by one that looks alike.
func TestAnUnknownSettingIsAWarningWithTheNearestName(t *testing.T) {
	s, err := readConfig(complete(t, map[string]string{"NEPTUN_DATABASE_URL": "x", "NEPTUN_SECRT": "x", "NEPTUN_SECRET": testSecret}))
	must(t, err)
	warnings := strings.Join(s.warnings, "\n")
	for _, want := range []string{"NEPTUN_DATABASE_URL; did you mean DATABASE_URL?", "NEPTUN_SECRT; did you mean NEPTUN_SECRET?"} {
		if !strings.Contains(warnings, want) {
			t.Errorf("%q isn't in %q", want, warnings)
		}
	}
}
