package dbtest

import (
	"fmt"
	"os"
	"strconv"
)

// SoakEnv names the environment variable with the number of repetitions of long tests.
// `task soak` sets it; without it they run once, with less data.
const SoakEnv = "NEPTUN_TEST_SOAK"

// Soak returns the number of repetitions of long tests, 0 outside a soak.
func Soak() int {
	text := os.Getenv(SoakEnv)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		panic(fmt.Sprintf("%s must be a number above zero, not %q", SoakEnv, text))
	}
	return n
}

// Size returns full in a soak, otherwise short.
func Size(short, full int) int {
	if Soak() > 0 {
		return full
	}
	return short
}
