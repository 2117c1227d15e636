package dbtest

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// atOnce is how many tests of a package run in parallel. They wait for databases, pages
// and clocks more than they use the CPU.
const atOnce = "3"

// Main runs a package's tests in parallel, unless the command line sets -parallel or
// requests fuzzing, which needs the CPU. Packages whose tests use Postgres must call it,
// so that nothing is left on the server.
func Main(m *testing.M) {
	flag.Parse()
	overridden := false
	flag.Visit(func(f *flag.Flag) {
		overridden = overridden || f.Name == "test.parallel" || f.Name == "test.fuzz" && f.Value.String() != ""
	})
	if !overridden {
		if err := flag.Set("test.parallel", atOnce); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if err := dropTemplate(); err != nil {
		fmt.Fprintln(os.Stderr, "drop the tests' template:", err)
	}
	os.Exit(code)
}
