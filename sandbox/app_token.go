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

// appOfToken is the App whose key signed the token, if it is valid now.
func (s *api) appOfToken(signed string) (*app, error) {
	claims := jwt.MapClaims{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation(), jwt.WithJSONNumber())
	if _, _, err := parser.ParseUnverified(signed, claims); err != nil {
		return nil, errUndecodable
	}
	issuer := s.world.Apps.issuer(claims["iss"])
	_, err := parser.Parse(signed, func(*jwt.Token) (any, error) {
		var keys jwt.VerificationKeySet
		for _, a := range s.world.Apps.all {
			if issuer == nil || issuer == a {
				keys.Keys = append(keys.Keys, a.publicKey)
			}
		}
		return keys, nil
	})
	if err != nil {
		return nil, errUndecodable
	}
	now := s.now()
	issued, ok := wholeNumber(claims["iat"])
	if !ok || issued > now.Unix() {
		return nil, badClaim("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	expires, ok := wholeNumber(claims["exp"])
	if !ok || expires <= now.Unix() {
		return nil, badClaim("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	}
	if expires > now.Add(appTokenMaxAhead).Unix() {
		return nil, badClaim("'Expiration time' claim ('exp') is too far in the future")
	}
	if issuer == nil {
		return nil, errNoSuchApp
	}
	return issuer, nil
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

// issuer is the App with that id, as a number or a string, or with that client id; or nil.
func (aps *Apps) issuer(claim any) *app {
	return aps.where(func(a *app) bool {
		id := strconv.FormatInt(a.ID, 10)
		switch claim := claim.(type) {
		case json.Number:
			return claim.String() == id
		case string:
			return claim == id || claim == a.ClientID
		}
		return false
	})
}
