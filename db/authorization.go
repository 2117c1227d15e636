package db

import (
	"context"
	"errors"
	"fmt"

	"neptun/db/sqlcgen"
)

// EndAuthorization deletes a user's GitHub token and ends all of their sessions and API
// tokens; GitHub tokens that they created are revoked. Their imports stay, hidden, in case
// they return.
func (d *DB) EndAuthorization(ctx context.Context, userID string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if err := q.DeleteGitHubToken(ctx, userID); err != nil {
			return fmt.Errorf("db: delete token: %w", err)
		}
		return d.endCredentials(ctx, q, userID)
	})
}

// ErrStale means that the user signed in again while the request to GitHub was in flight.
var ErrStale = errors.New("db: the token was replaced meanwhile")

// EndAuthorizationAt is EndAuthorization for a user whose token of this version is no longer
// valid, together with the entry in the audit log. It changes nothing if the user signed in
// again meanwhile: the error is ErrStale.
func (d *DB) EndAuthorizationAt(ctx context.Context, userID string, version int64, entry AuditEntry) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		deleted, err := q.DeleteGitHubTokenAt(ctx, sqlcgen.DeleteGitHubTokenAtParams{UserID: userID, Version: version})
		switch {
		case err != nil:
			return fmt.Errorf("db: delete token: %w", err)
		case deleted == 0:
			return ErrStale
		}
		if err := d.endCredentials(ctx, q, userID); err != nil {
			return err
		}
		return d.insertAudit(ctx, q, entry)
	})
}

// endCredentials revokes all sessions and API tokens of a user.
func (d *DB) endCredentials(ctx context.Context, q *sqlcgen.Queries, userID string) error {
	if err := q.RevokeSessionsOfUser(ctx, sqlcgen.RevokeSessionsOfUserParams{Now: millis(d.now()), UserID: userID}); err != nil {
		return fmt.Errorf("db: revoke sessions: %w", err)
	}
	if err := q.DeleteAPITokensOfUser(ctx, userID); err != nil {
		return fmt.Errorf("db: delete API tokens: %w", err)
	}
	return d.abandonTokens(ctx, q, userID, 0)
}

// GitHubTokenOf is GitHubToken for the user with this GitHub id.
func (d *DB) GitHubTokenOf(ctx context.Context, gitHubID int64) (StoredToken, error) {
	userID, err := d.read.GetUserID(ctx, gitHubID)
	if err != nil {
		return StoredToken{}, fmt.Errorf("db: find user: %w", found(err))
	}
	return d.GitHubToken(ctx, userID)
}
