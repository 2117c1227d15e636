package db

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

// URLError describes what is wrong with a database URL. It doesn't contain the
// URL, which may have a password.
type URLError string

// Error implements error.
func (e URLError) Error() string { return string(e) }

const (
	sqliteScheme   = "sqlite:"
	sqliteHeader   = "SQLite format 3\x00" // https://sqlite.org/fileformat.html#the_database_header
	sqliteMemory   = ":memory:"
	addressExample = "use sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE"
)

var schemeShape = regexp.MustCompile(`^[a-z0-9+]+$`)

// CheckURL validates a database URL without connecting. The error is a
// URLError.
func CheckURL(address string) error {
	scheme, _, found := strings.Cut(address, ":")
	switch {
	case !found || !schemeShape.MatchString(scheme):
		return URLError("must name the kind of database: " + addressExample)
	case scheme == "sqlite":
		return checkSQLite(address)
	case scheme == "postgres", scheme == "postgresql":
		return checkPostgres(address)
	}
	return URLError("names " + scheme + ", which isn't supported: " + addressExample)
}

// SQLiteFile returns the file of a database URL, and whether it is one of SQLite.
func SQLiteFile(address string) (string, bool) {
	file, ok := strings.CutPrefix(address, sqliteScheme)
	return strings.TrimPrefix(file, "//"), ok
}

func checkSQLite(address string) error {
	file, _ := SQLiteFile(address)
	switch {
	case strings.Contains(file, sqliteMemory) || strings.Contains(file, "mode=memory"):
		return URLError("names a database in memory, which Neptun can't use: name a file, such as sqlite:neptun.db")
	case file == "":
		return URLError("names no file: use an address such as sqlite:neptun.db")
	case strings.ContainsAny(file, "?#"):
		return URLError("has parameters, which Neptun sets itself: name a file alone, such as sqlite:neptun.db")
	}
	folder := filepath.Dir(file)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return URLError("names the file " + file + ", but there is no folder " + folder)
	}
	return checkSQLiteFile(file)
}

func checkSQLiteFile(file string) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return URLError("names " + file + ", which is a folder: name a file in it, such as sqlite:" + filepath.Join(file, "neptun.db"))
	}
	content, err := os.OpenFile(file, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // to be created
	case err != nil:
		return URLError("names the file " + file + ", which can't be opened for writing")
	}
	defer content.Close()
	header := make([]byte, len(sqliteHeader))
	n, err := io.ReadFull(content, header)
	if n > 0 && (err != nil || !bytes.Equal(header, []byte(sqliteHeader))) {
		return URLError("names the file " + file + ", which isn't a SQLite database")
	}
	return nil
}

func checkPostgres(address string) error {
	parsed, err := url.Parse(address)
	if err != nil || strings.Contains(parsed.Path, "@") || strings.Contains(parsed.Fragment, "@") || strings.Contains(parsed.RawQuery, "@") {
		// Text after an unescaped / or # would be looked up as a host.
		return URLError("isn't a valid Postgres address: percent-encode / ? # @ and % in the user and the password")
	}
	if _, err := pgx.ParseConfig(address); err != nil {
		return URLError("isn't a valid Postgres address: " + addressExample)
	}
	return nil
}
