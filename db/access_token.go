package db

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// The kinds of GitHub tokens that users can create.
const (
	AccessTokenUser         = "user"         // acts as the user
	AccessTokenInstallation = "installation" // acts as the App
)

// StoreAccessToken stores a token that was created by the record's user: its hash and, if it
// acts as the App, the sealed token, since GitHub requires the token itself to revoke it.
// expiresAt is zero for never.
func (d *DB) StoreAccessToken(ctx context.Context, through InstallationRecord, kind, token string, expiresAt time.Time) error {
	hash, sealed := hashToken(token), []byte{}
	if kind == AccessTokenInstallation {
		sealed = d.keyring.Seal([]byte(token), accessTokenPlace(hash))
	}
	err := d.write.InsertAccessToken(ctx, sqlcgen.InsertAccessTokenParams{
		TokenHash: hash, RecordID: through.ID, Kind: kind, ExpiresAt: millis(expiresAt), Sealed: sealed,
	})
	if err != nil {
		return fmt.Errorf("db: record access token: %w", err)
	}
	return nil
}

// accessTokenPlace stays the same after the token is abandoned.
func accessTokenPlace(hash string) string { return "access_tokens.sealed/" + hash }

// AccessTokenKind returns the kind of a token that was created through this record. The
// error is ErrNotFound for any other token.
func (d *DB) AccessTokenKind(ctx context.Context, through InstallationRecord, token string) (string, error) {
	kind, err := d.read.FindAccessToken(ctx, sqlcgen.FindAccessTokenParams{
		TokenHash: hashToken(token), RecordID: through.ID, UserID: through.UserID,
	})
	return kind, found(err)
}

// DeleteAccessToken deletes a token that is no longer valid.
func (d *DB) DeleteAccessToken(ctx context.Context, token string) error {
	if err := d.write.DeleteAccessToken(ctx, hashToken(token)); err != nil {
		return fmt.Errorf("db: forget access token: %w", err)
	}
	return nil
}

// hashToken is sufficient for random tokens such as GitHub's.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// NamedRepository is a repository that a request named and its user can see.
type NamedRepository struct {
	ID    int64
	Name  string
	Owner string
	// Permission is the highest that GitHub gave this user.
	Permission string
}

// ListNamedRepositories lists the repositories with these ids, or these names in lower case,
// that the user sees through an installation.
func (d *DB) ListNamedRepositories(ctx context.Context, through InstallationRecord, ids []int64, names []string) ([]NamedRepository, error) {
	keys := make(map[string]int, len(names))
	for _, name := range names {
		keys[name] = 0
	}
	encoded, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("db: encode names: %w", err)
	}
	rows, err := d.read.ListNamed(ctx, sqlcgen.ListNamedParams{
		UserID: through.UserID, AccountID: through.accountID, IDs: idsJSON(ids), Names: string(encoded),
	})
	if err != nil {
		return nil, fmt.Errorf("db: list named repositories: %w", err)
	}
	list := make([]NamedRepository, 0, len(rows))
	for _, row := range rows {
		list = append(list, NamedRepository(row))
	}
	return list, nil
}
