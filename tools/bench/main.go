// Command bench runs the benchmarks that have goals and prints their figures and
// goals as a Markdown table: for SQLite, and for PostgreSQL where
// NEPTUN_TEST_POSTGRES names a server. It runs in the repository's root and takes
// about six minutes on two cores, with -full about twenty.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// engines are the columns of the table.
var engines = []string{"sqlite", "postgres"}

// row is one measurement in one unit, by engine.
type row struct {
	what, unit string
	cells      map[string]cell
}

// cell is a figure and its goal. sign is empty for a figure without one.
type cell struct {
	figure, goal float64
	sign         string
}

type table []*row

func main() {
	log.SetFlags(0)
	full := flag.Bool("full", false, "measure with more rows and repeat more often")
	flag.Parse()
	ctx, began := context.Background(), time.Now()
	times, storeTimes := "10x", "20x"
	environment := os.Environ()
	if *full {
		times, storeTimes = "30x", "50x"
		environment = append(environment, "NEPTUN_TEST_SOAK=1")
	}
	var t table
	var failed error
	for _, benchmarks := range [][]string{
		{"-benchtime", times, "./handlers"},
		{"-benchtime", storeTimes, "./db"},
		{"-benchtime", "5x", "./syncer"},
		{"-benchtime", "5x", "."},
	} {
		failed = errors.Join(failed, t.run(ctx, environment, benchmarks))
	}
	fmt.Printf("\nMeasured on %s with %s on %d processors, in %s.\n\n", time.Now().UTC().Format("2 January 2006"), runtime.Version(), runtime.NumCPU(), time.Since(began).Round(time.Second))
	t.print(os.Stdout)
	if failed != nil {
		log.Fatal(failed)
	}
}

// run adds the figures of a package's benchmarks to the table, and copies what
// `go test` prints to standard error.
func (t *table) run(ctx context.Context, environment, arguments []string) error {
	command := exec.CommandContext(ctx, "go", append([]string{"test", "-run", "^$", "-bench", "^BenchmarkGoals$", "-timeout", "30m"}, arguments...)...)
	command.Env, command.Stderr = environment, os.Stderr
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

// bounds are the prefixes of the units that goals are reported in.
var bounds = []struct{ prefix, sign string }{{"at-most-", "≤"}, {"at-least-", "≥"}, {"no-goal-", ""}}

// read adds the figures of one line of output, which has the benchmark's name, the
// number of iterations, then values and units. The goal of a unit is reported as a
// value in the unit's name behind one of the bounds. A figure without a bound isn't
// part of the table.
func (t *table) read(line string) {
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "BenchmarkGoals/") {
		return
	}
	name := strings.TrimPrefix(fields[0], "BenchmarkGoals/")
	if dash := strings.LastIndexByte(name, '-'); dash > 0 {
		name = name[:dash] // the number of processors
	}
	engine, what, _ := strings.Cut(name, "/")
	values := map[string]float64{}
	for i := 2; i+1 < len(fields); i += 2 {
		values[fields[i+1]], _ = strconv.ParseFloat(fields[i], 64)
	}
	for i := 3; i < len(fields); i += 2 {
		for _, bound := range bounds {
			if goal, ok := values[bound.prefix+fields[i]]; ok {
				t.add(engine, strings.ReplaceAll(what, "_", " "), fields[i], cell{values[fields[i]], goal, bound.sign})
			}
		}
	}
}

func (t *table) add(engine, what, unit string, c cell) {
	i := slices.IndexFunc(*t, func(r *row) bool { return r.what == what && r.unit == unit })
	if i < 0 {
		i = len(*t)
		*t = append(*t, &row{what, unit, map[string]cell{}})
	}
	(*t)[i].cells[engine] = c
}

func (t table) print(to io.Writer) {
	fmt.Fprint(to, "| what | unit | goal | SQLite | PostgreSQL |\n|---|---|---|---|---|\n")
	for _, r := range t {
		fmt.Fprintf(to, "| %s | %s | %s |", r.what, r.unit, r.goal())
		for _, engine := range engines {
			fmt.Fprintf(to, " %s |", r.cells[engine])
		}
		fmt.Fprintln(to)
	}
	fmt.Fprint(to, "\nBold figures miss their goal. CPU time is that of Neptun's process: PostgreSQL's own isn't part of it.\n"+
		"ANALYZE has no row: nothing runs it on SQLite (docs/decisions.md).\n")
}

// goal is the goal of a row: PostgreSQL's stands beside SQLite's where it differs.
func (r *row) goal() string {
	goal := "–"
	for i, engine := range engines {
		c, measured := r.cells[engine]
		switch text := c.sign + " " + number(c.goal); {
		case !measured || c.sign == "" || text == goal:
		case i == 0 || goal == "–":
			goal = text
		default:
			goal += ", PostgreSQL " + text
		}
	}
	return goal
}

func (c cell) String() string {
	switch {
	case c == cell{}:
		return ""
	case c.sign == "≤" && c.figure > c.goal, c.sign == "≥" && c.figure < c.goal:
		return "**" + number(c.figure) + "**"
	}
	return number(c.figure)
}

// number is a number with three significant digits, or all those before the point.
func number(n float64) string {
	switch {
	case n >= 100:
		return strconv.FormatFloat(n, 'f', 0, 64)
	case n >= 10:
		return strconv.FormatFloat(n, 'f', 1, 64)
	}
	return strconv.FormatFloat(n, 'g', 3, 64)
}
