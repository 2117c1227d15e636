// Neptun is the front desk of a GitHub App: people log in through GitHub, see
// where the App is installed for them, and import the repositories they want;
// scripts read the same lists as JSON.
//
//	neptun             serve, as the environment says
//	neptun demo        try everything with a stand-in GitHub
//	neptun app forget  forget the App that the set-up page made
//	neptun version     tell which Neptun this is
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"neptun/db"

	"github.com/caarlos0/env/v11"
)

// The exit codes.
const (
	exitClean         = 0
	exitFailure       = 1 // at run time
	exitConfiguration = 2
)

const usage = `Usage:
  neptun             serve, as the environment says (see README.md)
  neptun demo        try everything with a stand-in GitHub, without an account
  neptun app forget  forget the App that the set-up page made, and set up anew
  neptun version     tell which Neptun this is
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], env.ToMap(os.Environ()), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program, but for what belongs to the process.
func run(ctx context.Context, args []string, environment map[string]string, stdout, stderr io.Writer) int {
	var err error
	switch command(args) {
	case "":
		err = serve(ctx, environment, slog.New(slog.NewTextHandler(stderr, nil)))
	case "demo":
		quiet := &slog.HandlerOptions{Level: slog.LevelWarn}
		err = demo(ctx, environment, slog.New(slog.NewTextHandler(stderr, quiet)), stdout)
	case "app forget":
		err = forgetApp(ctx, environment, slog.New(slog.NewTextHandler(stderr, nil)), stdout)
	case "version":
		fmt.Fprintln(stdout, "neptun", version())
	case "help", "-h", "--help":
		fmt.Fprint(stdout, usage)
	default:
		fmt.Fprint(stderr, usage)
		return exitConfiguration
	}
	return exitCode(err, stderr)
}

func command(args []string) string { return strings.Join(args, " ") }

func exitCode(err error, stderr io.Writer) int {
	var (
		wrong complaints
		other *db.OtherGitHubError
	)
	switch {
	case err == nil:
		return exitClean
	case errors.As(err, &wrong), errors.As(err, &other), errors.Is(err, db.ErrDatabaseURL), errors.Is(err, db.ErrAppSealed):
		fmt.Fprintf(stderr, "neptun can't start with this configuration:\n%v\n", err)
		return exitConfiguration
	}
	fmt.Fprintf(stderr, "neptun: %v\n", err)
	return exitFailure
}
