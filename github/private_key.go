package github

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
)

// minKeyBits is the shortest key that crypto/rsa signs with
// (https://pkg.go.dev/crypto/rsa#hdr-Minimum_key_size).
const minKeyBits = 1024

// ParsePrivateKey parses an App's private key from an environment variable: PEM with
// real newlines, with newlines written as \n, or base64-encoded; in PKCS #1, which
// GitHub issues, or PKCS #8. Errors don't contain any part of the key.
func ParsePrivateKey(text string) (*rsa.PrivateKey, error) {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	text = strings.NewReplacer(`\r`, "", `\n`, "\n").Replace(text)
	if !strings.Contains(text, "-----BEGIN") {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil, errors.New("the private key is neither PEM nor base64-encoded PEM")
		}
		text = string(decoded)
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the private key is incomplete: it must include the BEGIN and the END line")
	}
	rsaKey, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, errors.New("the PEM block " + block.Type + " contains no readable RSA private key")
		}
		var ok bool
		if rsaKey, ok = key.(*rsa.PrivateKey); !ok {
			return nil, errors.New("the private key must be an RSA key")
		}
	}
	if rsaKey.N.BitLen() < minKeyBits {
		return nil, errors.New("the private key is too short: GitHub's have 2048 bits")
	}
	return rsaKey, nil
}
