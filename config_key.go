package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"neptun/db"
	"neptun/db/seal"
)

// readKeyring reads the configured secrets or, beside a SQLite database, the key file, which
// the first start creates.
func (s *settings) readKeyring(errs *configErrors) {
	if len(s.Secrets) > 0 {
		s.openSecrets(errs)
		return
	}
	file, ok := db.SQLiteFile(s.DatabaseURL)
	if !ok {
		errs.add("NEPTUN_SECRET", "is required with Postgres: at least %d random characters, the same for every instance", seal.MinSecretLength)
		return
	}
	secret, created, err := keyFile(file + ".key")
	if err != nil {
		errs.add("NEPTUN_SECRET", "isn't set, and %v", err)
		return
	}
	if s.keyring, err = seal.New(secret); err != nil {
		errs.add("NEPTUN_SECRET", "isn't set, and the key file %s.key has fewer than %d characters: restore it from a backup or, if %s doesn't exist yet, delete it",
			file, seal.MinSecretLength, file)
	}
	if created {
		s.newKeyFile = file + ".key"
	}
	s.warnOpenKeyFile(file + ".key")
}

// openSecrets creates the keyring of NEPTUN_SECRET. Quotes around a secret aren't part of it,
// but databases may be sealed with them: such a secret still opens.
func (s *settings) openSecrets(errs *configErrors) {
	var secrets []string
	for _, secret := range s.Secrets {
		secrets = append(secrets, strings.Trim(secret, `"' `))
	}
	for _, secret := range s.Secrets {
		if !slices.Contains(secrets, secret) {
			secrets = append(secrets, secret)
		}
	}
	var err error
	if s.keyring, err = seal.New(secrets...); err != nil {
		errs.add("NEPTUN_SECRET", "has a secret of fewer than %d characters", seal.MinSecretLength)
		return
	}
	// The others only open values that they sealed, until those are resealed.
	if wrong := checkSecret(secrets[0]); wrong != "" {
		errs.add("NEPTUN_SECRET", "%s", wrong)
	}
}

// How often, and how long apart, a key file that is still empty is read again.
const (
	keyFileTries = 50
	keyFilePause = 20 * time.Millisecond
)

// keyFile reads the secret in a key file, which it creates if it doesn't exist.
func keyFile(name string) (secret string, created bool, err error) {
	content, err := os.ReadFile(name)
	for try := 0; err == nil && len(content) == 0 && try < keyFileTries; try++ {
		time.Sleep(keyFilePause) // another start has created it and is about to write
		content, err = os.ReadFile(name)
	}
	if err == nil {
		return string(content), false, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", false, fmt.Errorf("the key file %s can't be read: %w", name, withoutName(err))
	}
	random := make([]byte, 48)
	_, _ = rand.Read(random) // never fails
	secret = base64.RawStdEncoding.EncodeToString(random)
	// O_EXCL: if two instances start at once, only one creates the key.
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return keyFile(name)
	}
	if err == nil {
		_, err = file.WriteString(secret + "\n")
		err = errors.Join(err, file.Sync(), file.Close())
	}
	if err != nil {
		return "", false, fmt.Errorf("the key file %s can't be written", name)
	}
	return secret, true, nil
}
