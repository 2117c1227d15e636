package dbtest

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"neptun/db"
	"neptun/db/seal"
)

// The schema is created once per run of a package's tests and then copied, since creating
// it takes longer than most tests.

var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	directory, err := os.MkdirTemp("", "neptun-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	path := filepath.Join(directory, "template.db")
	if err := makeSchema("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// madeTemplate is the name of the template on PostgreSQL, "" before it exists.
var madeTemplate string

var postgresTemplate = sync.OnceValues(func() (name string, err error) {
	server, name := os.Getenv(PostgresEnv), newName()
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return "", err
	}
	defer admin.Close()
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	madeTemplate = name
	return name, makeSchema(at(server, name))
})

func dropTemplate() error {
	if madeTemplate == "" {
		return nil
	}
	admin, err := sql.Open("pgx", os.Getenv(PostgresEnv))
	if err != nil {
		return err
	}
	defer admin.Close()
	_, err = admin.Exec("DROP DATABASE " + madeTemplate + " WITH (FORCE)")
	return err
}

// makeSchema creates the schema, and closes all connections.
func makeSchema(databaseURL string) error {
	d, err := OpenWithoutTest(databaseURL)
	if err != nil {
		return err
	}
	return d.Close()
}

// OpenWithoutTest opens a database for a process that runs no test.
func OpenWithoutTest(databaseURL string) (*db.DB, error) {
	ring, err := seal.New(secret)
	if err != nil {
		return nil, err
	}
	return db.Open(context.Background(), databaseURL, db.Options{Keyring: ring, AccessMaxAge: time.Hour})
}

// at returns the URL of another database on a server.
func at(server, name string) string {
	address, err := url.Parse(server)
	if err != nil {
		return server // the error shows on opening it
	}
	address.Path = "/" + name
	return address.String()
}
