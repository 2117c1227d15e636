package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// runs runs a command that must succeed, and returns what it printed.
func runs(t *testing.T, environment map[string]string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if code := run(t.Context(), args, environment, &out, &out); code != exitClean {
		t.Fatalf("%v: exit code %d: %s", args, code, out.String())
	}
	return out.String()
}

func TestO10BackupRestoreAndCopyCommands(t *testing.T) {
	environment := complete(t, map[string]string{"DATABASE_URL": dbtest.SQLite(t), "NEPTUN_SECRET": testSecret})
	file, _ := db.SQLiteFile(environment["DATABASE_URL"])
	backup := filepath.Join(t.TempDir(), "backup.db")
	p := start(t, environment)
	if says := runs(t, environment, "backup", backup); !strings.Contains(says, "NEPTUN_SECRET") {
		t.Errorf("backup says %q", says)
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"restore", backup}, environment, &out, &out); code != exitFailure || !strings.Contains(out.String(), "stop it first") {
		t.Errorf("restored under a running Neptun: exit code %d: %s", code, out.String())
	}
	p.end(t)
	runs(t, environment, "restore", backup)
	start(t, environment).end(t)

	environment["DATABASE_URL"] = dbtest.EmptyPostgres(t)
	if says := runs(t, environment, "copy", "sqlite:"+file, environment["DATABASE_URL"]); !strings.Contains(says, "settings") {
		t.Errorf("copy says %q", says)
	}
	start(t, environment).end(t)
	out.Reset()
	if code := run(t.Context(), []string{"backup", backup + ".2"}, environment, &out, &out); code != exitConfiguration || !strings.Contains(out.String(), "pg_dump") {
		t.Errorf("backup of Postgres: exit code %d: %s", code, out.String())
	}
}

// O10: a mistyped source isn't a database of 0 rows, and a copy changes nothing in its source.
func TestO10CopyRejectsWhatIsNoSource(t *testing.T) {
	folder := t.TempDir()
	target := "sqlite:" + filepath.Join(folder, "target.db")
	for name, c := range map[string]struct {
		from, to string
		code     int
	}{
		"no file":      {"sqlite:" + filepath.Join(folder, "mistyped.db"), "postgres://127.0.0.1:1/never", exitFailure},
		"one engine":   {"sqlite:" + filepath.Join(folder, "mistyped.db"), target, exitConfiguration},
		"no database":  {dbtest.EmptyPostgres(t), target, exitConfiguration},
		"still in use": {inUse(t), "postgres://127.0.0.1:1/never", exitFailure},
	} {
		var out bytes.Buffer
		if code := run(t.Context(), []string{"copy", c.from, c.to}, nil, &out, &out); code != c.code {
			t.Errorf("%s: exit code %d: %s", name, code, out.String())
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("created %v (%v)", left, err)
	}
}

// inUse is the address of a SQLite database that an instance serves.
func inUse(t *testing.T) string {
	t.Helper()
	environment := complete(t, map[string]string{"DATABASE_URL": dbtest.SQLite(t)})
	p := start(t, environment)
	t.Cleanup(func() { p.end(t) })
	return environment["DATABASE_URL"]
}

func TestO10ArgumentsThatNoCommandHas(t *testing.T) {
	environment := complete(t, map[string]string{"DATABASE_URL": dbtest.SQLite(t)})
	for _, args := range [][]string{{"serve"}, {"backup", "--help"}, {"backup", ""}, {"restore", "-h"}, {"copy", "--help", "x"}, {"app"}, {"version", "--yaml"}} {
		var out bytes.Buffer
		if code := run(t.Context(), args, environment, &out, &out); code != exitConfiguration || !strings.HasPrefix(out.String(), fmt.Sprintf("neptun: no command has these arguments: %q\nUsage:", args)) {
			t.Errorf("%q: exit code %d: %s", args, code, out.String())
		}
	}
}

func TestO10Check(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		gitHub := fakeMeta(t)
		environment := complete(t, map[string]string{"DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret, "GITHUB_URL": gitHub})
		start(t, environment).end(t)
		says := runs(t, environment, "check")
		for _, what := range []string{"GitHub", "database", "key", "schema", "integrity", "write", "clock"} {
			if !strings.Contains(says, "ok      "+what+" ") {
				t.Errorf("nothing about %s in\n%s", what, says)
			}
		}
		environment["NEPTUN_SECRET"] = testSecret + "another"
		var out bytes.Buffer
		if code := run(t.Context(), []string{"check"}, environment, &out, &out); code != exitFailure || !strings.Contains(out.String(), "FAILED  database") {
			t.Errorf("with another key: exit code %d: %s", code, out.String())
		}
	})
	environment := complete(t, map[string]string{"GITHUB_URL": fakeMeta(t)})
	var out bytes.Buffer
	if code := run(t.Context(), []string{"check"}, environment, &out, &out); code != exitFailure || !strings.Contains(out.String(), "doesn't exist") {
		t.Errorf("without a database: exit code %d: %s", code, out.String())
	}
	folder := filepath.Dir(strings.TrimPrefix(environment["DATABASE_URL"], "sqlite:"))
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("check created %v (%v)", left, err)
	}
}

func TestO13VersionAndHealth(t *testing.T) {
	var version map[string]any
	must(t, json.Unmarshal([]byte(runs(t, nil, "version", "--json")), &version))
	for _, key := range []string{"version", "go", "os", "arch"} {
		if text, ok := version[key].(string); !ok || text == "" {
			t.Errorf("version --json: %v lacks %s", version, key)
		}
	}
	environment := complete(t, nil)
	p := start(t, environment)
	_, port, _ := strings.Cut(strings.TrimPrefix(p.address, "http://"), ":")
	for _, addr := range []string{"127.0.0.1:" + port, ":" + port, "0.0.0.0:" + port} {
		if says := runs(t, map[string]string{"NEPTUN_ADDR": addr}, "health"); !strings.Contains(says, "ready") {
			t.Errorf("health of %s: %q", addr, says)
		}
	}
	p.end(t)
	var out bytes.Buffer
	if code := run(t.Context(), []string{"health"}, map[string]string{"NEPTUN_ADDR": "127.0.0.1:" + port}, &out, &out); code != exitFailure {
		t.Errorf("health of nothing: exit code %d: %s", code, out.String())
	}
}

// fakeMeta returns a GitHub that serves its public endpoints.
func fakeMeta(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }))
	t.Cleanup(server.Close)
	return server.URL
}
