package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"neptun/db/sqlcgen"
)

// Credential is an authenticated session or API token.
type Credential struct {
	User User
	// Confirmed reports whether GitHub confirmed this user's access recently enough to show
	// it.
	Confirmed bool
	// Refusal is why GitHub rejects the user, if it gives a reason and Confirmed is false.
	Refusal Refusal
	// Operator reports whether the credential has operator rights, which API tokens never
	// have.
	Operator bool
	// SignedInAt is when the session's user signed in.
	SignedInAt time.Time
	// Session is the stored data of the session, empty for an API token.
	Session []byte
	// Scope is what an API token may do, and empty for a session.
	Scope Scope
	// TokenID is the API token's, and zero for a session.
	TokenID int64
	// Restriction is what an API token is restricted to.
	Restriction Restriction
}

// Restriction is the id of an API token restricted to some installations, zero for a
// credential that isn't restricted.
type Restriction int64

// apiTokenKey begins the key of an API token, so that each kind of credential is
// looked up by a separate, simpler statement.
const apiTokenKey = "script:"

// APITokenKey returns the key by which an API token with this hash is looked up. The key
// of a session is just the hash.
func APITokenKey(tokenHash string) string { return apiTokenKey + tokenHash }

// FindCredential returns the active session or API token with a key. The error is
// ErrNotFound if there is none.
func (d *DB) FindCredential(ctx context.Context, key string) (Credential, error) {
	if hash, ok := strings.CutPrefix(key, apiTokenKey); ok {
		return d.findAPITokenCredential(ctx, hash)
	}
	row, err := d.read.FindCredential(ctx, sqlcgen.FindCredentialParams{
		ConfirmedAfter: d.confirmedAfter(),
		TokenHash:      key,
		Now:            millis(d.now()),
		IdleSince:      d.idleSince(),
	})
	if err != nil {
		return Credential{}, found(err)
	}
	return Credential{User: toUser(row.User), Confirmed: row.Confirmed, Refusal: Refusal(row.Refusal), Operator: row.Operator, SignedInAt: fromMillis(row.SignedInAt), Session: row.Data}, nil
}

func (d *DB) findAPITokenCredential(ctx context.Context, hash string) (Credential, error) {
	row, err := d.read.FindAPITokenCredential(ctx, sqlcgen.FindAPITokenCredentialParams{
		ConfirmedAfter: d.confirmedAfter(),
		TokenHash:      hash,
		Now:            millis(d.now()),
	})
	if err != nil {
		return Credential{}, found(err)
	}
	credential := Credential{User: toUser(row.User), Confirmed: row.Confirmed, Refusal: Refusal(row.Refusal), Scope: Scope(row.Scope), TokenID: row.TokenID}
	if row.Restricted {
		credential.Restriction = Restriction(row.TokenID)
	}
	return credential, nil
}

// UseInterval is the minimum time between two records of a credential's use.
const UseInterval = time.Minute

// Client is where a credential was used from.
type Client struct {
	IP        string
	Network   string // that contains the IP
	UserAgent string
	RequestID string
}

// maxUserAgent limits the stored part of a User-Agent, in bytes.
const maxUserAgent = 300

// RecordUse records that a session or an API token was used, unless that was recorded
// less than UseInterval ago. The first use of an API token from a network is added to
// the audit log. An inactive user becomes active again.
func (d *DB) RecordUse(ctx context.Context, key string, use Client) error {
	now := d.now()
	agent := validText(use.UserAgent[:min(len(use.UserAgent), maxUserAgent)])
	before := millis(now.Add(-UseInterval))
	if hash, ok := strings.CutPrefix(key, apiTokenKey); ok {
		return d.withTx(ctx, func(q *sqlcgen.Queries) error {
			err := q.RecordAPITokenUse(ctx, sqlcgen.RecordAPITokenUseParams{
				Now: millis(now), IP: use.IP, UserAgent: agent, TokenHash: hash, NotedBefore: before,
			})
			if err != nil {
				return fmt.Errorf("db: record a use: %w", err)
			}
			if err := d.resumeByToken(ctx, q, hash); err != nil {
				return err
			}
			return d.recordNetwork(ctx, q, hash, use)
		})
	}
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		err := q.RecordSessionUse(ctx, sqlcgen.RecordSessionUseParams{
			Now: millis(now), IP: use.IP, UserAgent: agent, TokenHash: key, NotedBefore: before,
		})
		if err != nil {
			return fmt.Errorf("db: record a use: %w", err)
		}
		return d.resumeBySession(ctx, q, key)
	})
}

// maxNetworks limits how many networks are stored for an API token. Uses from
// further ones are no longer recorded as new.
const maxNetworks = 100

func (d *DB) recordNetwork(ctx context.Context, q *sqlcgen.Queries, tokenHash string, use Client) error {
	added, err := q.InsertAPITokenNetwork(ctx, sqlcgen.InsertAPITokenNetworkParams{
		Network: use.Network, TokenHash: tokenHash, Now: millis(d.now()), MaxNetworks: maxNetworks,
	})
	if err != nil {
		return fmt.Errorf("db: record a network: %w", err)
	}
	for _, tokenID := range added {
		user, err := q.GetUserOfToken(ctx, tokenID)
		if err != nil {
			return fmt.Errorf("db: read user: %w", err)
		}
		err = d.insertAudit(ctx, q, AuditEntry{
			GitHubID: user.GitHubID, Login: user.Login, Action: AuditUseAPIToken, Subject: use.Network,
			IP: use.IP, Via: ViaToken(tokenID), RequestID: use.RequestID,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
