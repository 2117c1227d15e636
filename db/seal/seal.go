// Package seal encrypts secrets at rest: GitHub tokens in the database, the state of a
// sign-in in its cookie.
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

// MinSecretLength is the minimum length of a secret, in bytes.
const MinSecretLength = 32

// keyIDSize is the length of the key id in front of a sealed value.
const keyIDSize = 4

// ErrSealed means that no key of the ring can open a value: it was truncated, changed,
// sealed for another place, or with a secret that is gone.
var ErrSealed = errors.New("seal: can't be opened with the configured secrets")

// Keyring seals with its first key and opens with any of its keys, so that secrets can be
// rotated: put the new one first, and keep the old one until nothing needs it.
type Keyring struct {
	keys []key
}

type key struct {
	id   [keyIDSize]byte
	aead cipher.AEAD
}

// New creates a keyring from secrets. The first one seals.
func New(secrets ...string) (*Keyring, error) {
	if len(secrets) == 0 {
		return nil, errors.New("seal: no secret given")
	}
	ring := &Keyring{}
	for _, secret := range secrets {
		secret = strings.TrimSpace(secret)
		if len(secret) < MinSecretLength {
			return nil, fmt.Errorf("seal: a secret has %d bytes, but needs %d", len(secret), MinSecretLength)
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

// Seal encrypts plain for one place, such as "github_tokens.access_token/" and the row's
// key. A value moved to another place can't be opened there.
func (r *Keyring) Seal(plain []byte, place string) []byte {
	first := r.keys[0]
	return first.aead.Seal(first.id[:], nil, plain, []byte(place))
}

// Open decrypts a value that Seal returned for the same place. The error is ErrSealed.
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

// SealedByFirst reports whether a value was sealed with the first key, so that it can
// still be opened without the others.
func (r *Keyring) SealedByFirst(sealed []byte) bool {
	return len(sealed) >= keyIDSize && r.keys[0].id == [keyIDSize]byte(sealed)
}

// Prefix is the prefix of all values sealed with the first key, and of no others.
func (r *Keyring) Prefix() []byte { return r.keys[0].id[:] }

// HasOldKeys reports whether the ring has keys besides the one that seals.
func (r *Keyring) HasOldKeys() bool { return len(r.keys) > 1 }
