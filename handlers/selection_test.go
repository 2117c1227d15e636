package handlers_test

import (
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// Above a list that isn't empty, too, it says why a repository may be missing,
// for as long as that is why.
func TestP10OnlySelectedRepositoriesAreToldOf(t *testing.T) {
	t.Parallel()
	w := sandbox.NewWorld()
	w.AddUser(sandbox.User{Login: "ada"})
	one := w.AddRepository("ada", sandbox.Repository{Name: "one"})
	w.AddRepository("ada", sandbox.Repository{Name: "two"})
	installation := w.Install("ada", sandbox.SelectSome, one.ID)
	s := handlerstest.Open(t, w)
	ada := s.LogIn("ada")
	page := "/installations/" + ada.Record("ada")
	const hint = "The app can only access selected repositories"
	if said := ada.Get(page).Text("main"); !strings.Contains(said, hint) || !strings.Contains(said, "one") {
		t.Errorf("the page says %q", said)
	}
	w.SelectRepositories(installation, sandbox.SelectAll)
	ada.SyncAll()
	if said := ada.Get(page).Text("main"); strings.Contains(said, hint) || !strings.Contains(said, "two") {
		t.Errorf("with all selected the page says %q", said)
	}
}
