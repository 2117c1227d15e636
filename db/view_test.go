package db_test

import (
	"errors"
	"fmt"
	"testing"

	"neptun/db"
)

func TestD8ViewsArePerUser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, through := w.member(1, "ada", acme, repos(1, 2, acme)...)
		bob := w.login(2, "bob")
		first := got(w.CreateView(ctx, ada.ID, db.View{Name: "Go", InstallationID: through.ID, List: db.ViewRepositories, Query: "language=Go"}))(t)
		got(w.CreateView(ctx, ada.ID, db.View{Name: "Archived", List: db.ViewImports, Query: "archived=true"}))(t)
		list := got(w.ListViews(ctx, ada.ID))(t)
		if len(list) != 2 || list[0].Name != "Archived" || list[0].InstallationID != 0 || list[1] != (db.View{
			ID: first.ID, Name: "Go", InstallationID: through.ID, Account: "Acme", List: db.ViewRepositories, Query: "language=Go", CreatedAt: w.clock.Now(),
		}) {
			t.Errorf("%+v", list)
		}
		if _, err := w.CreateView(ctx, ada.ID, db.View{Name: "Go", List: db.ViewImports}); !errors.Is(err, db.ErrViewExists) {
			t.Errorf("a second view of this name: %v", err)
		}
		if _, err := w.CreateView(ctx, bob.ID, db.View{Name: "Go", InstallationID: through.ID, List: db.ViewRepositories}); !errors.Is(err, db.ErrRecordNotFound) {
			t.Errorf("a view of another user's installation: %v", err)
		}
		if err := w.DeleteView(ctx, bob.ID, first.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another user's view: %v", err)
		}
		if n := len(got(w.ExportUser(ctx, ada))(t)["views"]); n != 2 {
			t.Errorf("the export has %d views", n)
		}
		w.syncInstallations(ada)
		if list := got(w.ListViews(ctx, ada.ID))(t); len(list) != 2 || list[0].Hidden || !list[1].Hidden || list[1].Account != "" || list[1].Name != "Go" {
			t.Errorf("with the installation hidden: %+v", list)
		}
		ok(t, w.DeleteView(ctx, ada.ID, first.ID))
		for i := range db.MaxViews - 1 {
			got(w.CreateView(ctx, ada.ID, db.View{Name: fmt.Sprint(i), List: db.ViewImports}))(t)
		}
		if _, err := w.CreateView(ctx, ada.ID, db.View{Name: "one more", List: db.ViewImports}); !errors.Is(err, db.ErrTooManyViews) {
			t.Errorf("one more than the limit: %v", err)
		}

		got(w.CreateView(ctx, bob.ID, db.View{Name: "Bob's", List: db.ViewImports}))(t)
		ok(t, w.DeleteUser(ctx, ada))
		if left := got(w.ListViews(ctx, ada.ID))(t); len(left) != 0 {
			t.Errorf("a deleted user has %d views", len(left))
		}
		if left := got(w.ListViews(ctx, bob.ID))(t); len(left) != 1 {
			t.Errorf("with another user deleted, bob has %d views", len(left))
		}
	})
}
