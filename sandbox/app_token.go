package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// appTokenMaxAhead is how far from now a JSON web token may expire, see "Generating a JSON Web Token (JWT) for a GitHub
// App" in GitHub's documentation.
const appTokenMaxAhead = 10 * time.Minute

// checkAppToken accepts what the App's private key has signed, for the App, for now.
func (s *Server) checkAppToken(signed string) error {
	claims := jwt.MapClaims{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation(), jwt.WithJSONNumber())
	_, err := parser.ParseWithClaims(signed, claims, func(*jwt.Token) (any, error) { return s.world.app.publicKey, nil })
	if err != nil {
		return errUndecodable
	}
	now := s.now()
	issued, ok := wholeNumber(claims["iat"])
	if !ok || issued > now.Unix() {
		return badClaim("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	expires, ok := wholeNumber(claims["exp"])
	if !ok || expires <= now.Unix() {
		return badClaim("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	}
	if expires > now.Add(appTokenMaxAhead).Unix() {
		return badClaim("'Expiration time' claim ('exp') is too far in the future")
	}
	if !s.issuedByApp(claims["iss"]) {
		return errNoSuchApp
	}
	return nil
}

func badClaim(message string) error {
	return &apiError{status: http.StatusUnauthorized, message: message, docs: docsREST}
}

func wholeNumber(claim any) (int64, bool) {
	n, ok := claim.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}

// issuedByApp takes the App's id, as a number or as text, or its client id.
func (s *Server) issuedByApp(claim any) bool {
	app := &s.world.app
	id := strconv.FormatInt(app.ID, 10)
	switch issuer := claim.(type) {
	case json.Number:
		return issuer.String() == id
	case string:
		return issuer == id || issuer == app.ClientID
	}
	return false
}
