package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// MaxSessions is how many sessions a user has at most. With one more, the oldest
// ends.
const MaxSessions = 50

// HasSession reports whether a session is stored, even if it has ended.
func (d *DB) HasSession(ctx context.Context, tokenHash string) (bool, error) {
	has, err := d.read.HasSession(ctx, tokenHash)
	if err != nil {
		return false, fmt.Errorf("db: look for session: %w", err)
	}
	return has, nil
}

// PutSession stores a session of a user. If it was revoked in between, it stays revoked.
func (d *DB) PutSession(ctx context.Context, tokenHash, userID string, data []byte, expiresAt time.Time) error {
	now := millis(d.now())
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		err := q.PutSession(ctx, sqlcgen.PutSessionParams{
			TokenHash: tokenHash, UserID: userID, Data: data, Now: now, ExpiresAt: millis(expiresAt),
		})
		if err != nil {
			return fmt.Errorf("db: put session: %w", err)
		}
		err = q.RevokeOldestSessions(ctx, sqlcgen.RevokeOldestSessionsParams{Now: now, UserID: userID, RowLimit: MaxSessions})
		if err != nil {
			return fmt.Errorf("db: end the oldest sessions: %w", err)
		}
		return nil
	})
}

// idleSince returns the time since which a session must have been used or created to be
// active. Its use is recorded once per UseInterval.
func (d *DB) idleSince() int64 {
	if d.sessionIdle == 0 {
		return 0
	}
	return millis(d.now().Add(-d.sessionIdle))
}

// RevokeSession ends a session permanently.
func (d *DB) RevokeSession(ctx context.Context, tokenHash string) error {
	err := d.write.RevokeSession(ctx, sqlcgen.RevokeSessionParams{Now: millis(d.now()), TokenHash: tokenHash})
	if err != nil {
		return fmt.Errorf("db: revoke session: %w", err)
	}
	return nil
}
