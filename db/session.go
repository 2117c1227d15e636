package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// FindSession reads the data of a live session. The error is ErrNotFound for
// one that is not there, has expired or was revoked.
func (d *DB) FindSession(ctx context.Context, tokenHash string) ([]byte, error) {
	data, err := d.read.FindSession(ctx, sqlcgen.FindSessionParams{TokenHash: tokenHash, Now: millis(d.now())})
	return data, found(err)
}

// PutSession stores a session of a person. One revoked meanwhile stays revoked.
func (d *DB) PutSession(ctx context.Context, tokenHash, userID string, data []byte, expiresAt time.Time) error {
	err := d.write.PutSession(ctx, sqlcgen.PutSessionParams{
		TokenHash: tokenHash,
		UserID:    userID,
		Data:      data,
		Now:       millis(d.now()),
		ExpiresAt: millis(expiresAt),
	})
	if err != nil {
		return fmt.Errorf("db: put session: %w", err)
	}
	return nil
}

// RevokeSession ends a session for good.
func (d *DB) RevokeSession(ctx context.Context, tokenHash string) error {
	err := d.write.RevokeSession(ctx, sqlcgen.RevokeSessionParams{Now: millis(d.now()), TokenHash: tokenHash})
	if err != nil {
		return fmt.Errorf("db: revoke session: %w", err)
	}
	return nil
}
