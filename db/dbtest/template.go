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

// The schema is made once for each run of a package's tests, and copied: making
// it takes longer than most of the tests.

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

// madeTemplate is the name of the template on PostgreSQL, once there is one.
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

// makeSchema opens a database once, and leaves nobody connected to it.
func makeSchema(databaseURL string) error {
	ring, err := seal.New(secret)
	if err != nil {
		return err
	}
	d, err := db.Open(context.Background(), databaseURL, db.Options{Keyring: ring, AccessMaxAge: time.Hour})
	if err != nil {
		return err
	}
	return d.Close()
}

// at is the address of another database on a server.
func at(server, name string) string {
	address, err := url.Parse(server)
	if err != nil {
		return server // which nothing opens
	}
	address.Path = "/" + name
	return address.String()
}
