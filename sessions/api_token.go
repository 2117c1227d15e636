package sessions

import (
	"crypto/rand"
	"hash/crc32"
	"strings"

	"neptun/db"
)

// API tokens have the format of GitHub's tokens: a prefix for secret scanners, 30 random
// base62 characters (178 bits), and their CRC-32 in another six, so that mistyped tokens
// are rejected without the database. As a pattern: neptun_[0-9A-Za-z]{36}.
// https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
const (
	apiTokenPrefix   = "neptun_"
	apiTokenRandom   = 30
	apiTokenChecksum = 6
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// NewAPIToken generates an API token, and the hash that is stored.
func NewAPIToken() (token, hash string) {
	random := randomBase62(apiTokenRandom)
	token = apiTokenPrefix + random + checksum(random)
	return token, Hash(token)
}

// IsAPIToken reports whether a token has the prefix of API tokens, well-formed or not. A
// session token starts with it once in four trillion.
func IsAPIToken(token string) bool { return strings.HasPrefix(token, apiTokenPrefix) }

// Key returns the key by which a credential is looked up, "" for a malformed API token
// and for no token.
func Key(token string) string {
	if !IsAPIToken(token) {
		if token == "" {
			return ""
		}
		return Hash(token)
	}
	rest := token[len(apiTokenPrefix):]
	if len(rest) != apiTokenRandom+apiTokenChecksum || checksum(rest[:apiTokenRandom]) != rest[apiTokenRandom:] {
		return ""
	}
	return db.APITokenKey(Hash(token))
}

// checksum returns the CRC-32 (IEEE) of a text in base62, with leading zeros.
func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	var digits [apiTokenChecksum]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return string(digits[:])
}

// randomBase62 returns uniformly distributed characters.
func randomBase62(length int) string {
	const fair = 256 / len(base62) * len(base62) // larger bytes would favor the first characters
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
