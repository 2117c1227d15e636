package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// RevokeTokens is the job that revokes, on GitHub, tokens that act as the App and
// were handed out to users who have gone.
type RevokeTokens struct{}

// Kind implements jobs.Args.
func (RevokeTokens) Kind() string { return "revoke_tokens" }

// AbandonedToken is a token that acts as the App. The user it was issued to is
// no longer connected.
type AbandonedToken struct {
	Token string

	hash string
}

// abandonTokens has the tokens revoked that a user was handed out through one
// record or, where it is 0, through any. Those that act as the user end with their
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

// ListAbandonedTokens lists tokens that are to be revoked, at most so many. Those
// that no key opens are left to expire.
func (d *DB) ListAbandonedTokens(ctx context.Context, most int) ([]AbandonedToken, error) {
	rows, err := d.read.ListAbandonedTokens(ctx, sqlcgen.ListAbandonedTokensParams{Now: millis(d.now()), Most: int64(most)})
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

// DeleteAbandonedToken forgets a token that is revoked.
func (d *DB) DeleteAbandonedToken(ctx context.Context, token AbandonedToken) error {
	if err := d.write.DeleteAbandonedToken(ctx, token.hash); err != nil {
		return fmt.Errorf("db: forget abandoned token: %w", err)
	}
	return nil
}
