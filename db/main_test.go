package db_test

import (
	"fmt"
	"os"
	"testing"

	"neptun/db/dbtest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(writerEnv); url != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(url))
		os.Exit(1)
	}
	dbtest.Main(m)
}
