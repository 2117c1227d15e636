package handlers_test

import (
	"regexp"
	"strings"
	"testing"
)

// secret is what GitHub's tokens, a script's, the App's own and its key look
// like, and a code on its way in a URL.
var secret = regexp.MustCompile(`neptun_[0-9A-Za-z]{36}|gh[oprsu]_[A-Za-z0-9]{8}|eyJ[A-Za-z0-9_-]{10,}\.|BEGIN [A-Z ]*PRIVATE KEY|[?&]code=[A-Za-z0-9]`)

// hasSecret tells whether a text shows a secret. Every line of the log and every
// answer of every test in this package goes through it.
func (s *stage) hasSecret(text string) bool {
	return secret.MatchString(text) || !s.appless && strings.Contains(text, s.gitHub.App().ClientSecret)
}

// testWriter sends the log to the test that it belongs to, the ordinary lines
// left out, and fails it where a line tells a secret.
type testWriter struct{ s *stage }

// Write implements io.Writer.
func (w testWriter) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	if w.s.hasSecret(text) {
		w.s.t.Errorf("the log tells a secret: %s", text)
	}
	if !strings.Contains(text, "level=INFO") && !strings.Contains(text, "level=DEBUG") {
		w.s.t.Log(text)
	}
	return len(line), nil
}

func TestASecretIsRecognised(t *testing.T) {
	s := open(t, office())
	for _, text := range []string{
		"token=ghu_abcdefghij", "cookie neptun_0123456789abcdefghijklmnopqrstuvwxyz", "ghs_1_eyJhbGciOiJSUzI1NiJ9.e30.x", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.x",
		"-----BEGIN RSA PRIVATE KEY-----", "/auth/github/callback?code=abc", s.gitHub.App().ClientSecret,
	} {
		if !s.hasSecret(text) {
			t.Errorf("%s goes unnoticed", text)
		}
	}
	if s.hasSecret("level=INFO msg=request path=/installations status=200") {
		t.Error("an ordinary line counts as a secret")
	}
}
