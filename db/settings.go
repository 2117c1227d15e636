package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"neptun/db/seal"
	"neptun/db/sqlcgen"
)

// The errors for a database that is rejected at the start, without changing it.
type (
	// OtherGitHubError means that the database belongs to another GitHub host,
	// where the same ids mean other things.
	OtherGitHubError struct {
		// Stored is the address of the GitHub that the database belongs to.
		Stored string
	}
	// OtherAppError means that the database belongs to another App: its tokens,
	// installations and sessions are that App's.
	OtherAppError struct {
		// Stored is the client id of the App that the database belongs to, and
		// Configured that of the configuration, empty if no App is configured.
		Stored, Configured string
	}
)

// ErrOtherKey means that the database was sealed with another key.
var ErrOtherKey = errors.New("db: what is sealed in this database can't be opened with this key")

// Error implements error.
func (e *OtherGitHubError) Error() string {
	return fmt.Sprintf("this database belongs to %s: use another DATABASE_URL, or set GITHUB_URL back", e.Stored)
}

// Error implements error.
func (e *OtherAppError) Error() string {
	if e.Configured == "" {
		return fmt.Sprintf("this database belongs to the GitHub App with the client id %s: set GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET and GITHUB_PRIVATE_KEY again", e.Stored)
	}
	return fmt.Sprintf("this database belongs to the GitHub App with the client id %s, and GITHUB_CLIENT_ID is %s: set it back, use another DATABASE_URL, "+
		"or run neptun app change, which says what changing the App forgets", e.Stored, e.Configured)
}

// checkOwner rejects a database of a newer release, of another GitHub, of another
// App or of another key, before anything in it is changed.
func (d *DB) checkOwner(ctx context.Context, options Options) error {
	if err := d.checkSchema(ctx); err != nil {
		return err
	}
	if options.GitHubURL == "" {
		return nil
	}
	switch exists, err := d.hasColumn(ctx, "settings", "app_client_id"); {
	case err != nil:
		return err
	case !exists:
		return nil
	}
	var stored, clientID, appClientID string
	err := d.writer.QueryRowContext(ctx, "SELECT github_url, client_id, app_client_id FROM settings WHERE id = 1").Scan(&stored, &clientID, &appClientID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("db: read settings: %w", err)
	case stored != options.GitHubURL:
		return &OtherGitHubError{Stored: stored}
	case options.Reset:
		return nil
	}
	if err := checkApp(clientID, appClientID, options.ClientID); err != nil {
		return err
	}
	return d.checkKey(ctx)
}

// checkApp compares the App that the database belongs to, and the setup page's in
// it, with the one of the configuration.
func checkApp(stored, ofSetup, configured string) error {
	using := configured
	if using == "" {
		using = ofSetup
	}
	if stored != "" && stored != using {
		return &OtherAppError{Stored: stored, Configured: configured}
	}
	return nil
}

const keyCheckPlace = "settings.key_check/1"

// checkKey opens the key check value or, if an earlier release left none, some of the values
// it sealed.
func (d *DB) checkKey(ctx context.Context) error {
	var sealed []byte
	switch exists, err := d.hasColumn(ctx, "settings", "key_check"); {
	case err != nil:
		return err
	case exists:
		if err := d.writer.QueryRowContext(ctx, "SELECT key_check FROM settings WHERE id = 1").Scan(&sealed); err != nil {
			return fmt.Errorf("db: read the key check value: %w", err)
		}
	}
	if len(sealed) > 0 {
		return opened(d.keyring.Open(sealed, keyCheckPlace))
	}
	if err := d.writer.QueryRowContext(ctx, "SELECT app FROM settings WHERE id = 1").Scan(&sealed); err != nil {
		return fmt.Errorf("db: read the App: %w", err)
	}
	if len(sealed) > 0 {
		return opened(d.keyring.Open(sealed, appPlace))
	}
	var user string
	err := d.writer.QueryRowContext(ctx, "SELECT user_id, access_token FROM github_tokens ORDER BY confirmed_at DESC LIMIT 1").Scan(&user, &sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("db: read a token: %w", err)
	}
	return opened(d.keyring.Open(sealed, tokenPlace(user, accessToken)))
}

func opened(_ []byte, err error) error {
	if errors.Is(err, seal.ErrSealed) {
		return ErrOtherKey
	}
	return err
}

// bind binds the database to one GitHub, App and key. It repeats the checks of checkOwner,
// since another instance may have been faster.
func (d *DB) bind(ctx context.Context, githubURL, clientID string) error {
	if githubURL == "" {
		return nil
	}
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if err := q.BindSettings(ctx, sqlcgen.BindSettingsParams{GitHubURL: githubURL, ClientID: clientID}); err != nil {
			return fmt.Errorf("db: bind: %w", err)
		}
		stored, err := q.GetSettings(ctx)
		if err != nil {
			return fmt.Errorf("db: read settings: %w", err)
		}
		if stored.GitHubURL != githubURL {
			return &OtherGitHubError{Stored: stored.GitHubURL}
		}
		if err := checkApp(stored.ClientID, stored.AppClientID, clientID); err != nil {
			return err
		}
		if stored.ClientID == "" && clientID != "" {
			if err := q.SetClientID(ctx, clientID); err != nil {
				return fmt.Errorf("db: bind: %w", err)
			}
		}
		if len(stored.KeyCheck) > 0 {
			if err := opened(d.keyring.Open(stored.KeyCheck, keyCheckPlace)); err != nil {
				return err
			}
		}
		return d.setKeyCheck(ctx, q, stored.KeyCheck)
	})
}

// setKeyCheck seals the key check value with the first key, so that it still opens
// after the others are removed.
func (d *DB) setKeyCheck(ctx context.Context, q *sqlcgen.Queries, stored []byte) error {
	if d.keyring.SealedByFirst(stored) {
		return nil
	}
	if err := q.SetKeyCheck(ctx, d.keyring.Seal(nil, keyCheckPlace)); err != nil {
		return fmt.Errorf("db: store the key check value: %w", err)
	}
	return nil
}

// AppData counts the data that belongs to an App, and is deleted with it.
type AppData struct {
	// ClientID is that of the App.
	ClientID string
	// Users have signed in; they have so many Sessions and API tokens. Imports
	// are hidden until the other App shows their repositories.
	Users, Sessions, APITokens, Imports int64
}

// AppData counts the data that changing the App deletes.
func (d *DB) AppData(ctx context.Context) (AppData, error) {
	row, err := d.read.CountAppData(ctx, millis(d.now()))
	if errors.Is(err, sql.ErrNoRows) {
		return AppData{}, nil
	}
	if err != nil {
		return AppData{}, fmt.Errorf("db: count what belongs to the App: %w", err)
	}
	return AppData{ClientID: row.ClientID, Users: row.Users, Sessions: row.Sessions, APITokens: row.ApiTokens, Imports: row.Imports}, nil
}

// ChangeApp changes the database to another App, with the GitHub and the key that it was
// opened with. All users have to sign in again, and API tokens are revoked.
func (d *DB) ChangeApp(ctx context.Context, githubURL, clientID string) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if err := q.BindSettings(ctx, sqlcgen.BindSettingsParams{GitHubURL: githubURL, ClientID: clientID}); err != nil {
			return fmt.Errorf("db: bind: %w", err)
		}
		if _, err := q.ForgetApp(ctx); err != nil {
			return fmt.Errorf("db: forget the App: %w", err)
		}
		if err := closeSetup(ctx, q); err != nil {
			return err
		}
		if err := q.DeleteOperatorsOfApp(ctx); err != nil {
			return fmt.Errorf("db: delete operators: %w", err)
		}
		if err := changeApp(ctx, q, clientID, millis(d.now())); err != nil {
			return err
		}
		return d.setKeyCheck(ctx, q, nil)
	})
}

func changeApp(ctx context.Context, q *sqlcgen.Queries, clientID string, now int64) error {
	for _, step := range []func(context.Context) error{
		q.DeleteSessions,
		q.DeleteAPITokens,
		q.ForgetGitHubTokens,
		q.DeleteAllAccess,
		q.DeleteAllInstallRequests,
		q.DeleteAllDeliveries,
		q.DeleteDeliveryRecovery,
		func(ctx context.Context) error { return q.HideEveryRecord(ctx, now) },
		func(ctx context.Context) error { return q.HideEveryImport(ctx, now) },
		func(ctx context.Context) error { return q.MarkEveryInstallationDeleted(ctx, now) },
		q.DeleteAppRuns,
		func(ctx context.Context) error { return q.SetClientID(ctx, clientID) },
	} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("db: change the App: %w", err)
		}
	}
	return nil
}
