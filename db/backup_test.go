package db_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// O10: a backup that isn't complete doesn't have its name, and replaces no file of others.
func TestO10ABackupIsCompleteOrMissing(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	filled(t, url)
	served, _ := db.SQLiteFile(url)
	file := filepath.Join(t.TempDir(), "file.db")
	ok(t, db.Backup(t.Context(), served, file)) // without a write-ahead log, so that a lock stops the copying
	backup := filepath.Join(t.TempDir(), "backup.db")
	ok(t, os.WriteFile(backup+".partial", []byte("of another program"), 0o600))

	// begin starts a backup, and returns once it copies. The lock stops it there.
	begin := func() (lock *sql.DB, done chan error) {
		lock, done = got(db.LockFile(t.Context(), file))(t), make(chan error, 1)
		go func() { done <- db.Backup(t.Context(), file, backup) }()
		dbtest.Until(t, "the copy has begun", func() bool { return len(got(filepath.Glob(backup+".*.partial"))(t)) == 1 })
		return lock, done
	}
	left := func() []string { return got(filepath.Glob(backup + "*"))(t) }

	lock, done := begin()
	if _, err := os.Stat(backup); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a backup that isn't complete has its name: %v", err)
	}
	ok(t, os.WriteFile(backup, []byte("created meanwhile"), 0o600))
	ok(t, lock.Close())
	if err := <-done; !errors.Is(err, db.ErrBackupExists) {
		t.Errorf("a file created meanwhile: %v", err)
	}
	if content := got(os.ReadFile(backup))(t); string(content) != "created meanwhile" {
		t.Errorf("a file created meanwhile was replaced by %d bytes", len(content))
	}
	ok(t, os.Remove(backup))

	lock, done = begin()
	ok(t, lock.Close())
	ok(t, <-done)
	if left := left(); len(left) != 2 || string(got(os.ReadFile(backup+".partial"))(t)) != "of another program" {
		t.Errorf("left %v", left)
	}
	if logins := column(t, raw(t, "sqlite:"+backup), `SELECT login FROM users WHERE login = 'ada'`); len(logins) != 1 {
		t.Errorf("the backup has %v", logins)
	}
}

// O10: where the file system has no links, no file is replaced either.
func TestO10ABackupWithoutLinks(t *testing.T) {
	t.Parallel()
	partial, backup := filepath.Join(t.TempDir(), "partial"), filepath.Join(t.TempDir(), "backup.db")
	ok(t, os.WriteFile(partial, []byte("new"), 0o600))
	ok(t, os.WriteFile(backup, []byte("old"), 0o600))
	if err := db.ReserveAndMove(partial, backup); !errors.Is(err, db.ErrBackupExists) || string(got(os.ReadFile(backup))(t)) != "old" {
		t.Errorf("over another file: %v", err)
	}
	ok(t, os.Remove(backup))
	ok(t, db.ReserveAndMove(partial, backup))
	if content := got(os.ReadFile(backup))(t); string(content) != "new" {
		t.Errorf("moved %q", content)
	}
}

// O10: what can't be restored from is reported in a line, however much is wrong with it.
func TestO10RestoreRejectsWhatIsNoBackup(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, backup := filepath.Join(folder, "neptun.db"), filepath.Join(folder, "backup.db")
	url := dbtest.SQLite(t)
	w := filled(t, url)
	source, _ := db.SQLiteFile(url)
	ok(t, db.Backup(t.Context(), source, backup))
	content := got(os.ReadFile(backup))(t)
	dangling := filepath.Join(folder, "dangling.db")
	ok(t, os.WriteFile(dangling, content, 0o600))
	violate := raw(t, "sqlite:"+dangling)
	got(violate.Exec(`DELETE FROM repositories`))(t)
	ok(t, violate.Close())
	for name, bytes := range map[string][]byte{"half": content[:len(content)/2], "text": []byte("no database at all"), "empty": nil} {
		ok(t, os.WriteFile(filepath.Join(folder, name+".db"), bytes, 0o600))
	}
	for _, name := range []string{"half", "text", "empty", "dangling"} {
		_, err := db.Restore(t.Context(), filepath.Join(folder, name+".db"), file, w.clock.Now())
		if !errors.Is(err, db.ErrNoBackup) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
			t.Errorf("%s: %v", name, err)
		}
		if name == "dangling" && !strings.Contains(err.Error(), "63 in access, 1 in import_exclusions, 6 in imports") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := got(filepath.Glob(file + "*"))(t); len(left) > 1 { // the lock file
		t.Errorf("left %v", left)
	}
}

// O10: a restore that was killed between two renames neither leads to an empty database nor
// mixes the former write-ahead log into the restored one.
func TestO10AnInterruptedRestore(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	w := filled(t, url)
	file, _ := db.SQLiteFile(url)
	backup := filepath.Join(t.TempDir(), "backup.db")
	ok(t, db.Backup(t.Context(), file, backup))
	ok(t, w.Close())
	ok(t, os.Rename(file, file+".before-restore-20260101-000000"))
	ok(t, os.WriteFile(file+"-wal", []byte("of the former database"), 0o600))
	ok(t, os.WriteFile(file+".restoring", got(os.ReadFile(backup))(t), 0o600))
	open := func() (*db.DB, error) {
		return db.Open(t.Context(), url, db.Options{Keyring: dbtest.Keyring(t), AccessMaxAge: day})
	}
	if _, err := open(); !errors.Is(err, db.ErrRestoring) {
		t.Errorf("opened: %v", err)
	}
	replaced := got(db.Restore(t.Context(), backup, file, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)))(t)
	got(os.Stat(replaced + "-wal"))(t)
	d := got(open())(t)
	defer d.Close()
	ok(t, d.Integrity(t.Context()))
	if logins := column(t, raw(t, url), `SELECT login FROM users WHERE login = 'ada'`); len(logins) != 1 {
		t.Errorf("restored %v", logins)
	}
}
