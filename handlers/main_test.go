package handlers_test

import (
	"log"
	"os"
	"testing"

	"neptun/db/dbtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(benchClientEnv) == "" {
		dbtest.Main(m)
		return
	}
	if err := runBenchClient(); err != nil {
		log.Fatal(err)
	}
}
