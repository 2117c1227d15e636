package db_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// filled has rows in most tables, some with NULs of meaning: empty bytes, zero
// times, text beyond ASCII.
func filled(t *testing.T, url string) *world {
	t.Helper()
	w := newWorld(t, url)
	w = got(bound(w, "https://github.com", "app-1"))(t)
	for i, login := range []string{"ada", "Zoë", "bob"} {
		u, through := w.member(int64(i+1), login, acme, repos(1, 20, acme)...)
		w.importRepositories(through, 1, int64(i+2))
		w.session(u)
	}
	_, through := w.member(9, "last", acme, repos(1, 3, acme)...)
	ok(t, w.RemoveImport(t.Context(), through, w.importRepositories(through, 3)[0])) // the highest id was used already
	return w
}

func TestO10CopyBetweenEngines(t *testing.T) {
	t.Parallel()
	for name, engines := range map[string][2]func(testing.TB) string{
		"from SQLite": {dbtest.SQLite, dbtest.EmptyPostgres}, "from Postgres": {dbtest.Postgres, emptySQLite},
	} {
		t.Run(name, func(t *testing.T) {
			from := filled(t, engines[0](t))
			if !onPostgres(from.url) {
				runSQL(t, from, `CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)`) // as Litestream does
			}
			// A login's operator is bound to a GitHub id for good, copied or not.
			operatedBy(from, "ada").login(1, "ada")
			source := from.asSource()
			to := got(target(t, engines[1](t), from.url))(t)
			rows := map[string]int64{}
			ok(t, db.Copy(t.Context(), source, to.DB, func(table db.CopiedTable) { rows[table.Name] = table.Rows }))
			if rows["users"] != 4 || rows["repositories"] != 20 || rows["imports"] != 6 || rows["sessions"] != 3 || rows["settings"] != 1 || rows["access"] != 63 || rows["operators"] != 1 {
				t.Errorf("copied %v", rows)
			}
			if dumped, want := dump(t, to), dump(t, from); dumped != want {
				t.Errorf("copied\n%s\nof\n%s", dumped, want)
			}
			ok(t, source.Close())
			ok(t, to.Close())
			// It works on, and gives no key out twice.
			to = got(bound(to, "https://github.com", "app-1"))(t)
			u, through := to.member(9, "last", acme, repos(1, 3, acme)...)
			var highest int64
			ok(t, from.raw().QueryRow(`SELECT MAX(id) FROM imports`).Scan(&highest))
			if id := to.importRepositories(through, 1)[0]; id != highest+2 {
				t.Errorf("the next import of %s is %d, want %d", u.Login, id, highest+2)
			}
			got(to.GitHubToken(t.Context(), u.ID))(t)
			ok(t, to.Integrity(t.Context()))

			ok(t, to.Close())
			if _, err := target(t, to.url, from.url); !errors.Is(err, db.ErrNotEmpty) {
				t.Errorf("copying over data: %v", err)
			}
			got(db.Open(t.Context(), to.url, ofTests(t)))(t) // it isn't marked as a target
		})
	}
}

func emptySQLite(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "new.db") }

// writeAtOnce writes to a database, unless another transaction keeps it from that.
func writeAtOnce(t *testing.T, url string) error {
	t.Helper()
	conn := got(raw(t, url).Conn(t.Context()))(t)
	defer conn.Close()
	for _, statement := range map[bool][]string{
		false: {"PRAGMA busy_timeout = 0", "UPDATE users SET name = name"},
		true:  {"SET lock_timeout = '1ms'", "UPDATE users SET name = name"},
	}[onPostgres(url)] {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			return err
		}
	}
	return nil
}

// asSource opens the database to copy from, as neptun copy does.
func (w *world) asSource() *db.DB {
	w.t.Helper()
	ok(w.t, w.Close()) // its connections look like those of an instance
	source := got(db.Open(w.t.Context(), w.url, db.Options{Keyring: dbtest.Keyring(w.t), Source: true, Now: w.clock.Now}))(w.t)
	w.t.Cleanup(func() { _ = source.Close() })
	return source
}

// target opens a database to copy to, as neptun copy does.
func target(t *testing.T, url, source string) (*world, error) {
	t.Helper()
	d, err := db.Open(t.Context(), url, db.Options{Keyring: dbtest.Keyring(t), CopyOf: source})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = d.Close() })
	return &world{DB: d, t: t, url: url, clock: dbtest.NewClock(time.Now()), filling: sync.OnceValue(func() *sql.DB { return raw(t, url) })}, nil
}

func TestO10CopyDetectsDifferences(t *testing.T) {
	t.Parallel()
	from := filled(t, dbtest.SQLite(t))
	to := got(target(t, dbtest.EmptyPostgres(t), from.url))(t)
	// A value that the other engine stores differently.
	runSQL(t, to, `CREATE FUNCTION shorten() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.login := left(NEW.login, 2); RETURN NEW; END $$`)
	runSQL(t, to, `CREATE TRIGGER shorten BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION shorten()`)
	if err := db.Copy(t.Context(), from.asSource(), to.DB, func(db.CopiedTable) {}); err == nil {
		t.Error("a difference isn't noticed")
	}
	if users := column(t, to.raw(), `SELECT login FROM users`); len(users) > 0 {
		t.Errorf("a failed copy leaves %v", users)
	}
}

// O10: what an instance wrote during a copy would be missing in it, and two copies would mix.
func TestO10NothingWritesDuringACopy(t *testing.T) {
	t.Parallel()
	for name, engines := range map[string][2]func(testing.TB) string{
		"from SQLite": {dbtest.SQLite, dbtest.EmptyPostgres}, "from Postgres": {dbtest.Postgres, emptySQLite},
	} {
		t.Run(name, func(t *testing.T) {
			from := filled(t, engines[0](t))
			if onPostgres(from.url) {
				instance := raw(t, from.url)
				got(instance.ExecContext(t.Context(), "LISTEN neptun"))(t)
				if _, err := db.Open(t.Context(), from.url, db.Options{Keyring: dbtest.Keyring(t), Source: true}); !errors.Is(err, db.ErrInUse) {
					t.Errorf("a source that an instance uses: %v", err)
				}
				ok(t, instance.Close())
			}
			source := from.asSource()
			to := got(target(t, engines[1](t), from.url))(t)
			tried := false
			ok(t, db.Copy(t.Context(), source, to.DB, func(db.CopiedTable) {
				if tried {
					return
				}
				tried = true
				if err := writeAtOnce(t, from.url); err == nil {
					t.Error("the source can be written to")
				}
				if _, err := target(t, to.url, from.url); !errors.Is(err, db.ErrInUse) {
					t.Errorf("another copy to the same target: %v", err)
				}
				var unfinished *db.UnfinishedCopyError
				if _, err := db.Open(t.Context(), to.url, ofTests(t)); !errors.As(err, &unfinished) {
					t.Errorf("a start during the copy: %v", err)
				}
			}))
			if !tried {
				t.Error("nothing was tried during the copy")
			}
			ok(t, writeAtOnce(t, from.url))
		})
	}
}

func TestO10BackupAndRestoreDuringWrites(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	w := filled(t, url)
	file, _ := db.SQLiteFile(url)
	backup := filepath.Join(t.TempDir(), "backup.db")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := int64(100); ; i++ {
			select {
			case <-stop:
				return
			default:
				w.login(i, fmt.Sprint("user-", i))
			}
		}
	}()
	ok(t, db.Backup(t.Context(), file, backup))
	close(stop)
	<-stopped
	if info := got(os.Stat(backup))(t); info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the backup: %v", info.Mode())
	}
	if err := db.Backup(t.Context(), file, backup); !errors.Is(err, db.ErrBackupExists) {
		t.Errorf("a backup over another one: %v", err)
	}

	later := w.login(5000, "later")
	lock := got(db.LockFile(t.Context(), file+"-jobs"))(t) // as a running instance holds it
	if _, err := db.Restore(t.Context(), backup, file, w.clock.Now()); !errors.Is(err, db.ErrInUse) {
		t.Errorf("restored under a running instance: %v", err)
	}
	ok(t, lock.Close())
	ok(t, w.Close())
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	content := got(os.ReadFile(backup))(t)
	ok(t, os.WriteFile(damaged, append(content[:len(content)/2], make([]byte, len(content)/2)...), 0o600))
	if _, err := db.Restore(t.Context(), damaged, file, w.clock.Now()); err == nil {
		t.Error("a damaged backup was restored")
	}
	// A restore that can't write its copy leaves the database where it is.
	ok(t, os.MkdirAll(filepath.Join(file+".restoring", "in the way"), 0o700))
	if _, err := db.Restore(t.Context(), backup, file, w.clock.Now()); err == nil {
		t.Error("restored without a copy")
	}
	got(os.Stat(file))(t)
	ok(t, os.RemoveAll(file+".restoring"))
	replacedFile := got(db.Restore(t.Context(), backup, file, w.clock.Now()))(t)
	restored := newWorld(t, url)
	if logins := column(t, restored.raw(), `SELECT login FROM users WHERE login IN ('ada', 'later')`); len(logins) != 1 || logins[0] != "ada" {
		t.Errorf("restored %v", logins)
	}
	ok(t, restored.Integrity(t.Context()))
	replaced := newWorld(t, "sqlite:"+replacedFile)
	if logins := column(t, replaced.raw(), `SELECT login FROM users WHERE id = '`+later.ID+`'`); len(logins) != 1 {
		t.Errorf("the replaced database lacks the last write")
	}
}
