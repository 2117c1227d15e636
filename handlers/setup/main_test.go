package setup_test

import (
	"testing"

	"neptun/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
