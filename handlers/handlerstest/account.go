package handlerstest

import (
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/sandbox"
)

// Allowing opens a Neptun that allows access tokens and personal tokens.
func Allowing(t *testing.T, world *sandbox.World) *Stage {
	t.Helper()
	return OpenAs(t, world, dbtest.SQLite(t), "", func(c *handlers.Config) { c.AllowAccessTokens, c.AllowPersonalTokens = true, true })
}
