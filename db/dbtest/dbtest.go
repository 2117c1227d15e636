// Package dbtest opens throwaway databases for tests, on both engines.
package dbtest

import (
	"crypto/rand"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/seal"
)

// PostgresEnv names the environment variable with the address of a PostgreSQL
// server on which tests may create databases.
const PostgresEnv = "NEPTUN_TEST_POSTGRES"

// NoSkipEnv names the environment variable that turns skips into failures.
const NoSkipEnv = "NEPTUN_TEST_NO_SKIP"

// Each runs test on SQLite and on PostgreSQL. Without a PostgreSQL server it skips the
// PostgreSQL half.
func Each(t *testing.T, test func(t *testing.T, databaseURL string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite returns the URL of a new database that is removed after the test.
func SQLite(t testing.TB) string {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	path := filepath.Join(t.TempDir(), "neptun.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// Postgres returns the URL of a new database that is removed after the test.
func Postgres(t testing.TB) string {
	t.Helper()
	server := needPostgres(t)
	template, err := postgresTemplate()
	if err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	return create(t, server, newName(), template)
}

// EmptyPostgres is like Postgres, without the schema.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	return create(t, needPostgres(t), newName(), "template1")
}

// PostgresIn returns the URL of a new database with an ICU locale, without a schema.
func PostgresIn(t testing.TB, locale string) string {
	t.Helper()
	return create(t, needPostgres(t), newName(), "template0 LOCALE_PROVIDER icu ICU_LOCALE '"+locale+"' LOCALE 'C.UTF-8'")
}

func needPostgres(t testing.TB) (server string) {
	t.Helper()
	server = os.Getenv(PostgresEnv)
	if server == "" {
		Skip(t, "install PostgreSQL and set "+PostgresEnv+" to a server's address, such as postgres://postgres@localhost/postgres, to run this on it")
	}
	return server
}

func newName() string { return "neptun_test_" + strings.ToLower(rand.Text()[:12]) }

// create creates a database from a template, and removes it after the test.
func create(t testing.TB, server, name, template string) (databaseURL string) {
	t.Helper()
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatalf("create a database for the test: %v", err)
	}
	t.Cleanup(func() {
		defer admin.Close()
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return at(server, name)
}

// Open opens a database for a test. It uses the clock now if that isn't nil.
func Open(t testing.TB, databaseURL string, now func() time.Time) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), databaseURL, db.Options{Keyring: Keyring(t), AccessMaxAge: 168 * time.Hour, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}

const secret = "a secret that only the tests know, long enough"

// Keyring returns a keyring with a secret for tests.
func Keyring(t testing.TB) *seal.Keyring {
	t.Helper()
	ring, err := seal.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// Skip skips the test and says what to install, or fails it if NoSkipEnv is set.
func Skip(t testing.TB, what string) {
	t.Helper()
	if os.Getenv(NoSkipEnv) != "" {
		t.Fatal("skips are disabled: " + what)
	}
	t.Skip(what)
}
