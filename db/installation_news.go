package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"neptun/db/sqlcgen"
)

// ErrStale says that something was stored of an installation while GitHub was
// asked about it: the answer may be the older of the two.
var ErrStale = errors.New("db: the installation was written meanwhile")

// InstallationMark is how an installation stood before GitHub was asked.
type InstallationMark struct{ writes int64 }

// unknownInstallation is the mark of one that isn't stored.
var unknownInstallation = InstallationMark{-1}

// MarkInstallation says how an installation stands, for RefreshInstallation to
// know whether it still does. It need not be known.
func (d *DB) MarkInstallation(ctx context.Context, gitHubID int64) (InstallationMark, error) {
	return markInstallation(ctx, d.read, gitHubID)
}

func markInstallation(ctx context.Context, q *sqlcgen.Queries, gitHubID int64) (InstallationMark, error) {
	writes, err := q.GetInstallationWrites(ctx, gitHubID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return unknownInstallation, nil
	case err != nil:
		return InstallationMark{}, fmt.Errorf("db: mark installation: %w", err)
	}
	return InstallationMark{writes}, nil
}

// RefreshInstallation is PutInstallation for what GitHub said after the mark was
// taken. The error is ErrStale when somebody else stored something since.
func (d *DB) RefreshInstallation(ctx context.Context, facts Installation, since InstallationMark) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		// The account's row comes first for everybody, and is held until the end, also
		// where the installation has no row to hold yet.
		accountID, err := putAccount(ctx, q, facts.Account, asOfNow)
		if err != nil {
			return err
		}
		if since == unknownInstallation {
			now, err := markInstallation(ctx, q, facts.GitHubID)
			switch {
			case err != nil:
				return err
			case now != unknownInstallation:
				return ErrStale
			}
			return putInstallation(ctx, q, accountID, facts, asOfNow, millis(d.now()))
		}
		held, err := q.HoldInstallation(ctx, sqlcgen.HoldInstallationParams{ID: facts.GitHubID, Writes: since.writes})
		switch {
		case err != nil:
			return fmt.Errorf("db: hold installation: %w", err)
		case held == 0:
			return ErrStale
		}
		return putInstallation(ctx, q, accountID, facts, asOfNow, millis(d.now()))
	})
}
