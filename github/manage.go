package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"neptun/db"
)

// Suspend blocks the App's access to an account's resources. A suspension by the App
// can only be lifted by the App
// (https://docs.github.com/apps/maintaining-github-apps/suspending-a-github-app-installation).
//
// The error is ErrNotFound for an installation that is gone, and ErrUnsupported from a
// server without this operation.
func (a *AppClient) Suspend(ctx context.Context, id int64) error {
	err := a.manage(ctx, http.MethodPut, fmt.Sprintf("app/installations/%d/suspended", id))
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	// Either the installation or the operation wasn't found.
	if _, lookupErr := a.installation(ctx, id); lookupErr != nil {
		return lookupErr
	}
	return fmt.Errorf("%w: suspend an installation", ErrUnsupported)
}

// Unsuspend lifts a suspension by the App.
func (a *AppClient) Unsuspend(ctx context.Context, id int64) error {
	return a.manage(ctx, http.MethodDelete, fmt.Sprintf("app/installations/%d/suspended", id))
}

// Uninstall removes the App from an account. Installing it again creates a new id.
func (a *AppClient) Uninstall(ctx context.Context, id int64) error {
	return a.manage(ctx, http.MethodDelete, fmt.Sprintf("app/installations/%d", id))
}

func (a *AppClient) manage(ctx context.Context, method, path string) error {
	app, err := a.client()
	if err != nil {
		return err
	}
	_, err = app.send(ctx, method, path, nil, nil)
	return err
}

// Installation requests the current state of an installation. The error is ErrNotFound
// if it was uninstalled.
func (a *AppClient) Installation(ctx context.Context, id int64) (db.Installation, error) {
	found, err := a.installation(ctx, id)
	if err != nil {
		return db.Installation{}, err
	}
	return convertInstallation(found), nil
}

// AppBot returns the login under which the App acts on GitHub, "" if the App's name is
// unknown yet.
func (g *GitHub) AppBot() string {
	facts, known := g.AppFacts()
	if !known || facts.Slug == "" {
		return ""
	}
	return facts.Slug + "[bot]"
}
