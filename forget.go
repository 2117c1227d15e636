package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// forgetApp lets go of the App that the set-up page made, and opens the set-up
// again. Instances that are running follow within seconds.
func forgetApp(ctx context.Context, environment map[string]string, logger *slog.Logger, out io.Writer) (err error) {
	settings, err := readConfig(environment)
	if err != nil {
		return err
	}
	if len(settings.missing) == 0 {
		return complaints{"GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET name the App, so there is nothing to forget: unset them and restart Neptun to be without it"}
	}
	address, err := settings.publicURL(settings.Addr)
	if err != nil {
		return err
	}
	database, err := settings.openDatabase(ctx, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	forgotten, err := database.ForgetApp(ctx)
	if err != nil {
		return err
	}
	code, err := makeSetupCode(ctx, database)
	if err != nil {
		return err
	}
	if forgotten {
		fmt.Fprintln(out, "The app is removed from Neptun, all users are signed out, and API tokens are revoked. It still exists on GitHub; delete it there if you no longer need it.")
	} else {
		fmt.Fprintln(out, "No app is configured.")
	}
	fmt.Fprintf(out, "To set up another one, open %s and enter the code %s\n", address.JoinPath("/setup"), code)
	return nil
}
