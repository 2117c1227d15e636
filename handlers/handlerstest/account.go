package handlerstest

import (
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/sandbox"
)

// Allowing is a Neptun with both switches on.
func Allowing(t *testing.T, world *sandbox.World) *Stage {
	t.Helper()
	return OpenAs(t, world, dbtest.SQLite(t), "", func(c *handlers.Config) { c.AllowAccessTokens, c.AllowPersonalTokens = true, true })
}
