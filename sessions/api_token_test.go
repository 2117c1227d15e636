package sessions

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

var scanned = regexp.MustCompile(`^neptun_[0-9A-Za-z]{36}$`)

func TestAnAPITokenHasTheDocumentedFormat(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		token, hash := NewAPIToken()
		if !scanned.MatchString(token) || !IsAPIToken(token) || seen[token] {
			t.Fatalf("%s is malformed or a duplicate", token)
		}
		seen[token] = true
		if hash != Hash(token) || Key(token) != db.APITokenKey(hash) {
			t.Errorf("the key of %s is %s", token, Key(token))
		}
	}
}

// The CRC-32 of thirty zeros, computed independently in Python: zlib.crc32(b"0" * 30),
// in base62.
func TestTheChecksumMatchesGitHubsFormat(t *testing.T) {
	if got := checksum(strings.Repeat("0", apiTokenRandom)); got != "2C8GjS" {
		t.Errorf("the checksum is %s", got)
	}
}

func TestAMistypedAPITokenHasNoKey(t *testing.T) {
	token, _ := NewAPIToken()
	for i := len(apiTokenPrefix); i < len(token); i++ {
		other := byte('0')
		if token[i] == other {
			other = '1'
		}
		if wrong := token[:i] + string(other) + token[i+1:]; Key(wrong) != "" {
			t.Errorf("%s has the same key as %s", wrong, token)
		}
	}
	for _, wrong := range []string{"neptun_", token[:len(token)-1], token + "0", strings.ToLower(token) + "x", "neptun_" + strings.Repeat("ü", 18)} {
		if Key(wrong) != "" {
			t.Errorf("%q has a key", wrong)
		}
	}
	if Key("") != "" || Key(strings.ToUpper(token)) == "" {
		t.Error("tokens without the prefix must not be checked")
	}
}

func FuzzKey(f *testing.F) {
	token, _ := NewAPIToken()
	for _, seed := range []string{token, "neptun_", "", "neptun_" + strings.Repeat("0", 36), token[:20]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		key := Key(token)
		switch {
		case !IsAPIToken(token):
			if token != "" && key != Hash(token) {
				t.Errorf("the API token key of %q is %q", token, key)
			}
		case key != "" && (key != db.APITokenKey(Hash(token)) || len(token) != len(apiTokenPrefix)+apiTokenRandom+apiTokenChecksum):
			t.Errorf("the API token key of %q is %q", token, key)
		}
	})
}

// An API token sent in the cookie opens no session, and a sign-in in that browser creates
// one with a new token.
func TestAnAPITokenOpensNoSession(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, person := newSessions(t, databaseURL)
		token, hash := NewAPIToken()
		if _, err := s.db.CreateAPIToken(t.Context(), db.NewAPIToken{
			UserID: person.ID, Hash: hash, Request: "1", Name: "ci", Scope: db.ScopeRead, ExpiresAt: s.now().Add(Lifetime),
		}); err != nil {
			t.Fatal(err)
		}
		ctx := visit(t, s, &http.Cookie{Name: CookieName, Value: token})
		if s.manager.GetString(ctx, keyUserID) != "" || s.manager.Token(ctx) != "" {
			t.Error("the session belongs to a user")
		}
		if err := s.LeaveNotices(ctx, []string{"hello"}); err == nil {
			t.Error("the session has notices")
		}
		if cookie := logIn(ctx, t, s, person.ID); cookie.Value == token || IsAPIToken(cookie.Value) {
			t.Errorf("the session's token is %s", cookie.Value)
		}
	})
}
