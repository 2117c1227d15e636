package db_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

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
		"from SQLite": {dbtest.SQLite, dbtest.EmptyPostgres}, "from Postgres": {dbtest.Postgres, func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "new.db") }},
	} {
		t.Run(name, func(t *testing.T) {
			from := filled(t, engines[0](t))
			if !onPostgres(from.url) {
				runSQL(t, from, `CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)`) // as Litestream does
			}
			// A login's operator is bound to a GitHub id for good, copied or not.
			operatedBy(from, "ada").login(1, "ada")
			from.DB = got(db.Open(t.Context(), from.url, db.Options{Keyring: dbtest.Keyring(t), Source: true, Now: from.clock.Now}))(t)
			to := newWorld(t, engines[1](t))
			tables := got(db.Copy(t.Context(), from.DB, to.DB))(t)
			rows := map[string]int64{}
			for _, table := range tables {
				rows[table.Name] = table.Rows
			}
			if rows["users"] != 4 || rows["repositories"] != 20 || rows["imports"] != 6 || rows["sessions"] != 3 || rows["settings"] != 1 || rows["access"] != 63 || rows["operators"] != 1 {
				t.Errorf("copied %v", rows)
			}
			if dumped, want := dump(t, to), dump(t, from); dumped != want {
				t.Errorf("copied\n%s\nof\n%s", dumped, want)
			}
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

			if _, err := db.Copy(t.Context(), from.DB, to.DB); !errors.Is(err, db.ErrNotEmpty) {
				t.Errorf("copying over data: %v", err)
			}
		})
	}
}

func TestO10CopyDetectsDifferences(t *testing.T) {
	t.Parallel()
	from, to := filled(t, dbtest.SQLite(t)), newWorld(t, dbtest.EmptyPostgres(t))
	// A value that the other engine stores differently.
	runSQL(t, to, `CREATE FUNCTION shorten() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.login := left(NEW.login, 2); RETURN NEW; END $$`)
	runSQL(t, to, `CREATE TRIGGER shorten BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION shorten()`)
	if _, err := db.Copy(t.Context(), from.DB, to.DB); err == nil {
		t.Error("a difference isn't noticed")
	}
	if users := column(t, to.raw(), `SELECT login FROM users`); len(users) > 0 {
		t.Errorf("a failed copy leaves %v", users)
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
	kept := got(db.Restore(t.Context(), backup, file, w.clock.Now()))(t)
	restored := newWorld(t, url)
	if logins := column(t, restored.raw(), `SELECT login FROM users WHERE login IN ('ada', 'later')`); len(logins) != 1 || logins[0] != "ada" {
		t.Errorf("restored %v", logins)
	}
	ok(t, restored.Integrity(t.Context()))
	former := newWorld(t, "sqlite:"+kept)
	if logins := column(t, former.raw(), `SELECT login FROM users WHERE id = '`+later.ID+`'`); len(logins) != 1 {
		t.Errorf("the database that was replaced lacks what was written last")
	}
}
