package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Scope is what an API token may do.
type Scope string

// The scopes. All of them include reading.
const (
	ScopeRead         Scope = "read"
	ScopeWrite        Scope = "write"         // import, remove imports, sync
	ScopeAccessTokens Scope = "access_tokens" // create and revoke GitHub tokens
)

const (
	// MaxAPITokens limits a user's active API tokens. Concurrent requests may slightly
	// exceed it.
	MaxAPITokens = 100
	// MaxAPITokenAge is the maximum lifetime of an API token.
	MaxAPITokenAge = 366 * 24 * time.Hour
	// expiryWarning is how long before its expiry an API token counts as expiring soon.
	expiryWarning = 7 * 24 * time.Hour
)

// Errors of creating API tokens.
var (
	ErrTooManyTokens       = errors.New("db: too many API tokens")
	ErrTokenExists         = errors.New("db: this request has already created its API token")
	ErrUnknownInstallation = errors.New("db: the restriction names an unknown installation")
	ErrRotated             = errors.New("db: the API token has been rotated")
)

// APIToken is a user's API token, without its secret.
type APIToken struct {
	ID     int64
	UserID string
	Name   string
	Scope  Scope
	// Restricted reports whether the token only has access to Installations. Those that GitHub
	// no longer shows the user are left out.
	Restricted    bool
	Installations []TokenInstallation
	CreatedAt     time.Time
	ExpiresAt     time.Time
	// ReplacedBy is the id of the token that replaced this one, zero if it wasn't replaced.
	ReplacedBy int64
	// LastUsedAt is zero for a token that was never used.
	LastUsedAt time.Time
	LastUsed   Client
}

// TokenInstallation is an installation that a restricted token has access to.
type TokenInstallation struct {
	ID    int64 // of the record
	Login string
}

// Expired reports whether the token has expired.
func (t APIToken) Expired(now time.Time) bool { return !t.ExpiresAt.After(now) }

// ExpiresSoon reports whether the token should be rotated soon: in its last week, or in
// the second half of a short lifetime.
func (t APIToken) ExpiresSoon(now time.Time) bool {
	return !t.Expired(now) && t.ReplacedBy == 0 && t.ExpiresAt.Sub(now) <= min(expiryWarning, t.ExpiresAt.Sub(t.CreatedAt)/2)
}

// NewAPIToken describes an API token to create.
type NewAPIToken struct {
	UserID string
	// Hash is the stored form of the secret.
	Hash string
	// Request identifies the request, so that a retry creates no second token.
	Request   string
	Name      string
	Scope     Scope
	ExpiresAt time.Time
	// Installations are the records that it has access to; empty for all.
	Installations []int64
}

// CreateAPIToken creates an API token and returns its id. The error is
// ErrTooManyTokens, ErrTokenExists, or ErrUnknownInstallation.
func (d *DB) CreateAPIToken(ctx context.Context, token NewAPIToken) (id int64, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if id, err = d.insertAPIToken(ctx, q, token, len(token.Installations) > 0); err != nil || len(token.Installations) == 0 {
			return err
		}
		reached, err := q.RestrictAPIToken(ctx, sqlcgen.RestrictAPITokenParams{
			TokenID: id, IDs: idsJSON(token.Installations), UserID: token.UserID,
		})
		if err != nil {
			return fmt.Errorf("db: restrict API token: %w", err)
		}
		if reached != int64(len(token.Installations)) {
			return ErrUnknownInstallation
		}
		return nil
	})
	return id, err
}

func (d *DB) insertAPIToken(ctx context.Context, q *sqlcgen.Queries, token NewAPIToken, restricted bool) (int64, error) {
	id, err := q.InsertAPIToken(ctx, sqlcgen.InsertAPITokenParams{
		UserID: token.UserID, TokenHash: token.Hash, Request: token.Request, Name: token.Name, Scope: string(token.Scope),
		Restricted: restricted, Now: millis(d.now()), ExpiresAt: millis(token.ExpiresAt),
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrTokenExists
	}
	if err != nil {
		return 0, fmt.Errorf("db: insert API token: %w", err)
	}
	live, err := q.CountLiveAPITokens(ctx, sqlcgen.CountLiveAPITokensParams{UserID: token.UserID, Now: millis(d.now())})
	if err != nil {
		return 0, fmt.Errorf("db: count API tokens: %w", err)
	}
	if live > MaxAPITokens {
		return 0, ErrTooManyTokens
	}
	return id, nil
}

// RotateAPIToken creates a token with the same name, scope and lifetime, but another secret.
// The old token stays valid for the overlap, but not beyond its expiry. The errors are
// ErrNotFound, ErrRotated for a token that was rotated before, and ErrTooManyTokens.
func (d *DB) RotateAPIToken(ctx context.Context, userID string, id int64, hash string, overlap time.Duration) (newID int64, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		old, err := q.GetAPIToken(ctx, sqlcgen.GetAPITokenParams{ID: id, UserID: userID})
		if err != nil {
			return fmt.Errorf("db: read API token: %w", found(err))
		}
		if old.ReplacedBy != 0 {
			return ErrRotated
		}
		now := d.now()
		life := time.Duration(old.ExpiresAt-old.CreatedAt) * time.Millisecond
		newID, err = d.insertAPIToken(ctx, q, NewAPIToken{
			UserID: userID, Hash: hash, Request: hash, Name: old.Name, Scope: Scope(old.Scope), ExpiresAt: now.Add(life),
		}, old.Restricted)
		if err != nil {
			return err
		}
		if err := q.CopyAPITokenRestriction(ctx, sqlcgen.CopyAPITokenRestrictionParams{NewID: newID, OldID: id}); err != nil {
			return fmt.Errorf("db: restrict API token: %w", err)
		}
		replaced, err := q.ReplaceAPIToken(ctx, sqlcgen.ReplaceAPITokenParams{
			ReplacedBy: newID, ExpiresAt: min(old.ExpiresAt, millis(now.Add(overlap))), ID: id, UserID: userID,
		})
		if err != nil {
			return fmt.Errorf("db: replace API token: %w", err)
		}
		if replaced == 0 {
			return ErrRotated // by a concurrent request
		}
		return nil
	})
	return newID, err
}

// RevokeAPIToken deletes an API token. The error is ErrNotFound if it isn't the user's.
func (d *DB) RevokeAPIToken(ctx context.Context, userID string, id int64) error {
	rows, err := d.write.DeleteAPIToken(ctx, sqlcgen.DeleteAPITokenParams{ID: id, UserID: userID})
	if err != nil {
		return fmt.Errorf("db: delete API token: %w", err)
	}
	if rows == 0 {
		return ErrNotFound
	}
	return nil
}

// ListAPITokens lists a user's API tokens, the oldest first, including recently expired
// ones.
func (d *DB) ListAPITokens(ctx context.Context, userID string) (list []APIToken, err error) {
	err = d.snapshot(ctx, func(_ *sql.Tx, q *sqlcgen.Queries) error {
		rows, err := q.ListAPITokens(ctx, userID)
		if err != nil {
			return fmt.Errorf("db: list API tokens: %w", err)
		}
		reached, err := q.ListAPITokenInstallations(ctx, userID)
		if err != nil {
			return fmt.Errorf("db: list installations of API tokens: %w", err)
		}
		by := map[int64][]TokenInstallation{}
		for _, row := range reached {
			by[row.TokenID] = append(by[row.TokenID], TokenInstallation{row.RecordID, row.Login})
		}
		list = make([]APIToken, 0, len(rows))
		for _, row := range rows {
			list = append(list, toAPIToken(row, by[row.ID]))
		}
		return nil
	})
	return list, err
}

func toAPIToken(row sqlcgen.APIToken, reached []TokenInstallation) APIToken {
	return APIToken{
		ID: row.ID, UserID: row.UserID, Name: row.Name, Scope: Scope(row.Scope),
		Restricted: row.Restricted, Installations: reached,
		CreatedAt: fromMillis(row.CreatedAt), ExpiresAt: fromMillis(row.ExpiresAt), ReplacedBy: row.ReplacedBy,
		LastUsedAt: fromMillis(row.LastUsedAt), LastUsed: Client{IP: row.LastIP, UserAgent: row.LastUserAgent},
	}
}
