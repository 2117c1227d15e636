package dbtest

import (
	"fmt"
	"os"
	"strconv"
)

// SoakEnv names the environment variable with how often long tests repeat what they do. `task soak` sets it; without it
// they do it once, with less.
const SoakEnv = "NEPTUN_TEST_SOAK"

// Soak returns how often long tests repeat what they do; 0: not a soak.
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

// Size returns how much a test works with: full in a soak, else short.
func Size(short, full int) int {
	if Soak() > 0 {
		return full
	}
	return short
}
