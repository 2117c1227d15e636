package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/db/seal"
)

// opened is the database of a program that has ended.
func opened(t *testing.T, databaseURL string, secrets ...string) *db.DB {
	t.Helper()
	keyring, err := seal.New(secrets...)
	must(t, err)
	d, err := db.Open(t.Context(), databaseURL, db.Options{Keyring: keyring, AccessMaxAge: time.Hour})
	must(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestS8TheConfigurationIsAuditedAtTheStart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		environment := complete(t, map[string]string{
			"DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret, "GITHUB_CLIENT_SECRET": "client-Qx7Tn2", "GITHUB_WEBHOOK_SECRET": "webhook-Lm4Rv8Kd1Zs9",
			"NEPTUN_OPERATORS": "ada,42", "NEPTUN_ALLOW_ACCESS_TOKENS": "true",
		})
		for range 2 {
			start(t, environment).end(t)
		}
		environment["NEPTUN_ALLOW_ACCESS_TOKENS"] = "false"
		start(t, environment).end(t)

		list, err := opened(t, databaseURL, testSecret).ListAudit(t.Context(), db.AuditFilter{Action: db.AuditStart}, 10)
		must(t, err)
		if len(list) < 2 || !strings.Contains(list[0].Subject, "access tokens false") || !strings.Contains(list[len(list)-1].Subject, "access tokens true") {
			t.Fatalf("noted %+v", list)
		}
		entries := fmt.Sprint(list)
		for _, what := range []string{"operators ada 42", "app Iv23complete", "GitHub https://github.com", "audit 365 days"} {
			if !strings.Contains(entries, what) {
				t.Errorf("nothing about %s in %s", what, entries)
			}
		}
		for _, secret := range []string{testSecret, "Qx7Tn2", "Lm4Rv8Kd1Zs9", databaseURL} {
			if strings.Contains(entries, secret) {
				t.Errorf("the audit log has %q: %s", secret, entries)
			}
		}
	})
}

func TestS9CheckReportsWhetherAnOldSecretIsNeeded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		environment := complete(t, map[string]string{"DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret, "GITHUB_URL": fakeMeta(t)})
		start(t, environment).end(t)
		d := opened(t, databaseURL, testSecret)
		_, err := d.SignIn(t.Context(), db.Profile{GitHubID: 1, Login: "ada"}, db.Token{Access: "a", Refresh: "b"})
		must(t, err)
		must(t, d.Close())
		if says := runs(t, environment, "check"); !strings.Contains(says, "sealed all of it") {
			t.Errorf("before the rotation: %s", says)
		}
		next := "another-" + testSecret
		environment["NEPTUN_SECRET"] = next + "," + testSecret
		if says := runs(t, environment, "check"); !strings.Contains(says, "2 values still need an older secret") {
			t.Errorf("after the rotation: %s", says)
		}
		d = opened(t, databaseURL, next, testSecret)
		_, err = d.Reseal(t.Context())
		must(t, err)
		must(t, d.Close())
		if says := runs(t, environment, "check"); !strings.Contains(says, "sealed all of it") {
			t.Errorf("once everything is re-sealed: %s", says)
		}
	})
}
