package sessions

import (
	"crypto/rand"
	"hash/crc32"
	"strings"

	"neptun/db"
)

// A script token is written as GitHub writes its own: a prefix that secret
// scanners know, 30 random characters of base62 (178 bits), and their CRC-32 in
// another six, by which a mistyped or invented one is refused without the
// database. As a pattern: neptun_[0-9A-Za-z]{36}.
// https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
const (
	scriptPrefix   = "neptun_"
	scriptRandom   = 30
	scriptChecksum = 6
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// NewScriptToken makes the secret of a script token, and the hash that it is
// stored by.
func NewScriptToken() (token, hash string) {
	random := randomBase62(scriptRandom)
	token = scriptPrefix + random + checksum(random)
	return token, Hash(token)
}

// IsScript reports whether a token means to be a script token, well-formed or not.
// A session's begins so once in four million million logins.
func IsScript(token string) bool { return strings.HasPrefix(token, scriptPrefix) }

// Key is what the credential behind a token is looked up by. It is empty for a
// script token that can't be one, and for no token at all.
func Key(token string) string {
	if !IsScript(token) {
		if token == "" {
			return ""
		}
		return Hash(token)
	}
	rest := token[len(scriptPrefix):]
	if len(rest) != scriptRandom+scriptChecksum || checksum(rest[:scriptRandom]) != rest[scriptRandom:] {
		return ""
	}
	return db.APITokenKey(Hash(token))
}

// checksum is the CRC-32 (IEEE) of a text in base62, with leading zeros.
func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	var digits [scriptChecksum]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return string(digits[:])
}

// randomBase62 draws each character as likely as any other.
func randomBase62(length int) string {
	const fair = 256 / len(base62) * len(base62) // bytes from here on would favour the first characters
	text := make([]byte, 0, length)
	draw := make([]byte, 2*length)
	for len(text) < length {
		_, _ = rand.Read(draw) // never fails: https://pkg.go.dev/crypto/rand#Read
		for _, b := range draw {
			if int(b) < fair && len(text) < length {
				text = append(text, base62[int(b)%len(base62)])
			}
		}
	}
	return string(text)
}
