package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// O10: whenever a copy is killed, the source is intact, nothing takes the target for an empty
// database, and running the copy again completes it.
func TestO10AKilledCopyIsNotTakenForADatabase(t *testing.T) {
	emptySQLite := func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "target.db") }
	for name, engines := range map[string][2]func(testing.TB) string{
		"to Postgres": {dbtest.SQLite, dbtest.EmptyPostgres},
		"to SQLite":   {dbtest.Postgres, emptySQLite},
	} {
		t.Run(name, func(t *testing.T) {
			from := engines[0](t)
			environment := complete(t, map[string]string{"DATABASE_URL": from, "NEPTUN_SECRET": testSecret})
			start(t, environment).end(t) // binds it to an App
			fillUsers(t, from, 200)
			before := logins(t, from)

			// The first bytes open connections, and change nothing yet.
			whole, reached := killCopy(t, from, engines[1](t), 0)
			if reached {
				t.Fatal("a copy without a limit was killed")
			}
			for _, percent := range []int64{40, 70, 95} {
				to := engines[1](t)
				if _, reached := killCopy(t, from, to, whole*percent/100); !reached {
					t.Fatalf("the copy ended before %d%% of %d bytes were sent to Postgres", percent, whole)
				}
				if after := logins(t, from); !slices.Equal(before, after) {
					t.Errorf("killed at %d%%: the source has %d users, had %d", percent, len(after), len(before))
				}
				refusesUnfinished(t, percent, environment, to)
				runs(t, nil, "copy", from, to)
				if copied := logins(t, to); !slices.Equal(before, copied) {
					t.Errorf("killed at %d%%, then copied: %d users, want %d", percent, len(copied), len(before))
				}
				environment["DATABASE_URL"] = to
				start(t, environment).end(t)
			}
		})
	}
}

// refusesUnfinished checks that each command rejects the target of an unfinished copy.
func refusesUnfinished(t *testing.T, percent int64, environment map[string]string, to string) {
	t.Helper()
	environment["DATABASE_URL"] = to
	file, isSQLite := db.SQLiteFile(to)
	other := filepath.Join(t.TempDir(), "other.db")
	commands := map[string]int{"": exitConfiguration, "check": exitFailure, "app change": exitConfiguration, "copy " + to + " sqlite:" + other: exitConfiguration}
	if isSQLite {
		delete(commands, "copy "+to+" sqlite:"+other)
		commands["copy "+to+" postgres://127.0.0.1:1/never"] = exitConfiguration
		commands["backup "+other] = exitConfiguration
		commands["restore "+file] = exitConfiguration
	}
	for command, want := range commands {
		var out bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), dbtest.Timeout) // ends one that serves
		defer cancel()
		code := run(ctx, strings.Fields(command), environment, &out, &out)
		if code != want || strings.Count(out.String(), "isn't finished: wait for neptun copy if it is still running, run it again, or use another database\n") != 1 {
			t.Errorf("killed at %d%%, then neptun %s: exit code %d: %s", percent, command, code, out.String())
		}
	}
	if _, err := os.Stat(other); err == nil {
		t.Errorf("killed at %d%%: a backup of the target was written", percent)
	}
}

// killCopy runs a copy in a process of its own, and kills it once that has sent a number of
// bytes to Postgres. With 0 it lets the process finish. It returns how much was sent.
func killCopy(t *testing.T, from, to string, limit int64) (sent int64, killed bool) {
	t.Helper()
	addresses := []string{from, to}
	var proxy *meteredProxy
	for i, address := range addresses {
		if _, isSQLite := db.SQLiteFile(address); isSQLite {
			continue
		}
		through, err := url.Parse(address)
		must(t, err)
		proxy = startMeteredProxy(t, through.Host, limit)
		through.Host = proxy.listener.Addr().String()
		addresses[i] = through.String()
	}
	var out bytes.Buffer
	command := exec.CommandContext(t.Context(), executable(t), "copy", addresses[0], addresses[1])
	command.Env = append(os.Environ(), mainEnv+"=1")
	command.Stdout, command.Stderr = &out, &out
	must(t, command.Start())
	var failed error
	ended := make(chan struct{})
	go func() { failed = command.Wait(); close(ended) }()
	select {
	case <-ended:
		if failed != nil {
			t.Fatalf("copy: %v: %s", failed, out.String())
		}
	case <-proxy.reached:
		killed = true
		must(t, command.Process.Kill())
		<-ended
	}
	for _, address := range []string{from, to} {
		awaitNoConnections(t, address)
	}
	proxy.mu.Lock()
	defer proxy.mu.Unlock()
	return proxy.sent, killed
}

// meteredProxy counts what clients send to a server, and stalls once it has passed on a number
// of bytes.
type meteredProxy struct {
	listener net.Listener
	target   string
	limit    int64 // 0 for none
	reached  chan struct{}

	mu   sync.Mutex
	sent int64
}

func startMeteredProxy(t *testing.T, target string, limit int64) *meteredProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	p := &meteredProxy{listener: listener, target: target, limit: limit, reached: make(chan struct{})}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.pass(client)
		}
	}()
	return p
}

func (p *meteredProxy) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	go func() { _, _ = io.Copy(client, server) }()
	_, _ = io.Copy(meter{p, server}, client)
	server.Close()
}

// meter is the way to a server.
type meter struct {
	*meteredProxy
	server net.Conn
}

// Write passes on what is within the limit, and claims to have passed on the rest.
func (m meter) Write(content []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	within := int64(len(content))
	if m.limit > 0 {
		within = min(within, m.limit-m.sent)
	}
	if _, err := m.server.Write(content[:within]); err != nil {
		return 0, err
	}
	before := m.sent
	m.sent += within
	if m.sent == m.limit && before < m.limit {
		close(m.reached)
	}
	return len(content), nil
}

// onDatabase opens a database as it is.
func onDatabase(t *testing.T, address string) *sql.DB {
	t.Helper()
	driver, source := "pgx", address
	if file, isSQLite := db.SQLiteFile(address); isSQLite {
		driver, source = "sqlite", file+"?_pragma=busy_timeout(5000)"
	}
	pool, err := sql.Open(driver, source)
	must(t, err)
	return pool
}

func fillUsers(t *testing.T, address string, count int) {
	t.Helper()
	pool := onDatabase(t, address)
	defer pool.Close()
	for i := range count {
		_, err := pool.ExecContext(t.Context(), "INSERT INTO users (id, github_id, login, name, avatar_url, created_at, updated_at) VALUES ($1, $2, $3, 'A user', '', 1, 1)",
			fmt.Sprint("u", i), i+1, fmt.Sprint("login-", i))
		must(t, err)
	}
}

func logins(t *testing.T, address string) (list []string) {
	t.Helper()
	pool := onDatabase(t, address)
	defer pool.Close()
	rows, err := pool.QueryContext(t.Context(), "SELECT login FROM users ORDER BY id")
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var login string
		must(t, rows.Scan(&login))
		list = append(list, login)
	}
	must(t, rows.Err())
	return list
}

// awaitNoConnections waits until a Postgres server has noticed that a process ended.
func awaitNoConnections(t *testing.T, address string) {
	t.Helper()
	if _, isSQLite := db.SQLiteFile(address); isSQLite {
		return
	}
	pool := onDatabase(t, address)
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	dbtest.Until(t, "the killed copy has no connection", func() bool {
		var others int
		must(t, pool.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").Scan(&others))
		return others == 0
	})
}
