package sandbox_test

import (
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"neptun/sandbox/sandboxtest"

	"github.com/golang-jwt/jwt/v5"
)

// appToken is a JSON web token signed with the App's key, valid for ten minutes; change may invalidate it.
func (s *site) appToken(change func(jwt.MapClaims)) string {
	s.Helper()
	app := s.App()
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(app.PrivateKeyPEM))
	if err != nil {
		s.Fatal(err)
	}
	claims := jwt.MapClaims{"iss": app.ClientID, "iat": s.now().Unix(), "exp": s.now().Unix() + 600}
	if change != nil {
		change(claims)
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
	if err != nil {
		s.Fatal(err)
	}
	return signed
}

func TestAppTokens(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	now := testStart.Unix()
	const (
		expired   = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
		issued    = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
		undecoded = "A JSON web token could not be decoded"
	)
	for name, c := range map[string]struct {
		claim   string
		value   any
		status  int
		message string
	}{
		"by id":             {"iss", s.App().ID, 200, ""},
		"by id as text":     {"iss", idText(s.App().ID), 200, ""},
		"another app":       {"iss", "Iv1.other", 404, "Integration not found"},
		"no issuer":         {"iss", nil, 404, "Integration not found"},
		"too far":           {"exp", now + 601, 401, "'Expiration time' claim ('exp') is too far in the future"},
		"expired":           {"exp", now, 401, expired},
		"no expiry":         {"exp", nil, 401, expired},
		"from the future":   {"iat", now + 1, 401, issued},
		"fractional":        {"iat", float64(now) - 0.5, 401, issued},
		"issued as text":    {"iat", idText(now), 401, issued},
		"a minute old":      {"iat", now - 60, 200, ""},
		"not signed by App": {"", nil, 401, undecoded},
	} {
		t.Run(name, func(t *testing.T) {
			token := s.appToken(func(claims jwt.MapClaims) { claims[c.claim] = c.value })
			if c.claim == "" {
				key, _ := rsa.GenerateKey(rand.Reader, 2048)
				token, _ = jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{"iss": s.App().ClientID, "iat": now, "exp": now + 60}).SignedString(key)
			}
			r := s.get("/app", token)
			if r.Status != c.status || c.message != "" && r.message(t) != c.message {
				t.Errorf("got %d %s", r.Status, r.Body)
			}
		})
	}
	hmac, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": s.App().ClientID, "iat": now, "exp": now + 60}).SignedString([]byte("x"))
	if r := s.get("/app", hmac); r.Status != 401 || r.message(t) != undecoded {
		t.Errorf("HS256 got %d", r.Status)
	}
	if r := s.get("/app", "", "Authorization", "token "+s.appToken(nil)); r.Status != 401 {
		t.Errorf("scheme token got %d", r.Status)
	}
}
