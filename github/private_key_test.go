package github

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
)

func TestP34PrivateKeysAreParsedInEveryFormat(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	pkcs8 := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8Of(t, key)}))
	encoded := base64.StdEncoding.EncodeToString([]byte(pkcs1))
	for name, text := range map[string]string{
		"PKCS #1":                pkcs1,
		"PKCS #8":                pkcs8,
		"escaped newlines":       strings.ReplaceAll(pkcs1, "\n", `\n`),
		"escaped Windows ones":   strings.ReplaceAll(pkcs8, "\n", `\r\n`),
		"Windows newlines":       strings.ReplaceAll(pkcs1, "\n", "\r\n"),
		"quoted":                 `"` + strings.ReplaceAll(pkcs1, "\n", `\n`) + `"`,
		"base64":                 encoded,
		"base64 in lines":        encoded[:76] + "\n" + encoded[76:] + "\n",
		"space around it":        "\n  " + pkcs1 + "\n\n",
		"without a last newline": strings.TrimSpace(pkcs1),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParsePrivateKey(text)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(key) {
				t.Error("it is another key")
			}
		})
	}
}

func TestP34AnInvalidPrivateKeyIsRejectedWithoutShowingIt(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":         "",
		"not base64":    "s3cr3t!",
		"base64":        base64.StdEncoding.EncodeToString([]byte("s3cr3t!")),
		"cut short":     "-----BEGIN RSA PRIVATE KEY-----\nczNjcjN0IQ==\n",
		"not a key":     "-----BEGIN RSA PRIVATE KEY-----\nczNjcjN0IQ==\n-----END RSA PRIVATE KEY-----\n",
		"another kind":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8Of(t, key)})),
		"too short":     shortKey,
		"a certificate": "-----BEGIN CERTIFICATE-----\nczNjcjN0IQ==\n-----END CERTIFICATE-----\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParsePrivateKey(text)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), "czNj") {
				t.Errorf("the error shows it: %v", err)
			}
		})
	}
}

// shortKey has 512 bits: crypto/rsa reads it, but doesn't sign with it.
const shortKey = `-----BEGIN RSA PRIVATE KEY-----
MIIBPAIBAAJBAMQFsiG7WTYh79dslC4Rgm13vnJ84MgBT52Ni5UVbetnCO2+RYOy
iVytoLW/KKnSkDsAKfW/H7wImc786ynTlEMCAwEAAQJBAITnH7lDHt9W7xhuI6GA
eZ/iuhtBk93HFcXKvEKePuKEzOQRozyfmMr+eIKBeNZClHEHhh+ngy4SZ0Icj3D0
FDECIQD/b7Fo6uu6s3h8UT96JnDFQ9iSaEExgfRWXDq//g4Y5QIhAMR0b/AdYAcw
HqQjozXBvBed43CoIm96vzrQlsPiXO4HAiEA4kFLAcXkW5GQzX0iHs5h4TmBYd2a
sYGMrdov59PfJMkCIHTcss3KG5qLBF8tl+PdeA8wa+BTFBDumpzZAiZKHG+3AiEA
4ONJFT3bFzUMuDMYyAHKg68gdUNMcfaoGZftYIF807o=
-----END RSA PRIVATE KEY-----
`

func pkcs8Of(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
