package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// RevokeTokens is the job that revokes installation tokens on GitHub whose users no longer
// use Neptun.
type RevokeTokens struct{}

// Kind implements jobs.Args.
func (RevokeTokens) Kind() string { return "revoke_tokens" }

// AbandonedToken is a token that acts as the App and whose user revoked the
// authorization.
type AbandonedToken struct {
	Token string

	hash string
}

// abandonTokens queues the revocation of the tokens that a user created through one
// record or, if it is 0, through any. Tokens that act as the user end with the
// authorization.
func (d *DB) abandonTokens(ctx context.Context, q *sqlcgen.Queries, userID string, record int64) error {
	abandoned, err := q.AbandonAccessTokens(ctx, sqlcgen.AbandonAccessTokensParams{UserID: userID, RecordID: record, Now: millis(d.now())})
	if err != nil {
		return fmt.Errorf("db: abandon access tokens: %w", err)
	}
	if err := q.DeleteAccessTokensOfUser(ctx, sqlcgen.DeleteAccessTokensOfUserParams{UserID: userID, RecordID: record}); err != nil {
		return fmt.Errorf("db: delete access tokens: %w", err)
	}
	if abandoned == 0 {
		return nil
	}
	return d.runNow(ctx, q, RevokeTokens{}, priorityRemoval)
}

// ListAbandonedTokens lists up to most tokens that are to be revoked. Those that no key
// opens are skipped; they expire.
func (d *DB) ListAbandonedTokens(ctx context.Context, limit int) ([]AbandonedToken, error) {
	rows, err := d.read.ListAbandonedTokens(ctx, sqlcgen.ListAbandonedTokensParams{Now: millis(d.now()), RowLimit: int64(limit)})
	if err != nil {
		return nil, fmt.Errorf("db: list abandoned tokens: %w", err)
	}
	list := make([]AbandonedToken, 0, len(rows))
	for _, row := range rows {
		if token, err := d.keyring.Open(row.Sealed, accessTokenPlace(row.TokenHash)); err == nil {
			list = append(list, AbandonedToken{Token: string(token), hash: row.TokenHash})
		}
	}
	return list, nil
}

// DeleteAbandonedToken deletes a token that was revoked.
func (d *DB) DeleteAbandonedToken(ctx context.Context, token AbandonedToken) error {
	if err := d.write.DeleteAbandonedToken(ctx, token.hash); err != nil {
		return fmt.Errorf("db: forget abandoned token: %w", err)
	}
	return nil
}
