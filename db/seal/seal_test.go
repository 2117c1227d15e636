package seal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"neptun/db/seal"
)

var (
	oldSecret = strings.Repeat("old", 12)
	newSecret = strings.Repeat("new", 12)
)

func ring(t *testing.T, secrets ...string) *seal.Keyring {
	t.Helper()
	r, err := seal.New(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOpenRejectsOtherPlacesKeysAndChanges(t *testing.T) {
	r := ring(t, newSecret)
	sealed := r.Seal([]byte("ghu_secret"), "tokens/1")

	if bytes.Contains(sealed, []byte("ghu_secret")) {
		t.Fatal("the sealed value contains the plaintext")
	}
	if bytes.Equal(sealed, r.Seal([]byte("ghu_secret"), "tokens/1")) {
		t.Error("sealing twice gives the same bytes: the nonce repeats")
	}
	plain, err := r.Open(sealed, "tokens/1")
	if err != nil || string(plain) != "ghu_secret" {
		t.Fatalf("opened %q, %v", plain, err)
	}

	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, try := range map[string]struct {
		sealed []byte
		place  string
	}{
		"another row":    {sealed, "tokens/2"},
		"a changed byte": {flipped, "tokens/1"},
		"cut short":      {sealed[:len(sealed)-3], "tokens/1"},
		"only a key id":  {sealed[:4], "tokens/1"},
		"nothing":        {nil, "tokens/1"},
	} {
		if _, err := r.Open(try.sealed, try.place); !errors.Is(err, seal.ErrSealed) {
			t.Errorf("%s: got %v, want ErrSealed", name, err)
		}
	}
}

func TestRotation(t *testing.T) {
	sealed := ring(t, oldSecret).Seal([]byte("x"), "p")

	if _, err := ring(t, newSecret, oldSecret).Open(sealed, "p"); err != nil {
		t.Errorf("the old secret on the ring should open: %v", err)
	}
	if _, err := ring(t, newSecret).Open(sealed, "p"); !errors.Is(err, seal.ErrSealed) {
		t.Errorf("without the old secret: %v, want ErrSealed", err)
	}
	resealed := ring(t, newSecret, oldSecret).Seal([]byte("x"), "p")
	if _, err := ring(t, newSecret).Open(resealed, "p"); err != nil {
		t.Errorf("the first secret should be the one that seals: %v", err)
	}
}

func TestSecretsAreChecked(t *testing.T) {
	if _, err := seal.New(); err == nil {
		t.Error("no secret was accepted")
	}
	if _, err := seal.New("short"); err == nil {
		t.Error("a short secret was accepted")
	}
}
