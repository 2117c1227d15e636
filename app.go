package main

import (
	"context"
	"fmt"
)

// forgetApp deletes the App from the setup page, and opens the setup again. Running
// instances follow within seconds.
func (p invocation) forgetApp(ctx context.Context, _ []string, _ bool) error {
	settings, err := readConfig(p.environment)
	if err != nil {
		return err
	}
	if settings.app.ClientID != "" {
		return configErrors{"GITHUB_CLIENT_ID names the App, so there is none of the setup page to forget: unset it, with GITHUB_CLIENT_SECRET and GITHUB_PRIVATE_KEY"}
	}
	address, err := settings.publicURL(settings.Addr)
	if err != nil {
		return err
	}
	database, err := settings.openDatabase(ctx, p.logger(settings), forReset)
	if err != nil {
		return err
	}
	defer database.Close()
	forgotten, err := database.ForgetApp(ctx)
	if err != nil {
		return err
	}
	code, err := makeSetupCode(ctx, database)
	if err != nil {
		return err
	}
	if forgotten {
		fmt.Fprintln(p.stdout, "The App is forgotten, everybody is signed out, and API tokens have ended. The App still exists on GitHub: delete it there if nobody needs it.")
	} else {
		fmt.Fprintln(p.stdout, "No app is configured.")
	}
	fmt.Fprintf(p.stdout, "To set up another one, open %s and enter the code %s\n", address.JoinPath("/setup"), code)
	return nil
}

// changeApp changes the database to the environment's App and key or, without
// confirmation, prints what that deletes.
func (p invocation) changeApp(ctx context.Context, _ []string, yes bool) error {
	settings, err := readConfig(p.environment)
	if err != nil {
		return err
	}
	if settings.app.ClientID == "" {
		return configErrors{"GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET must name the App to change to"}
	}
	database, err := settings.openDatabase(ctx, p.logger(settings), forReset)
	if err != nil {
		return err
	}
	defer database.Close()
	data, err := database.AppData(ctx)
	if err != nil {
		return err
	}
	from := data.ClientID
	if from == "" {
		from = "none"
	}
	fmt.Fprintf(p.stdout, "The App of this database: %s. The App of the environment: %s.\n", from, settings.app.ClientID)
	fmt.Fprintf(p.stdout, "Changing it signs out %d users (%d sessions), deletes %d API tokens for good, and hides %d imports until their owners sign in again and the new App shows their repositories.\n",
		data.Users, data.Sessions, data.APITokens, data.Imports)
	if !yes {
		fmt.Fprintln(p.stdout, "Nothing has changed. Stop every instance, then run neptun app change --yes.")
		return nil
	}
	if err := database.ChangeApp(ctx, settings.host.WebURL(), settings.app.ClientID); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "Changed.")
	return nil
}
