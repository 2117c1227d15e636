package handlers

import (
	"context"
	"errors"
	"net"
	"net/netip"

	"neptun/db"
	"neptun/sessions"

	"github.com/labstack/echo/v4"
)

// personKey is where needPerson leaves the person.
const personKey = "person"

// who is the person behind a request that passed needPerson.
func who(c echo.Context) db.Person {
	person, _ := c.Get(personKey).(db.Person)
	return person
}

// identify tells whose a session token is. The errors are errLoggedOut and
// errUnconfirmed.
func (s *Server) identify(ctx context.Context, token string) (db.Person, error) {
	if token == "" {
		return db.Person{}, errLoggedOut
	}
	credential, err := s.DB.FindCredential(ctx, sessions.Hash(token))
	switch {
	case errors.Is(err, db.ErrNotFound):
		return db.Person{}, errLoggedOut
	case err != nil:
		return db.Person{}, err
	case !credential.Confirmed:
		return db.Person{}, errUnconfirmed
	}
	return credential.Person, nil
}

// isSelf tells whether the user_id in the path is the asker's own.
func isSelf(c echo.Context, id string) bool {
	asked := c.Param("user_id")
	return asked == "me" || asked == id
}

// ipNet is a prefix in the type that echo takes.
func ipNet(prefix netip.Prefix) *net.IPNet {
	return &net.IPNet{
		IP:   prefix.Masked().Addr().AsSlice(),
		Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
	}
}
