package github

import (
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox/sandboxtest"
)

func TestTheAppSignsOneTokenForManyCalls(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	first, err := s.github.app().tokens.Token()
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.github.app().tokens.Token()
	if err != nil {
		t.Fatal(err)
	}
	if first != second {
		t.Error("a second token was signed immediately")
	}
}
