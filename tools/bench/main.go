// Command bench measures what the goals on speed are about and prints them as a
// table: the benchmarks that report goals, on both engines where
// NEPTUN_TEST_POSTGRES names a server, and the release binary. It runs in the
// repository's root and takes about five minutes on a quiet machine.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// row is a figure and its goal, by engine.
type row struct {
	what, unit, goal string
	figures          map[string]string
}

type table []*row

func main() {
	log.SetFlags(0)
	ctx := context.Background()
	var t table
	for _, benchmarks := range [][]string{
		{"-benchtime", "20x", "./handlers"},
		{"-benchtime", "20x", "./db"},
		{"-benchtime", "3x", "./syncer"},
	} {
		if err := t.run(ctx, benchmarks); err != nil {
			log.Fatal(err)
		}
	}
	if err := t.program(ctx); err != nil {
		log.Fatal(err)
	}
	t.print(os.Stdout)
}

// run reads the figures of the benchmarks that have goals.
func (t *table) run(ctx context.Context, arguments []string) error {
	command := exec.CommandContext(ctx, "go", append([]string{"test", "-run", "^$", "-bench", "Goals", "-timeout", "20m"}, arguments...)...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(os.Stderr, lines.Text())
		t.read(lines.Text())
	}
	return errors.Join(lines.Err(), command.Wait())
}

// read reads a benchmark's line: its name, how often it ran, then values and units.
// The goal of a unit has the unit's name after at-most or at-least.
func (t *table) read(line string) {
	fields := strings.Fields(line)
	name, ok := strings.CutPrefix(line, "BenchmarkGoals/")
	if !ok || len(fields) < 4 {
		return
	}
	engine, what, _ := strings.Cut(strings.Fields(name)[0], "/")
	if dash := strings.LastIndexByte(what, '-'); dash > 0 {
		what = what[:dash] // the number of processors
	}
	values := map[string]string{}
	for i := 2; i+1 < len(fields); i += 2 {
		values[fields[i+1]] = fields[i]
	}
	for unit, value := range values {
		for _, bound := range []struct{ prefix, sign string }{{"at-most-", "≤ "}, {"at-least-", "≥ "}} {
			if goal, ok := values[bound.prefix+unit]; ok {
				t.add(engine, what, unit, bound.sign+trimmed(goal), trimmed(value))
			}
		}
	}
}

func (t *table) add(engine, what, unit, goal, figure string) {
	i := slices.IndexFunc(*t, func(r *row) bool { return r.what == what && r.unit == unit })
	if i < 0 {
		i = len(*t)
		*t = append(*t, &row{what, unit, goal, map[string]string{}})
	}
	(*t)[i].figures[engine] = figure
}

// trimmed is a number without zeros that say nothing.
func trimmed(number string) string {
	if strings.Contains(number, ".") {
		return strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number
}

// program measures the release binary: its size, and its second start.
func (t *table) program(ctx context.Context) error {
	directory, err := os.MkdirTemp("", "neptun-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	binary := filepath.Join(directory, "neptun")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, ".")
	build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := build.Run(); err != nil {
		return err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	t.add("sqlite", "release binary", "MB", "≤ 28 and metrics", fmt.Sprintf("%.1f", float64(info.Size())/1e6))
	for range 2 {
		state, err := start(ctx, binary, directory)
		if err != nil {
			return err
		}
		used := state.UserTime() + state.SystemTime()
		t.add("sqlite", "start and stop", "cpu-ms", "≤ 200", strconv.FormatInt(used.Milliseconds(), 10))
		if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
			t.add("sqlite", "start and stop", "MiB-resident", "≤ 48", strconv.FormatInt(usage.Maxrss>>10, 10))
		}
	}
	return nil
}

// start starts a Neptun and stops it once it is ready.
func start(ctx context.Context, binary, directory string) (*os.ProcessState, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	_ = listener.Close()
	neptun := exec.CommandContext(ctx, binary)
	neptun.Env = []string{"NEPTUN_ADDR=" + address, "DATABASE_URL=sqlite:" + filepath.Join(directory, "neptun.db"), "NEPTUN_LOG_LEVEL=error"}
	neptun.Stderr = os.Stderr
	if err := neptun.Start(); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(time.Minute)
	for {
		response, err := http.Get("http://" + address + "/healthz")
		if err == nil {
			_ = response.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			_ = neptun.Process.Kill()
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	_ = neptun.Process.Signal(syscall.SIGTERM)
	err = neptun.Wait()
	return neptun.ProcessState, err
}

func (t table) print(to io.Writer) {
	columns := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "\nwhat\tunit\tgoal\tSQLite\tPostgreSQL")
	for _, r := range t {
		fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t%s\n", r.what, r.unit, r.goal, r.figures["sqlite"], r.figures["postgres"])
	}
	_ = columns.Flush()
}
