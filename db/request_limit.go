package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// RequestLimit is until when GitHub answers nothing more in a user's name,
// which every instance heeds without asking again.
type RequestLimit struct {
	Until     time.Time // zero for no limit
	Secondary bool      // GitHub's word for too much at once
}

// RequestLimit tells the limit that a user's requests stand under.
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

// PutRequestLimit notes a limit that GitHub named. Of two the longer one holds.
func (d *DB) PutRequestLimit(ctx context.Context, userID string, limit RequestLimit) error {
	err := d.write.PutRequestLimit(ctx, sqlcgen.PutRequestLimitParams{
		UserID: userID, Until: millis(limit.Until), Secondary: limit.Secondary,
	})
	if err != nil {
		return fmt.Errorf("db: put limit: %w", err)
	}
	return nil
}

// AppLimit tells the limit that the App's requests stand under, in the name of an
// installation, or, with 0, in its own.
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

// PutAppLimit notes a limit that GitHub named to the App. Of two the longer one
// holds.
func (d *DB) PutAppLimit(ctx context.Context, installationID int64, limit RequestLimit) error {
	err := d.write.PutAppLimit(ctx, sqlcgen.PutAppLimitParams{
		InstallationID: installationID, Until: millis(limit.Until), Secondary: limit.Secondary,
	})
	if err != nil {
		return fmt.Errorf("db: put limit: %w", err)
	}
	return nil
}
