package dbtest

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// atOnce is how many tests of a package run side by side. They wait for
// databases, pages and clocks more than they compute.
const atOnce = "3"

// Main runs a package's tests that many at once, unless the command line says
// how many with -parallel, or asks for fuzzing, which computes. A package whose tests use Postgres needs it, to leave
// nothing behind on the server.
func Main(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) {
		said = said || f.Name == "test.parallel" || f.Name == "test.fuzz" && f.Value.String() != ""
	})
	if !said {
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
