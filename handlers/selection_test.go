package handlers_test

import (
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// A list says why a repository may be missing, as long as only some are selected on GitHub,
// even if the list isn't empty.
func TestP10OnlySelectedRepositoriesAreMentioned(t *testing.T) {
	t.Parallel()
	w := sandbox.NewWorld()
	w.Accounts.AddUser(sandbox.User{Login: "ada"})
	one := w.Repositories.Add("ada", sandbox.Repository{Name: "one"})
	w.Repositories.Add("ada", sandbox.Repository{Name: "two"})
	installation := w.Installations.Install("ada", sandbox.SelectSome, one.ID)
	s := handlerstest.Open(t, w)
	ada := s.LogIn("ada")
	page := "/installations/" + ada.Record("ada")
	const hint = "The app can only access selected repositories"
	if text := ada.Get(page).Text("main"); !strings.Contains(text, hint) || !strings.Contains(text, "one") {
		t.Errorf("the page shows %q", text)
	}
	w.Installations.Select(installation, sandbox.SelectAll)
	ada.SyncAll()
	if text := ada.Get(page).Text("main"); strings.Contains(text, hint) || !strings.Contains(text, "two") {
		t.Errorf("with all selected the page shows %q", text)
	}
}
