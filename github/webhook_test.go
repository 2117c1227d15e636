package github

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

func signature(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func TestWebhookSecretsFromTheEnvironmentOverrideTheApps(t *testing.T) {
	app := App{ClientID: "Iv1", WebhookSecret: "own"}
	for _, c := range []struct {
		config Config
		taken  []string
	}{
		{Config{}, nil},
		{Config{App: app}, []string{"own"}},
		{Config{App: app, WebhookSecrets: []string{"old", "new"}}, []string{"old", "new"}},
	} {
		g := New(c.config)
		if g.HasWebhookSecret() != (len(c.taken) > 0) {
			t.Errorf("with %v HasWebhookSecret is: %v", c.taken, g.HasWebhookSecret())
		}
		for _, secret := range []string{"", "own", "old", "new"} {
			want := false
			for _, taken := range c.taken {
				want = want || taken == secret
			}
			if got := g.Signed(signature(secret, "body"), []byte("body")); got != want {
				t.Errorf("with %v, a signature with %q is accepted: %v", c.taken, secret, got)
			}
		}
	}
}

func TestAnAppFromTheSetupBringsItsWebhookSecret(t *testing.T) {
	world := sandbox.NewWorld()
	s := newStage(t, dbtest.SQLite(t), world)
	app, err := convertApp(db.App{ClientID: "Iv1", PrivateKey: s.server.App().PrivateKeyPEM, WebhookSecret: "from the manifest"})
	if err != nil {
		t.Fatal(err)
	}
	s.github.SetApp(app)
	if !s.github.Signed(signature("from the manifest", "{}"), []byte("{}")) {
		t.Error("signatures with it aren't accepted")
	}
}
