package main

import (
	"context"
	"fmt"
	"time"

	"neptun/db"
	"neptun/db/seal"
)

// sqliteFile returns the database's file, for commands that only work with SQLite.
func (p invocation) sqliteFile(command, postgres string) (string, error) {
	settings := config{DatabaseURL: defaultDatabaseURL}
	if address := clean(p.environment)["DATABASE_URL"]; address != "" {
		settings.DatabaseURL = address
	}
	if err := db.CheckURL(settings.DatabaseURL); err != nil {
		return "", configErrors{"DATABASE_URL " + err.Error()}
	}
	file, ok := db.SQLiteFile(settings.DatabaseURL)
	if !ok {
		return "", configErrors{"neptun " + command + " is for SQLite. For Postgres, use " + postgres}
	}
	return file, nil
}

// backup writes a copy of the SQLite database while instances may be running.
func (p invocation) backup(ctx context.Context, args []string, _ bool) error {
	file, err := p.sqliteFile("backup", `pg_dump --format=custom --file=FILE "$DATABASE_URL"`)
	if err != nil {
		return err
	}
	if err := db.Backup(ctx, file, args[0]); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s is a backup of %s. What is sealed in it opens only with NEPTUN_SECRET or the key file %s.key: keep a copy of that too, in another place.\n", args[0], file, file)
	return nil
}

// restore replaces the SQLite database by a backup.
func (p invocation) restore(ctx context.Context, args []string, _ bool) error {
	file, err := p.sqliteFile("restore", `pg_restore --clean --if-exists --dbname="$DATABASE_URL" FILE`)
	if err != nil {
		return err
	}
	replaced, err := db.Restore(ctx, args[0], file, time.Now())
	if replaced != "" {
		fmt.Fprintf(p.stdout, "The former database is now %s: delete it when nobody needs it.\n", replaced)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Restored %s from %s. Start Neptun with the key that the backup was made with.\n", file, args[0])
	return nil
}

// copyKeyring is never used to seal: copying doesn't open sealed values.
func copyKeyring() (*seal.Keyring, error) {
	return seal.New("copying opens and seals nothing, so that this key is never used")
}

// copy copies a database between the engines.
func (p invocation) copy(ctx context.Context, args []string, _ bool) error {
	keyring, err := copyKeyring()
	if err != nil {
		return err
	}
	sides := []string{"FROM", "TO"}
	for i, address := range args {
		if err := db.CheckURL(address); err != nil {
			return configErrors{sides[i] + " " + err.Error()}
		}
	}
	_, fromFile := db.SQLiteFile(args[0])
	if _, toFile := db.SQLiteFile(args[1]); fromFile == toFile {
		return db.ErrSameEngine // nothing has been created
	}
	var pools [2]*db.DB
	for i, options := range []db.Options{{Keyring: keyring, Source: true}, {Keyring: keyring, CopyOf: args[0]}} {
		if pools[i], err = db.Open(ctx, args[i], options); err != nil {
			return fmt.Errorf("%s: %w", sides[i], err)
		}
		defer pools[i].Close()
	}
	var tables, rows int64
	err = db.Copy(ctx, pools[0], pools[1], func(table db.CopiedTable) {
		fmt.Fprintf(p.stdout, "%-28s %8d rows copied and compared\n", table.Name, table.Rows)
		tables++
		rows += table.Rows
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%d tables, %d rows. Start Neptun with the new DATABASE_URL and the same NEPTUN_SECRET (with SQLite, the content of the key file).\n", tables, rows)
	return nil
}
