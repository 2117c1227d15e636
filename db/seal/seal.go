// Package seal encrypts what must not rest in the clear: GitHub's tokens in
// the database, the state of a login in its cookie.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

// MinSecretLength is the shortest secret that a Keyring takes, in bytes.
const MinSecretLength = 32

// keyIDSize is how many bytes in front of a sealed value name its key.
const keyIDSize = 4

// ErrSealed is the answer for what no key of the ring opens: it was cut,
// changed, sealed for another place, or under a secret that is gone.
var ErrSealed = errors.New("seal: can't be opened with the secrets at hand")

// Keyring seals with its first key and opens with any, so that secrets can be
// rotated: put the new one first, keep the old one until nothing needs it.
type Keyring struct {
	keys []key
}

type key struct {
	id   [keyIDSize]byte
	aead cipher.AEAD
}

// New makes a ring of secrets, the first of which seals.
func New(secrets ...string) (*Keyring, error) {
	if len(secrets) == 0 {
		return nil, errors.New("seal: no secret given")
	}
	ring := &Keyring{}
	for _, secret := range secrets {
		secret = strings.TrimSpace(secret)
		if len(secret) < MinSecretLength {
			return nil, fmt.Errorf("seal: a secret has %d bytes and needs %d", len(secret), MinSecretLength)
		}
		k, err := derive(secret)
		if err != nil {
			return nil, err
		}
		ring.keys = append(ring.keys, k)
	}
	return ring, nil
}

func derive(secret string) (key, error) {
	material, err := hkdf.Key(sha256.New, []byte(secret), nil, "neptun seal", 32+keyIDSize)
	if err != nil {
		return key{}, fmt.Errorf("seal: derive a key: %w", err)
	}
	block, err := aes.NewCipher(material[:32])
	if err != nil {
		return key{}, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return key{}, fmt.Errorf("seal: %w", err)
	}
	return key{id: [keyIDSize]byte(material[32:]), aead: aead}, nil
}

// Seal encrypts plain for one place, such as "github_tokens.access_token/" and
// the row's key. A value moved to another place doesn't open there.
func (r *Keyring) Seal(plain []byte, place string) []byte {
	first := r.keys[0]
	return first.aead.Seal(first.id[:], nil, plain, []byte(place))
}

// Open decrypts what Seal made for the same place. The error is ErrSealed.
func (r *Keyring) Open(sealed []byte, place string) ([]byte, error) {
	if len(sealed) < keyIDSize {
		return nil, ErrSealed
	}
	for _, k := range r.keys {
		if k.id != [keyIDSize]byte(sealed) {
			continue
		}
		if plain, err := k.aead.Open(nil, nil, sealed[keyIDSize:], []byte(place)); err == nil {
			return plain, nil
		}
	}
	return nil, ErrSealed
}

// SealedByFirst reports whether the ring's first key sealed a value, which then
// still opens when the other keys are gone.
func (r *Keyring) SealedByFirst(sealed []byte) bool {
	return len(sealed) >= keyIDSize && r.keys[0].id == [keyIDSize]byte(sealed)
}

// Prefix begins everything that the ring's first key seals, and nothing else.
func (r *Keyring) Prefix() []byte { return r.keys[0].id[:] }

// HasOldKeys reports whether the ring opens with more keys than the one that seals.
func (r *Keyring) HasOldKeys() bool { return len(r.keys) > 1 }
