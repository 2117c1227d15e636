package handlerstest

import (
	"regexp"
	"strings"
)

// secret is what GitHub's tokens, a script's, the App's own and its key look
// like, and a code on its way in a URL.
var secret = regexp.MustCompile(`neptun_[0-9A-Za-z]{36}|gh[oprsu]_[A-Za-z0-9]{8}|eyJ[A-Za-z0-9_-]{10,}\.|BEGIN [A-Z ]*PRIVATE KEY|[?&]code=[A-Za-z0-9]`)

// HasSecret reports whether a text shows a secret. Every line of the log and every
// answer of every test in this package goes through it.
func (s *Stage) HasSecret(text string) bool {
	return secret.MatchString(text) || !s.Appless && strings.Contains(text, s.GitHub.App().ClientSecret)
}

// testWriter sends the log to the test that it belongs to, the ordinary lines
// left out, and fails it where a line tells a secret.
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
