package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Session is an active session as its user sees it.
type Session struct {
	// ID identifies it for its user: the start of the hash, which reveals neither the token
	// nor the rest.
	ID        string
	CreatedAt time.Time
	ExpiresAt time.Time
	// SeenAt is zero if it wasn't used since the sign-in.
	SeenAt time.Time
	Seen   Client
}

// sessionIDLength is the length of the part of the hash that identifies a session: 96 bits.
// The queries use the same length.
const sessionIDLength = 16

// SessionID names the session with this key.
func SessionID(key string) string { return key[:min(len(key), sessionIDLength)] }

// ListSessions lists a user's active sessions, the last used first.
func (d *DB) ListSessions(ctx context.Context, userID string) ([]Session, error) {
	rows, err := d.read.ListSessions(ctx, sqlcgen.ListSessionsParams{UserID: userID, Now: millis(d.now()), IdleSince: d.idleSince()})
	if err != nil {
		return nil, fmt.Errorf("db: list sessions: %w", err)
	}
	list := make([]Session, 0, len(rows))
	for _, row := range rows {
		list = append(list, Session{
			ID: SessionID(row.TokenHash), CreatedAt: fromMillis(row.CreatedAt), ExpiresAt: fromMillis(row.ExpiresAt),
			SeenAt: fromMillis(row.LastSeenAt), Seen: Client{IP: row.LastIP, UserAgent: row.LastUserAgent},
		})
	}
	return list, nil
}

// EndSession revokes one of a user's sessions. The error is ErrNotFound if it isn't active
// or is another user's.
func (d *DB) EndSession(ctx context.Context, userID, id string) error {
	ended, err := d.write.RevokeSessionOfUser(ctx, sqlcgen.RevokeSessionOfUserParams{Now: millis(d.now()), UserID: userID, ID: id})
	if err != nil {
		return fmt.Errorf("db: end session: %w", err)
	}
	if ended == 0 {
		return ErrNotFound
	}
	return nil
}

// EndOtherSessions ends all of a user's sessions but the one with this key,
// and returns how many there were.
func (d *DB) EndOtherSessions(ctx context.Context, userID, key string) (int64, error) {
	ended, err := d.write.RevokeOtherSessionsOfUser(ctx, sqlcgen.RevokeOtherSessionsOfUserParams{Now: millis(d.now()), UserID: userID, TokenHash: key})
	if err != nil {
		return 0, fmt.Errorf("db: end other sessions: %w", err)
	}
	return ended, nil
}
