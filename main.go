// Neptun is a dashboard for a GitHub App: users sign in with GitHub, see where the
// app is installed, and import repositories; scripts read the same lists as JSON.
// Without arguments it serves, configured by the environment; `neptun help` lists
// the other commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
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

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process immediately
	os.Exit(run(ctx, os.Args[1:], env.ToMap(os.Environ()), os.Stdout, os.Stderr))
}

// invocation has the parts of the process that commands use.
type invocation struct {
	environment    map[string]string
	stdout, stderr io.Writer
}

// command is a command of the program.
type command struct {
	name string // as typed after neptun; empty for serving
	// args and flag are the names of the arguments, all required, and of a flag.
	args []string
	flag string
	help string
	run  func(p invocation, ctx context.Context, args []string, flag bool) error
}

// commands are all commands, in the order of the help text.
var commands = []command{
	{name: "", help: "serve, configured by the environment (see README.md)", run: invocation.serve},
	{name: "demo", help: "try everything with a GitHub stand-in, without an account", run: invocation.demo},
	{name: "app forget", help: "forget the App that the setup page created, and open the setup again", run: invocation.forgetApp},
	{name: "app change", flag: "--yes", help: "say what changing to the environment's App forgets, and with --yes change it", run: invocation.changeApp},
	{name: "backup", args: []string{"FILE"}, help: "write a consistent copy of the SQLite database to a new file, while Neptun runs", run: invocation.backup},
	{name: "restore", args: []string{"FILE"}, help: "put a backup in the place of the SQLite database, with Neptun stopped", run: invocation.restore},
	{name: "copy", args: []string{"FROM", "TO"}, help: "copy a database between SQLite and Postgres, with Neptun stopped", run: invocation.copy},
	{name: "check", help: "check configuration, key, schema, integrity, writing, clock and GitHub", run: invocation.check},
	{name: "health", help: "ask the Neptun at NEPTUN_ADDR whether it is ready", run: invocation.health},
	{name: "routes", help: "print every address, with its method and who may call it", run: invocation.routes},
	{name: "version", flag: "--json", help: "print the version of this program", run: invocation.version},
}

func usage() string {
	lines := make([][2]string, 0, len(commands)+1)
	width := 0
	for _, c := range commands {
		words := slices.DeleteFunc(append([]string{"neptun", c.name}, c.args...), func(word string) bool { return word == "" })
		if c.flag != "" {
			words = append(words, "["+c.flag+"]")
		}
		lines = append(lines, [2]string{strings.Join(words, " "), c.help})
		width = max(width, len(lines[len(lines)-1][0]))
	}
	var text strings.Builder
	text.WriteString("Usage:\n")
	for _, line := range lines {
		fmt.Fprintf(&text, "  %-*s  %s\n", width, line[0], line[1])
	}
	return text.String()
}

// run is the whole program, but for what belongs to the process.
func run(ctx context.Context, args []string, environment map[string]string, stdout, stderr io.Writer) int {
	p := invocation{environment, stdout, stderr}
	if len(args) == 1 && slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		fmt.Fprint(p.stdout, usage())
		return exitClean
	}
	for _, c := range commands {
		if values, flag, ok := c.match(args); ok {
			return p.exitCode(c.run(p, ctx, values, flag))
		}
	}
	fmt.Fprintf(p.stderr, "neptun: no command has these arguments: %q\n%s", args, usage())
	return exitConfiguration
}

// match reports whether the command line is this command's, and returns its arguments and
// whether its flag is set.
func (c command) match(args []string) (values []string, flag, ok bool) {
	words := strings.Fields(c.name)
	if len(args) < len(words) || !slices.Equal(args[:len(words)], words) {
		return nil, false, false
	}
	for _, value := range args[len(words):] {
		if value == c.flag && c.flag != "" {
			flag = true
			continue
		}
		if value == "" || strings.HasPrefix(value, "-") { // a file of that name is ./-name
			return nil, false, false
		}
		values = append(values, value)
	}
	return values, flag, len(values) == len(c.args)
}

func (p invocation) exitCode(err error) int {
	switch {
	case err == nil:
		return exitClean
	case isConfiguration(err):
		fmt.Fprintf(p.stderr, "neptun can't start with this configuration:\n%v\n", err)
		return exitConfiguration
	}
	fmt.Fprintf(p.stderr, "neptun: %v\n", err)
	return exitFailure
}

// isConfiguration reports whether another configuration would fix an error.
func isConfiguration(err error) bool {
	var (
		wrong   configErrors
		github  *db.OtherGitHubError
		app     *db.OtherAppError
		schema  *db.NewerSchemaError
		copying *db.UnfinishedCopyError
		address db.URLError
	)
	return errors.As(err, &wrong) || errors.As(err, &github) || errors.As(err, &app) || errors.As(err, &schema) || errors.As(err, &copying) || errors.As(err, &address) ||
		errors.Is(err, db.ErrTransactionPooling) || errors.Is(err, db.ErrFormerInstances) || errors.Is(err, db.ErrNotNeptun) || errors.Is(err, db.ErrSameEngine)
}
