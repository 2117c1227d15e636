package db

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"neptun/db/sqlcgen"
)

// Token is a GitHub user access token with its refresh token.
type Token struct {
	Access string
	// AccessExpiresAt is zero for an App whose tokens don't expire.
	AccessExpiresAt  time.Time
	Refresh          string
	RefreshExpiresAt time.Time
}

// StoredToken is a stored token with its version.
type StoredToken struct {
	Token
	Version int64
	// IssuedAt is when GitHub issued the access token, zero if unknown.
	IssuedAt time.Time
	// Refused means that GitHub no longer accepts this token: the user has to sign in again.
	Refused bool
	// Refusal is the reason, if GitHub gives one.
	Refusal Refusal
}

// Refusal is why GitHub rejects a user.
type Refusal string

// AccountSuspended is the refusal of a user whose account GitHub has suspended.
const AccountSuspended Refusal = "account_suspended"

// The two columns that hold sealed tokens.
const (
	accessToken  = "access_token"
	refreshToken = "refresh_token"
)

// tokenPlace identifies where a token is stored: it can't be opened from anywhere else.
func tokenPlace(userID, column string) string {
	return "github_tokens." + column + "/" + userID
}

func (d *DB) sealToken(userID, column, plain string) []byte {
	return d.keyring.Seal([]byte(plain), tokenPlace(userID, column))
}

// GitHubToken returns the token for a user's requests to GitHub. The error is ErrNotFound
// for a user who never signed in, and for a token that no key opens any more: the next
// sign-in stores another.
func (d *DB) GitHubToken(ctx context.Context, userID string) (StoredToken, error) {
	row, err := d.read.GetGitHubToken(ctx, userID)
	if err != nil {
		return StoredToken{}, fmt.Errorf("db: read token: %w", found(err))
	}
	access, err := d.keyring.Open(row.AccessToken, tokenPlace(userID, accessToken))
	if err != nil {
		return StoredToken{}, d.sealedToken(ctx, userID)
	}
	refresh, err := d.keyring.Open(row.RefreshToken, tokenPlace(userID, refreshToken))
	if err != nil {
		return StoredToken{}, d.sealedToken(ctx, userID)
	}
	return StoredToken{
		Token: Token{
			Access:           string(access),
			AccessExpiresAt:  fromMillis(row.AccessExpiresAt),
			Refresh:          string(refresh),
			RefreshExpiresAt: fromMillis(row.RefreshExpiresAt),
		},
		Version:  row.Version,
		IssuedAt: fromMillis(row.IssuedAt),
		Refused:  row.RefusedAt > 0,
		Refusal:  Refusal(row.Refusal),
	}, nil
}

// sealedToken is the error for a token whose key is gone.
func (d *DB) sealedToken(ctx context.Context, userID string) error {
	d.log.WarnContext(ctx, "a GitHub token can't be opened: the key that sealed it is no longer in NEPTUN_SECRET", slog.String("user", userID))
	return fmt.Errorf("db: open token: %w", ErrNotFound)
}

// LeaseGitHubToken gives one caller, across all instances, the right to renew this version of
// the token for a while. It returns false while another caller has it, or if the version is
// no longer the stored one.
func (d *DB) LeaseGitHubToken(ctx context.Context, userID string, version int64, lease time.Duration) (bool, error) {
	now := d.now()
	rows, err := d.write.LeaseGitHubToken(ctx, sqlcgen.LeaseGitHubTokenParams{
		LeaseUntil: millis(now.Add(lease)),
		UserID:     userID,
		Version:    version,
		Now:        millis(now),
	})
	if err != nil {
		return false, fmt.Errorf("db: lease token: %w", err)
	}
	return rows == 1, nil
}

// RenewGitHubToken replaces a version of the token by its successor and ends the lease. If
// the user has signed in since, their newer token stays.
func (d *DB) RenewGitHubToken(ctx context.Context, userID string, version int64, token Token) error {
	_, err := d.write.RenewGitHubToken(ctx, sqlcgen.RenewGitHubTokenParams{
		AccessToken:      d.sealToken(userID, accessToken, token.Access),
		AccessExpiresAt:  millis(token.AccessExpiresAt),
		RefreshToken:     d.sealToken(userID, refreshToken, token.Refresh),
		RefreshExpiresAt: millis(token.RefreshExpiresAt),
		IssuedAt:         millis(d.now()),
		UserID:           userID,
		Version:          version,
	})
	if err != nil {
		return fmt.Errorf("db: renew token: %w", err)
	}
	return nil
}

// ReleaseGitHubToken ends a lease without a new token, so that the next caller
// may try.
func (d *DB) ReleaseGitHubToken(ctx context.Context, userID string, version int64) error {
	err := d.write.ReleaseGitHubToken(ctx, sqlcgen.ReleaseGitHubTokenParams{UserID: userID, Version: version})
	if err != nil {
		return fmt.Errorf("db: release token: %w", err)
	}
	return nil
}

// RefuseGitHubToken records that GitHub no longer accepts this version, and why if known.
// Nothing is shown to the user until they sign in again.
func (d *DB) RefuseGitHubToken(ctx context.Context, userID string, version int64, why Refusal) error {
	err := d.write.RefuseGitHubToken(ctx, sqlcgen.RefuseGitHubTokenParams{
		Now:     millis(d.now()),
		Refusal: string(why),
		UserID:  userID,
		Version: version,
	})
	if err != nil {
		return fmt.Errorf("db: refuse token: %w", err)
	}
	return nil
}
