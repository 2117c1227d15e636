package handlerstest

import (
	"regexp"
	"strings"
)

// secret matches GitHub's tokens, API tokens, the app's credentials and its key, and codes in
// URLs.
var secret = regexp.MustCompile(`neptun_[0-9A-Za-z]{36}|gh[oprsu]_[A-Za-z0-9]{8}|eyJ[A-Za-z0-9_-]{10,}\.|BEGIN [A-Z ]*PRIVATE KEY|[?&]code=[A-Za-z0-9]`)

// HasSecret reports whether a text contains a secret. Every log line and every response of the
// tests is checked.
func (s *Stage) HasSecret(text string) bool {
	return secret.MatchString(text) || !s.Appless && strings.Contains(text, s.GitHub.App().ClientSecret)
}

// testWriter writes the log to its test, without ordinary lines, and fails the test if a line
// contains a secret.
type testWriter struct{ s *Stage }

// Write implements io.Writer.
func (w testWriter) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	if w.s.HasSecret(text) {
		w.s.T.Errorf("the log tells a secret: %s", text)
	}
	if !strings.Contains(text, "level=INFO") && !strings.Contains(text, "level=DEBUG") {
		w.s.T.Log(text)
	}
	return len(line), nil
}
