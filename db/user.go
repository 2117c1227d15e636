package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"

	"github.com/oklog/ulid/v2"
)

// User is a person who signed in through GitHub.
type User struct {
	// ID is ours, an opaque string that never changes.
	ID string
	// GitHubID is the key of the user on GitHub. The login can change hands.
	GitHubID  int64
	Login     string
	Name      string // empty if the user has none on GitHub
	AvatarURL string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Profile has GitHub's facts of a user at sign-in.
type Profile struct {
	GitHubID  int64
	Login     string
	Name      string
	AvatarURL string
}

// freshFor is how long after a complete sync a sign-in doesn't queue another.
const freshFor = 10 * time.Minute

// SignIn records the sign-in, stores the token that GitHub issued and queues a sync,
// unless the last one has just finished. Access that GitHub confirmed too long ago is
// hidden first, because the sign-in restarts the time for which it is shown; the sync
// restores its imports under their IDs.
func (d *DB) SignIn(ctx context.Context, profile Profile, token Token) (User, error) {
	var person User
	err := d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		user, err := q.UpsertUser(ctx, sqlcgen.UpsertUserParams{
			ID:        ulid.Make().String(),
			GitHubID:  profile.GitHubID,
			Login:     profile.Login,
			Name:      profile.Name,
			AvatarURL: profile.AvatarURL,
			Now:       now,
		})
		if err != nil {
			return fmt.Errorf("db: put user: %w", err)
		}
		person = toUser(user)
		refused, err := d.claimOperator(ctx, q, profile)
		if err != nil {
			return err
		}
		if refused {
			d.log.WarnContext(ctx, "NEPTUN_OPERATORS names a login that another GitHub account had before, which stays the operator: name the new one by its id",
				"login", profile.Login, "github_id", profile.GitHubID)
			entry := AuditEntry{GitHubID: profile.GitHubID, Login: profile.Login, Action: AuditRefuseOperator, Subject: profile.Login, Grouped: true}
			if err := d.insertAudit(ctx, q, entry); err != nil {
				return err
			}
		}

		confirmedAt, fresh := now, false
		switch stored, err := q.GetGitHubToken(ctx, user.ID); {
		case err == nil && stored.ConfirmedAt > d.confirmedAfter():
			confirmedAt = stored.ConfirmedAt
			if fresh, err = d.justSynced(ctx, q, stored); err != nil {
				return err
			}
		case err == nil || errors.Is(err, sql.ErrNoRows):
			if err := hideEverything(ctx, q, user.ID, now); err != nil {
				return err
			}
		default:
			return fmt.Errorf("db: read token: %w", err)
		}
		if err := q.PutGitHubToken(ctx, sqlcgen.PutGitHubTokenParams{
			UserID:           user.ID,
			AccessToken:      d.sealToken(user.ID, accessToken, token.Access),
			AccessExpiresAt:  millis(token.AccessExpiresAt),
			RefreshToken:     d.sealToken(user.ID, refreshToken, token.Refresh),
			RefreshExpiresAt: millis(token.RefreshExpiresAt),
			ConfirmedAt:      confirmedAt,
			IssuedAt:         now,
			Parked:           parked,
		}); err != nil {
			return fmt.Errorf("db: put token: %w", err)
		}
		if fresh {
			return nil
		}
		return d.queueSync(ctx, q, SyncInstallations{UserID: user.ID}, now)
	})
	return person, err
}

// justSynced reports whether the last sync of a user, with the token that was
// stored until now, is too recent to be repeated. One that failed is not.
func (d *DB) justSynced(ctx context.Context, q *sqlcgen.Queries, stored sqlcgen.GitHubToken) (bool, error) {
	since := millis(d.now().Add(-freshFor))
	if stored.RefusedAt > 0 || stored.ConfirmedAt <= since {
		return false, nil
	}
	failed, err := q.CountFailedRuns(ctx, sqlcgen.CountFailedRunsParams{UserID: stored.UserID, Since: since})
	if err != nil {
		return false, fmt.Errorf("db: count failed syncs: %w", err)
	}
	return failed == 0, nil
}

func hideEverything(ctx context.Context, q *sqlcgen.Queries, userID string, now int64) error {
	if err := q.DeleteAccessOfUser(ctx, userID); err != nil {
		return fmt.Errorf("db: hide access: %w", err)
	}
	if err := q.HideAllRecords(ctx, sqlcgen.HideAllRecordsParams{Now: now, UserID: userID}); err != nil {
		return fmt.Errorf("db: hide records: %w", err)
	}
	if err := q.HideImportsOfUser(ctx, sqlcgen.HideImportsOfUserParams{Now: now, UserID: userID}); err != nil {
		return fmt.Errorf("db: hide imports: %w", err)
	}
	if err := q.BumpUser(ctx, userID); err != nil {
		return fmt.Errorf("db: bump user: %w", err)
	}
	return nil
}

// FindUser returns a user. The error is ErrNotFound if they never signed in.
func (d *DB) FindUser(ctx context.Context, id string) (User, error) {
	user, err := d.read.GetUser(ctx, id)
	if err != nil {
		return User{}, fmt.Errorf("db: read person: %w", found(err))
	}
	return toUser(user), nil
}

// FindUserByGitHubID returns the user with this GitHub id. The error is ErrNotFound if they
// never signed in here.
func (d *DB) FindUserByGitHubID(ctx context.Context, gitHubID int64) (User, error) {
	id, err := d.read.GetUserID(ctx, gitHubID)
	if err != nil {
		return User{}, fmt.Errorf("db: find person: %w", found(err))
	}
	return d.FindUser(ctx, id)
}

func toUser(u sqlcgen.User) User {
	return User{
		ID:        u.ID,
		GitHubID:  u.GitHubID,
		Login:     u.Login,
		Name:      u.Name,
		AvatarURL: u.AvatarURL,
		CreatedAt: fromMillis(u.CreatedAt),
		UpdatedAt: fromMillis(u.UpdatedAt),
	}
}
