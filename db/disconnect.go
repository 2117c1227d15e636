package db

import (
	"context"
	"errors"
	"fmt"

	"neptun/db/sqlcgen"
)

// Disconnect erases a user's GitHub token and ends all of their sessions and
// API tokens; GitHub tokens that they were handed out are revoked. Their imports
// stay, hidden, for the day they come back.
func (d *DB) Disconnect(ctx context.Context, userID string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if err := q.DeleteGitHubToken(ctx, userID); err != nil {
			return fmt.Errorf("db: delete token: %w", err)
		}
		return d.endCredentials(ctx, q, userID)
	})
}

// ErrStale says that somebody signed in again while GitHub was asked about them.
var ErrStale = errors.New("db: the token was replaced meanwhile")

// DisconnectAt is Disconnect for somebody whose token of this version is no
// longer good. Nothing happens to a user who signed in again meanwhile: the error is
// ErrStale.
func (d *DB) DisconnectAt(ctx context.Context, userID string, version int64) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		deleted, err := q.DeleteGitHubTokenAt(ctx, sqlcgen.DeleteGitHubTokenAtParams{UserID: userID, Version: version})
		switch {
		case err != nil:
			return fmt.Errorf("db: delete token: %w", err)
		case deleted == 0:
			return ErrStale
		}
		return d.endCredentials(ctx, q, userID)
	})
}

// endCredentials ends whatever a user can ask Neptun with.
func (d *DB) endCredentials(ctx context.Context, q *sqlcgen.Queries, userID string) error {
	if err := q.RevokeSessionsOfUser(ctx, sqlcgen.RevokeSessionsOfUserParams{Now: millis(d.now()), UserID: userID}); err != nil {
		return fmt.Errorf("db: revoke sessions: %w", err)
	}
	if err := q.DeleteAPITokensOfUser(ctx, userID); err != nil {
		return fmt.Errorf("db: delete script tokens: %w", err)
	}
	return d.abandonTokens(ctx, q, userID, 0)
}

// GitHubTokenOf is GitHubToken for whom GitHub knows by this id.
func (d *DB) GitHubTokenOf(ctx context.Context, gitHubID int64) (StoredToken, error) {
	userID, err := d.read.GetUserID(ctx, gitHubID)
	if err != nil {
		return StoredToken{}, fmt.Errorf("db: find user: %w", found(err))
	}
	return d.GitHubToken(ctx, userID)
}
