package db_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

func TestS9ANewDatabaseFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes")
	}
	file := filepath.Join(t.TempDir(), "n.db")
	d := got(db.Open(t.Context(), "sqlite:"+file, db.Options{Keyring: dbtest.Keyring(t), AccessMaxAge: day}))(t)
	defer d.Close()
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", filepath.Base(name), info.Mode())
		}
	}
}
