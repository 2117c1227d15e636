package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// testSecret is a secret that a server starts with.
const testSecret = "Zk3vYQm0r8tXw2Lh9PbN4cJ7dS5fGaEu"

func TestS9WeakSecretsAreRejected(t *testing.T) {
	for secret, refused := range map[string]bool{
		testSecret:                             false,
		testSecret[:16]:                        false,
		"3f9a1c0b5d7e8f21":                     false,
		"correct horse battery staple":         false, // not all words are known
		testSecret[:15]:                        true,
		"0000000000000000":                     true,
		"abcabcabcabcabcabcabcabcabcabcabcabc": true,
		"changemechangeme":                     true,
		"password12345678":                     true,
		"0123456789012345":                     true,
		"my-webhook-secret":                    true,
		"your-secret-key-here":                 true,
	} {
		environment := map[string]string{
			"DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "n.db"), "NEPTUN_SECRET": testSecret, "GITHUB_WEBHOOK_SECRET": secret,
		}
		_, err := readConfig(environment)
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "GITHUB_WEBHOOK_SECRET") {
			t.Errorf("webhook secret %q: %v", secret, err)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error repeats the secret: %v", err)
		}
	}
	for _, secret := range []string{strings.Repeat("x", 40), strings.Repeat("changeme", 5), testSecret[:31]} {
		_, err := readConfig(map[string]string{"NEPTUN_SECRET": secret})
		if err == nil || !strings.Contains(err.Error(), "NEPTUN_SECRET") {
			t.Errorf("NEPTUN_SECRET %q: %v", secret, err)
		}
	}
}

func TestS9AReadableKeyFileIsAWarning(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes")
	}
	file := filepath.Join(t.TempDir(), "n.db")
	environment := map[string]string{"DATABASE_URL": "sqlite:" + file}
	s, err := readConfig(environment)
	if err != nil || len(s.warnings) > 0 {
		t.Fatalf("%v, warnings %v", err, s.warnings)
	}
	if err := os.Chmod(file+".key", 0o640); err != nil {
		t.Fatal(err)
	}
	if s, err = readConfig(environment); err != nil || len(s.warnings) != 1 || !strings.Contains(s.warnings[0], "chmod 600") {
		t.Errorf("%v, warnings %v", err, s.warnings)
	}
}
