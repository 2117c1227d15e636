package handlerstest_test

import (
	"testing"

	"neptun/handlers/handlerstest"
)

func TestASecretIsRecognized(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Office())
	for _, text := range []string{
		"token=ghu_abcdefghij", "cookie neptun_0123456789abcdefghijklmnopqrstuvwxyz", "ghs_1_eyJhbGciOiJSUzI1NiJ9.e30.x", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.x",
		"-----BEGIN RSA PRIVATE KEY-----", "/auth/github/callback?code=abc", s.GitHub.App().ClientSecret,
	} {
		if !s.HasSecret(text) {
			t.Errorf("%s isn't noticed", text)
		}
	}
	if s.HasSecret("level=INFO msg=request path=/installations status=200") {
		t.Error("an ordinary line counts as a secret")
	}
}
