package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// RequestLimit is the time until which GitHub rejects a user's requests. All instances
// respect it.
type RequestLimit struct {
	Until     time.Time // zero for no limit
	Secondary bool      // GitHub's secondary rate limit
}

// RequestLimit returns the current limit of a user's requests.
func (d *DB) RequestLimit(ctx context.Context, userID string) (RequestLimit, error) {
	row, err := d.read.GetRequestLimit(ctx, sqlcgen.GetRequestLimitParams{UserID: userID, Now: millis(d.now())})
	if errors.Is(err, sql.ErrNoRows) {
		return RequestLimit{}, nil
	}
	if err != nil {
		return RequestLimit{}, fmt.Errorf("db: read limit: %w", err)
	}
	return RequestLimit{Until: fromMillis(row.Until), Secondary: row.Secondary}, nil
}

// PutRequestLimit records a limit that GitHub reported. The longer of two applies.
func (d *DB) PutRequestLimit(ctx context.Context, userID string, limit RequestLimit) error {
	err := d.write.PutRequestLimit(ctx, sqlcgen.PutRequestLimitParams{
		UserID: userID, Until: millis(limit.Until), Secondary: limit.Secondary,
	})
	if err != nil {
		return fmt.Errorf("db: put limit: %w", err)
	}
	return nil
}

// AppLimit returns the current limit of the App's requests with an installation's token or,
// if installationID is 0, with its own.
func (d *DB) AppLimit(ctx context.Context, installationID int64) (RequestLimit, error) {
	row, err := d.read.GetAppLimit(ctx, sqlcgen.GetAppLimitParams{InstallationID: installationID, Now: millis(d.now())})
	if errors.Is(err, sql.ErrNoRows) {
		return RequestLimit{}, nil
	}
	if err != nil {
		return RequestLimit{}, fmt.Errorf("db: read limit: %w", err)
	}
	return RequestLimit{Until: fromMillis(row.Until), Secondary: row.Secondary}, nil
}

// PutAppLimit records a limit that GitHub reported to the App. The longer of two
// applies.
func (d *DB) PutAppLimit(ctx context.Context, installationID int64, limit RequestLimit) error {
	err := d.write.PutAppLimit(ctx, sqlcgen.PutAppLimitParams{
		InstallationID: installationID, Until: millis(limit.Until), Secondary: limit.Secondary,
	})
	if err != nil {
		return fmt.Errorf("db: put limit: %w", err)
	}
	return nil
}
