package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"sync"
	"time"
)

// App is the one GitHub App registered here, with the secrets that GitHub would have shown its owner.
type App struct {
	ID            int64
	Slug          string
	Name          string
	ClientID      string
	ClientSecret  string
	PrivateKeyPEM string // PKCS #1, as GitHub hands it out
	WebhookSecret string

	publicKey *rsa.PublicKey
	createdAt time.Time
	owner     *account
}

// appPermissions is what the App asks for, and what every installation has accepted.
var appPermissions = map[string]string{"metadata": "read", "members": "read"}

var appEvents = []string{"member", "membership", "organization", "public", "repository", "team", "team_add"}

// processKey is made once for all worlds of a process: making an RSA key takes longer than a whole test.
var processKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // only a broken source of randomness, from which nothing could recover
	}
	return key
})

func newApp() App {
	key := processKey()
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return App{
		ID:            1_204_753,
		Slug:          "neptun-sandbox",
		Name:          "Neptun (sandbox)",
		ClientID:      "Iv23liSandboxNeptun0",
		ClientSecret:  randomHex(20),
		PrivateKeyPEM: string(pem.EncodeToMemory(block)),
		WebhookSecret: randomHex(20),
		publicKey:     &key.PublicKey,
		createdAt:     time.Date(2025, time.March, 3, 9, 12, 44, 0, time.UTC),
	}
}
