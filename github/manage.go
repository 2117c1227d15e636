package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"neptun/db"
)

// Suspend keeps the App from an account's resources. Only the App can lift what
// the App suspended
// (https://docs.github.com/apps/maintaining-github-apps/suspending-a-github-app-installation).
//
// The error is ErrNotFound for an installation that is gone, and ErrUnsupported from
// a server that can't suspend.
func (a *AppClient) Suspend(ctx context.Context, id int64) error {
	err := a.manage(ctx, http.MethodPut, fmt.Sprintf("app/installations/%d/suspended", id))
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	// What isn't found may be the operation.
	if _, asked := a.installation(ctx, id); asked != nil {
		return asked
	}
	return fmt.Errorf("%w: suspend an installation", ErrUnsupported)
}

// Unsuspend lifts a suspension that the App made.
func (a *AppClient) Unsuspend(ctx context.Context, id int64) error {
	return a.manage(ctx, http.MethodDelete, fmt.Sprintf("app/installations/%d/suspended", id))
}

// Uninstall takes the App off an account. Installing it again gives another id.
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

// Installation asks GitHub how an installation stands now. The error is
// ErrNotFound when it is uninstalled.
func (a *AppClient) Installation(ctx context.Context, id int64) (db.Installation, error) {
	found, err := a.installation(ctx, id)
	if err != nil {
		return db.Installation{}, err
	}
	return convertInstallation(found), nil
}

// AppBot is the login under which the App itself acts on GitHub, empty until
// GitHub has told its name.
func (g *GitHub) AppBot() string {
	facts, known := g.AppFacts()
	if !known || facts.Slug == "" {
		return ""
	}
	return facts.Slug + "[bot]"
}
