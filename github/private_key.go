package github

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
)

// ParsePrivateKey reads an App's private key as it comes out of an environment
// variable: PEM with real newlines, with newlines written \n, or the base64 of
// PEM; PKCS #1, which is what GitHub hands out, or PKCS #8. The error says what
// is wrong without a word of the key.
func ParsePrivateKey(text string) (*rsa.PrivateKey, error) {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	text = strings.NewReplacer(`\r`, "", `\n`, "\n").Replace(text)
	if !strings.Contains(text, "-----BEGIN") {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil, errors.New("the private key is neither PEM nor the base64 of PEM")
		}
		text = string(decoded)
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the private key is not whole PEM: it must go from its BEGIN line to its END line")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the PEM block " + block.Type + " holds no RSA private key that can be read")
	}
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("the private key is not an RSA key, which GitHub's Apps use")
	}
	return rsaKey, nil
}
