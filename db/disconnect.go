package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// Disconnect erases a person's GitHub token and ends all of their sessions and
// script tokens.
// Their imports stay, hidden, for the day they come back.
func (d *DB) Disconnect(ctx context.Context, userID string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if err := q.DeleteGitHubToken(ctx, userID); err != nil {
			return fmt.Errorf("db: delete token: %w", err)
		}
		if err := q.RevokeSessionsOfUser(ctx, sqlcgen.RevokeSessionsOfUserParams{Now: millis(d.now()), UserID: userID}); err != nil {
			return fmt.Errorf("db: revoke sessions: %w", err)
		}
		if err := q.DeleteScriptTokensOfUser(ctx, userID); err != nil {
			return fmt.Errorf("db: delete script tokens: %w", err)
		}
		return nil
	})
}

// GitHubTokenOf is GitHubToken for whom GitHub knows by this id.
func (d *DB) GitHubTokenOf(ctx context.Context, gitHubID int64) (StoredToken, error) {
	userID, err := d.read.GetUserID(ctx, gitHubID)
	if err != nil {
		return StoredToken{}, fmt.Errorf("db: find user: %w", found(err))
	}
	return d.GitHubToken(ctx, userID)
}
