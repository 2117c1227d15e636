package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"neptun/db/sqlcgen"
)

// OtherGitHubError says that the database belongs to another GitHub host,
// where the same ids mean other things.
type OtherGitHubError struct {
	// Stored is the address of the GitHub that the database belongs to.
	Stored string
}

// Error implements error.
func (e *OtherGitHubError) Error() string {
	return fmt.Sprintf("this database belongs to %s: use another DATABASE_URL, or set GITHUB_URL back", e.Stored)
}

// checkGitHub looks whether the database belongs to another GitHub, before
// anything in it is changed.
func (d *DB) checkGitHub(ctx context.Context, githubURL string) error {
	if githubURL == "" {
		return nil
	}
	switch exists, err := d.hasTable(ctx, "settings"); {
	case err != nil:
		return err
	case !exists:
		return nil
	}
	var stored string
	err := d.writer.QueryRowContext(ctx, "SELECT github_url FROM settings WHERE id = 1").Scan(&stored)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("db: read settings: %w", err)
	case stored != githubURL:
		return &OtherGitHubError{Stored: stored}
	}
	return nil
}

// bind ties the database to one GitHub and one App. With another App of the
// same GitHub everybody logs in again and installations are read anew, since
// tokens and installations are the App's. Without a clientID it is the App that
// the set-up page made, if one was.
func (d *DB) bind(ctx context.Context, githubURL, clientID string) error {
	if githubURL == "" {
		return nil
	}
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if err := q.BindSettings(ctx, sqlcgen.BindSettingsParams{GitHubURL: githubURL, ClientID: clientID}); err != nil {
			return fmt.Errorf("db: bind: %w", err)
		}
		stored, err := q.GetSettings(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("db: read settings: %w", err)
		case stored.GitHubURL != githubURL:
			return &OtherGitHubError{Stored: stored.GitHubURL}
		case clientID == "":
			clientID = stored.AppClientID
		}
		if clientID == "" || clientID == stored.ClientID {
			return nil
		}
		return changeApp(ctx, q, clientID, millis(d.now()))
	})
}

func changeApp(ctx context.Context, q *sqlcgen.Queries, clientID string, now int64) error {
	for _, step := range []func(context.Context) error{
		q.DeleteSessions,
		q.DeleteScriptTokens,
		q.ForgetGitHubTokens,
		q.DeleteAllAccess,
		q.DeleteAllInstallRequests,
		q.DeleteAllDeliveries,
		q.ForgetCatchUp,
		func(ctx context.Context) error { return q.HideEveryRecord(ctx, now) },
		func(ctx context.Context) error { return q.HideEveryImport(ctx, now) },
		func(ctx context.Context) error { return q.MarkEveryInstallationDeleted(ctx, now) },
		q.ForgetAppReading,
		func(ctx context.Context) error { return q.SetClientID(ctx, clientID) },
	} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("db: change the App: %w", err)
		}
	}
	return nil
}
