package db_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/db/seal"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// dump is everything in a database that a refused start could have changed.
func dump(t *testing.T, w *world) string {
	t.Helper()
	var all []string
	for _, query := range []string{
		`SELECT github_url || client_id || app_client_id FROM settings`,
		`SELECT token_hash FROM sessions WHERE revoked_at = 0`,
		`SELECT id FROM api_tokens`,
		`SELECT user_id FROM github_tokens`,
		`SELECT user_id || repository_id FROM access`,
		`SELECT id || ':' || hidden_at FROM imports`,
		`SELECT id || ':' || deleted_at FROM installations`,
	} {
		rows := column(t, w.raw(), query)
		slices.Sort(rows)
		all = append(all, fmt.Sprint(rows))
	}
	return strings.Join(all, "\n")
}

func TestO4AnotherAppIsRejectedWithoutChanges(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got(bound(w, "https://github.com", "app-1"))(t)
		u, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		w.importRepositories(through, 1)
		w.session(u)
		before := dump(t, w)
		for _, configured := range []string{"app-2", "app-1 ", "APP-1", ""} {
			_, err := bound(w, "https://github.com", configured)
			var other *db.OtherAppError
			if !errors.As(err, &other) || other.Stored != "app-1" || other.Configured != configured {
				t.Errorf("opened for the App %q: %v", configured, err)
			}
		}
		if after := dump(t, w); after != before {
			t.Errorf("a refused start changed the database from\n%s\nto\n%s", before, after)
		}
		data := got(w.AppData(t.Context()))(t)
		if data != (db.AppData{ClientID: "app-1", Users: 1, Sessions: 1, Imports: 1}) {
			t.Errorf("what belongs to the App: %+v", data)
		}
		got(bound(w, "https://github.com", "app-1"))(t)
	})
}

// opens opens a world's database for its App with these secrets.
func opens(w *world, secrets ...string) error {
	ring, err := seal.New(secrets...)
	if err != nil {
		return err
	}
	d, err := db.Open(w.t.Context(), w.url, db.Options{Keyring: ring, AccessMaxAge: day, GitHubURL: "https://github.com", ClientID: "app-1"})
	if err != nil {
		return err
	}
	return d.Close()
}

func TestO5AnotherKeyIsRejected(t *testing.T) {
	first, second := strings.Repeat("first ", 8), strings.Repeat("second ", 8)
	each(t, func(t *testing.T, w *world) {
		ok(t, opens(w, first))
		if err := opens(w, second); !errors.Is(err, db.ErrOtherKey) {
			t.Errorf("with another key: %v", err)
		}
		ok(t, opens(w, second, first)) // rotates: from now on the second seals
		if err := opens(w, first); !errors.Is(err, db.ErrOtherKey) {
			t.Errorf("an instance with only the old key: %v", err)
		}
		ok(t, opens(w, second))
	})
}

// TestO5KeyOfTheLastRelease is about databases without a key check value.
func TestO5KeyOfTheLastRelease(t *testing.T) {
	another := strings.Repeat("another ", 8)
	each(t, func(t *testing.T, w *world) {
		got(bound(w, "https://github.com", "app-1"))(t)
		w.login(1, "ada")
		runSQL(t, w, `UPDATE settings SET key_check = ''`)
		if err := opens(w, another); !errors.Is(err, db.ErrOtherKey) {
			t.Errorf("a key that opens no token: %v", err)
		}
		got(bound(w, "https://github.com", "app-1"))(t)
		if err := opens(w, another); !errors.Is(err, db.ErrOtherKey) {
			t.Errorf("once the key is known: %v", err)
		}
	})
}

func TestO5ATokenThatCannotBeDecryptedIsMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.login(1, "ada")
		runSQL(t, w, `UPDATE github_tokens SET access_token = refresh_token`)
		if _, err := w.GitHubToken(t.Context(), u.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a token that can't be opened: %v", err)
		}
	})
}

func TestO8ANewerSchemaIsRejected(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		runSQL(t, w, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
		_, err := db.Open(t.Context(), w.url, db.Options{Keyring: dbtest.Keyring(t)})
		var newer *db.NewerSchemaError
		if !errors.As(err, &newer) || newer.Stored != 99999 || newer.Known < 17 {
			t.Errorf("opened a newer database: %v", err)
		}
	})
}

func runSQL(t *testing.T, w *world, statement string) {
	t.Helper()
	if _, err := w.raw().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// O8: a start names the way out of a file that a crash of the disk left, or that another process locks.
func TestO8ADamagedOrLockedFileIsExplained(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	file, _ := db.SQLiteFile(url)
	whole := got(os.ReadFile(file))(t)
	for _, size := range []int{16, 100, 4096, len(whole) / 2} {
		ok(t, os.WriteFile(file, whole[:size], 0o600))
		if _, err := db.Open(t.Context(), url, db.Options{Keyring: dbtest.Keyring(t)}); !errors.Is(err, db.ErrDamaged) {
			t.Errorf("%d bytes of %d: %v", size, len(whole), err)
		}
	}
	lock := got(db.LockFile(t.Context(), file+"-other"))(t)
	defer lock.Close()
	other := got(sql.Open("sqlite", "file:"+file+"-other"))(t)
	defer other.Close()
	_, err := other.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
	if err := db.Explained(err); !errors.Is(err, db.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

// O8: a folder in which SQLite can't create its files, here since one has the name already.
func TestO8AFolderThatIsNotWritableIsExplained(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	file, _ := db.SQLiteFile(url)
	ok(t, os.Mkdir(file+"-wal", 0o700))
	if _, err := db.Open(t.Context(), url, db.Options{Keyring: dbtest.Keyring(t)}); !errors.Is(err, db.ErrNotWritable) {
		t.Errorf("opened: %v", err)
	}
}

func TestO8AServerThatIsNotThereIsExplained(t *testing.T) {
	t.Parallel()
	_, err := db.Open(t.Context(), "postgres://neptun:hunter2@127.0.0.1:1/neptun", db.Options{Keyring: dbtest.Keyring(t)})
	if !errors.Is(err, db.ErrNoConnection) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("opened: %v", err)
	}
}

func TestO8StartsAtOnceOnANewSQLiteFile(t *testing.T) {
	t.Parallel()
	for range 3 {
		url := "sqlite:" + filepath.Join(t.TempDir(), "new.db")
		var starts errgroup.Group
		for range 5 {
			starts.Go(func() error {
				d, err := db.Open(t.Context(), url, db.Options{Keyring: dbtest.Keyring(t), AccessMaxAge: day, GitHubURL: "https://github.com", ClientID: "app-1"})
				if err != nil {
					return err
				}
				return d.Close()
			})
		}
		ok(t, starts.Wait())
	}
}

func TestO8AReadOnlyServerIsNotReadyAndKeepsNoConnection(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	w := newWorld(t, url)
	ok(t, w.Ready(t.Context()))
	w.login(1, "ada")

	// As after a failover: the server runs, but rejects writes.
	runSQL(t, w, `DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET default_transaction_read_only = on'; END $$`)
	runSQL(t, w, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	if err := w.Ready(t.Context()); err == nil || !db.IsUnavailable(err) {
		t.Errorf("a read-only server is ready: %v", err)
	}
	if _, err := w.ListOperators(t.Context()); !db.IsUnavailable(err) {
		t.Errorf("a connection to a read-only server is used: %v", err)
	}

	admin := got(raw(t, url).Conn(t.Context()))(t)
	for _, statement := range []string{
		`SET default_transaction_read_only = off`,
		`DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' RESET default_transaction_read_only'; END $$`,
	} {
		_, err := admin.ExecContext(t.Context(), statement)
		ok(t, err)
	}
	ok(t, admin.Close())
	ok(t, w.Ready(t.Context()))
	w.login(2, "bob")
}

// TestO8AConnectionThatBecameReadOnlyIsClosed is about a server that is demoted
// without its connections ending.
// O8: a database that accepts no connections is unavailable, whatever the reason: requests get
// 503, not 500.
func TestO8ADatabaseThatRefusesConnectionsIsUnavailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Postgres(t))
	var name string
	ok(t, w.raw().QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&name))
	renamed := name + "_renamed"
	admin := got(sql.Open("pgx", strings.Replace(w.url, "/"+name, "/postgres", 1)))(t)
	t.Cleanup(func() { _ = admin.Close() })
	change := func(statement string) {
		t.Helper()
		_, err := admin.ExecContext(t.Context(), statement)
		ok(t, err)
		_, err = admin.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name)
		ok(t, err)
	}
	change(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS false`)
	if _, err := w.ListOperators(t.Context()); !db.IsUnavailable(err) {
		t.Errorf("closed: %v", err)
	}
	change(`ALTER DATABASE ` + name + ` RENAME TO ` + renamed)
	if _, err := w.ListOperators(t.Context()); !db.IsUnavailable(err) {
		t.Errorf("renamed: %v", err)
	}
	change(`ALTER DATABASE ` + renamed + ` RENAME TO ` + name)
	change(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS true`)
	got(w.ListOperators(t.Context()))(t)
}

func TestO8AConnectionThatBecameReadOnlyIsClosed(t *testing.T) {
	t.Parallel()
	config := got(pgx.ParseConfig(dbtest.Postgres(t)))(t)
	config.OnPgError = db.KeepAfter
	conn := got(pgx.ConnectConfig(t.Context(), config))(t)
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "SET default_transaction_read_only = on"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "SELECT 1 / 0"); err == nil || conn.IsClosed() {
		t.Errorf("an ordinary error closes the connection (%v)", err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE x (y INT)"); err == nil || !conn.IsClosed() {
		t.Errorf("the connection to a read-only server is kept (%v)", err)
	}
}

func TestO8PgBouncer(t *testing.T) {
	t.Parallel()
	server := dbtest.Postgres(t)
	for mode, accepted := range map[string]bool{"session": true, "transaction": false, "statement": false} {
		d, err := db.Open(t.Context(), pgBouncer(t, server, mode), db.Options{Keyring: dbtest.Keyring(t), AccessMaxAge: day, GitHubURL: "https://github.com", ClientID: "app-1"})
		switch {
		case err == nil && accepted:
			ok(t, d.Ready(t.Context()))
			got(d.ListOperators(t.Context()))(t)
		case err == nil:
			t.Errorf("pool_mode %s is accepted", mode)
		case accepted || !errors.Is(err, db.ErrTransactionPooling):
			t.Errorf("pool_mode %s: %v", mode, err)
		}
		if err == nil {
			ok(t, d.Close())
		}
	}
}

// pgBouncer starts one in front of a server and returns its address.
func pgBouncer(t *testing.T, server, mode string) string {
	t.Helper()
	program := dbtest.Program(t, "pgbouncer")
	address := got(url.Parse(server))(t)
	folder := t.TempDir()
	ok(t, os.Chmod(folder, 0o755))
	port := dbtest.FreePort(t)
	name := strings.TrimPrefix(address.Path, "/")
	config := filepath.Join(folder, "pgbouncer.ini")
	ok(t, os.WriteFile(config, fmt.Appendf(nil, "[databases]\n%s = host=%s port=%s dbname=%s user=%s\n"+
		"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nauth_type = any\npool_mode = %s\nunix_socket_dir =\n",
		name, address.Hostname(), address.Port(), name, address.User.Username(), port, mode), 0o644))
	command := exec.CommandContext(t.Context(), program, config)
	if os.Geteuid() == 0 {
		command = exec.CommandContext(t.Context(), program, "-u", "nobody", config) // it refuses to run as root
	}
	output := got(os.Create(filepath.Join(folder, "output")))(t)
	command.Stdout, command.Stderr = output, output
	ok(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	dbtest.WaitForPort(t, port)
	address.Host = fmt.Sprint("127.0.0.1:", port)
	return address.String()
}
