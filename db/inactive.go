package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// inactiveAfter is how long users stay active after the last use of a session or an
// API token of theirs. Inactive users cause no requests to GitHub: it gives an App 2,000
// user tokens an hour
// (https://docs.github.com/apps/creating-github-apps/registering-a-github-app/rate-limits-for-github-apps).
const inactiveAfter = 7 * 24 * time.Hour

// parked is the reconcile_at of users who were inactive when they were due: the last second
// of the year 9999.
const parked = 253402300799000

// IsActive reports whether a session or an API token of a user was used within inactiveAfter.
func (d *DB) IsActive(ctx context.Context, userID string) (bool, error) {
	return d.isActive(ctx, d.read, userID)
}

func (d *DB) isActive(ctx context.Context, q *sqlcgen.Queries, userID string) (bool, error) {
	active, err := q.IsActive(ctx, sqlcgen.IsActiveParams{UserID: userID, Since: millis(d.now().Add(-inactiveAfter))})
	if err != nil {
		return false, fmt.Errorf("db: read last use: %w", err)
	}
	return active, nil
}

// Unconfirm hides everything from an inactive user until GitHub confirms their access again
// after they return.
func (d *DB) Unconfirm(ctx context.Context, userID string) error {
	if err := d.write.ParkUnconfirmed(ctx, sqlcgen.ParkUnconfirmedParams{Parked: parked, UserID: userID}); err != nil {
		return fmt.Errorf("db: unconfirm: %w", err)
	}
	return nil
}

func (d *DB) resumeBySession(ctx context.Context, q *sqlcgen.Queries, tokenHash string) error {
	rows, err := q.UnparkUserOfSession(ctx, sqlcgen.UnparkUserOfSessionParams{TokenHash: tokenHash, Parked: parked})
	if err != nil {
		return fmt.Errorf("db: resume: %w", err)
	}
	for _, row := range rows {
		if err := d.resume(ctx, q, row.UserID, row.ConfirmedAt); err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) resumeByToken(ctx context.Context, q *sqlcgen.Queries, tokenHash string) error {
	rows, err := q.UnparkUserOfToken(ctx, sqlcgen.UnparkUserOfTokenParams{TokenHash: tokenHash, Parked: parked})
	if err != nil {
		return fmt.Errorf("db: resume: %w", err)
	}
	for _, row := range rows {
		if err := d.resume(ctx, q, row.UserID, row.ConfirmedAt); err != nil {
			return err
		}
	}
	return nil
}

// resume queues a sync of the lists of a user who was inactive. Access that GitHub
// confirmed too long ago is hidden first: syncing only the list of installations
// would otherwise restart the time for which it is shown.
func (d *DB) resume(ctx context.Context, q *sqlcgen.Queries, userID string, confirmedAt int64) error {
	now := millis(d.now())
	if confirmedAt <= d.confirmedAfter() {
		if err := hideEverything(ctx, q, userID, now); err != nil {
			return err
		}
	}
	return d.queueSync(ctx, q, SyncInstallations{UserID: userID}, now)
}
