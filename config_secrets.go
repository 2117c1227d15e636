package main

import (
	"os"
	"strings"
)

// minSecret is the shortest secret that is accepted, in characters.
const minSecret = 16

// checkSecret returns what is wrong with a secret, "" for nothing. It can't recognize all weak
// secrets, but it recognizes those in examples.
func checkSecret(secret string) string {
	switch {
	case len(secret) < minSecret:
		return "has a secret of fewer than 16 characters"
	case trivial(secret):
		return "has a secret that is easy to guess: use random characters, such as those of openssl rand -base64 32"
	}
	return ""
}

// commonWords are the words that placeholder secrets consist of.
var commonWords = []string{
	"changeme", "change", "replace", "secret", "password", "passwort", "passphrase", "neptun", "github", "webhook", "example",
	"placeholder", "token", "please", "this", "your", "test", "demo", "admin", "default", "qwertz", "qwerty", "abcdefghijklmnopqrstuvwxyz",
	"0123456789", "1234567890", "123456789", "12345678", "me", "my", "the", "key",
}

// trivial reports whether a secret is a short repeated pattern, a sequence of consecutive
// characters or a few common words.
func trivial(secret string) bool {
	for period := 1; period <= min(12, len(secret)*2/3); period++ {
		if strings.Repeat(secret[:period], len(secret)/period+1)[:len(secret)] == secret {
			return true
		}
	}
	rest := strings.ToLower(secret)
	for _, word := range commonWords {
		rest = strings.ReplaceAll(rest, word, "")
	}
	distinct := map[rune]bool{}
	for _, r := range rest {
		distinct[r] = true
	}
	return len(distinct) < 5
}

// warnOpenKeyFile warns if other users of this machine can read the key file.
func (s *settings) warnOpenKeyFile(name string) {
	info, err := os.Stat(name)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		s.warnings = append(s.warnings, "the key file "+name+" can be read by others: chmod 600 "+name)
	}
}
