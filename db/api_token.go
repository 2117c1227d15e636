package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Scope is what a API token may do.
type Scope string

// The scopes. Each of the others may read as well.
const (
	ScopeRead         Scope = "read"
	ScopeWrite        Scope = "write"         // import, remove imports, sync
	ScopeAccessTokens Scope = "access_tokens" // have GitHub tokens made, and end them
)

const (
	// MaxAPITokens bounds a user's live API tokens. Requests that arrive
	// together may go a little beyond it.
	MaxAPITokens = 100
	// MaxAPITokenAge is how long a API token lives at most.
	MaxAPITokenAge = 366 * 24 * time.Hour
	// expiryWarning is how long before its end a API token is said to end soon.
	expiryWarning = 7 * 24 * time.Hour
)

// What can keep a API token from being made.
var (
	ErrTooManyTokens       = errors.New("db: too many script tokens")
	ErrTokenExists         = errors.New("db: this request made its script token already")
	ErrUnknownInstallation = errors.New("db: the restriction names what is no installation of this person")
	ErrRotated             = errors.New("db: the script token has been rotated")
)

// APIToken is a credential that a user made for a script, without its secret.
type APIToken struct {
	ID     int64
	UserID string
	Name   string
	Scope  Scope
	// Restricted reports whether the token reaches Installations alone. Those that
	// GitHub no longer shows the user are not among them.
	Restricted    bool
	Installations []TokenInstallation
	CreatedAt     time.Time
	ExpiresAt     time.Time
	// ReplacedBy is the token that took this one's place, zero for none.
	ReplacedBy int64
	// LastUsedAt is zero for a token that was never used.
	LastUsedAt time.Time
	LastUsed   Client
}

// TokenInstallation is an installation that a restricted token reaches.
type TokenInstallation struct {
	ID    int64 // of the record
	Login string
}

// Expired reports whether the token is good no more.
func (t APIToken) Expired(now time.Time) bool { return !t.ExpiresAt.After(now) }

// ExpiresSoon reports whether somebody should see to it that the script goes on: in
// the token's last week, or the second half of a short life.
func (t APIToken) ExpiresSoon(now time.Time) bool {
	return !t.Expired(now) && t.ReplacedBy == 0 && t.ExpiresAt.Sub(now) <= min(expiryWarning, t.ExpiresAt.Sub(t.CreatedAt)/2)
}

// NewAPIToken is what a user wants of a API token.
type NewAPIToken struct {
	UserID string
	// Hash is what the secret is stored by.
	Hash string
	// Request is the same for a request that is sent again, and for no other.
	Request   string
	Name      string
	Scope     Scope
	ExpiresAt time.Time
	// Installations are the records that it shall reach; none for all.
	Installations []int64
}

// CreateAPIToken makes a API token and answers with its id. The error is
// ErrTooManyTokens, ErrTokenExists, or ErrUnknownInstallation.
func (d *DB) CreateAPIToken(ctx context.Context, asked NewAPIToken) (id int64, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if id, err = d.insertAPIToken(ctx, q, asked, len(asked.Installations) > 0); err != nil || len(asked.Installations) == 0 {
			return err
		}
		reached, err := q.RestrictAPIToken(ctx, sqlcgen.RestrictAPITokenParams{
			TokenID: id, IDs: idsJSON(asked.Installations), UserID: asked.UserID,
		})
		if err != nil {
			return fmt.Errorf("db: restrict script token: %w", err)
		}
		if reached != int64(len(asked.Installations)) {
			return ErrUnknownInstallation
		}
		return nil
	})
	return id, err
}

func (d *DB) insertAPIToken(ctx context.Context, q *sqlcgen.Queries, asked NewAPIToken, restricted bool) (int64, error) {
	id, err := q.InsertAPIToken(ctx, sqlcgen.InsertAPITokenParams{
		UserID: asked.UserID, TokenHash: asked.Hash, Request: asked.Request, Name: asked.Name, Scope: string(asked.Scope),
		Restricted: restricted, Now: millis(d.now()), ExpiresAt: millis(asked.ExpiresAt),
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrTokenExists
	}
	if err != nil {
		return 0, fmt.Errorf("db: insert script token: %w", err)
	}
	live, err := q.CountLiveAPITokens(ctx, sqlcgen.CountLiveAPITokensParams{UserID: asked.UserID, Now: millis(d.now())})
	if err != nil {
		return 0, fmt.Errorf("db: count script tokens: %w", err)
	}
	if live > MaxAPITokens {
		return 0, ErrTooManyTokens
	}
	return id, nil
}

// RotateAPIToken makes a token with the same name, rights and length of life,
// by another secret. The former one goes on for the overlap, at most to its own
// end. The errors are ErrNotFound, ErrRotated for a token that was rotated
// before, ErrTooManyTokens.
func (d *DB) RotateAPIToken(ctx context.Context, userID string, id int64, hash string, overlap time.Duration) (newID int64, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		former, err := q.GetAPIToken(ctx, sqlcgen.GetAPITokenParams{ID: id, UserID: userID})
		if err != nil {
			return fmt.Errorf("db: read script token: %w", found(err))
		}
		if former.ReplacedBy != 0 {
			return ErrRotated
		}
		now := d.now()
		life := time.Duration(former.ExpiresAt-former.CreatedAt) * time.Millisecond
		newID, err = d.insertAPIToken(ctx, q, NewAPIToken{
			UserID: userID, Hash: hash, Request: hash, Name: former.Name, Scope: Scope(former.Scope), ExpiresAt: now.Add(life),
		}, former.Restricted)
		if err != nil {
			return err
		}
		if err := q.CopyAPITokenRestriction(ctx, sqlcgen.CopyAPITokenRestrictionParams{NewID: newID, OldID: id}); err != nil {
			return fmt.Errorf("db: restrict script token: %w", err)
		}
		replaced, err := q.ReplaceAPIToken(ctx, sqlcgen.ReplaceAPITokenParams{
			ReplacedBy: newID, ExpiresAt: min(former.ExpiresAt, millis(now.Add(overlap))), ID: id, UserID: userID,
		})
		if err != nil {
			return fmt.Errorf("db: replace script token: %w", err)
		}
		if replaced == 0 {
			return ErrRotated // by another request, meanwhile
		}
		return nil
	})
	return newID, err
}

// RevokeAPIToken ends a API token at once. The error is ErrNotFound for
// one that is not the user's.
func (d *DB) RevokeAPIToken(ctx context.Context, userID string, id int64) error {
	rows, err := d.write.DeleteAPIToken(ctx, sqlcgen.DeleteAPITokenParams{ID: id, UserID: userID})
	if err != nil {
		return fmt.Errorf("db: delete script token: %w", err)
	}
	if rows == 0 {
		return ErrNotFound
	}
	return nil
}

// ListAPITokens lists a user's API tokens, the oldest first. Expired ones
// are among them for a while.
func (d *DB) ListAPITokens(ctx context.Context, userID string) (list []APIToken, err error) {
	err = d.snapshot(ctx, func(_ *sql.Tx, q *sqlcgen.Queries) error {
		rows, err := q.ListAPITokens(ctx, userID)
		if err != nil {
			return fmt.Errorf("db: list script tokens: %w", err)
		}
		reached, err := q.ListAPITokenInstallations(ctx, userID)
		if err != nil {
			return fmt.Errorf("db: list what script tokens reach: %w", err)
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
