package db_test

import (
	"reflect"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// reply is what the two published endpoints return, with the versions.
type reply struct {
	installations, imports          any
	installationsUnder, importUnder db.Versions
}

func (w *world) reply(hash string, record int64) reply {
	w.t.Helper()
	var r reply
	list := []db.InstallationRecord(nil)
	v, list, err := w.InstallationsSnapshot(w.t.Context(), hash, db.Page{})
	ok(w.t, err)
	for i := range list {
		// Not part of the reply:
		list[i].Sync, list[i].RecordVersion, list[i].AccountVersion = db.Sync{}, 0, 0
	}
	r.installations, r.installationsUnder = list, v
	if w.recordShown(list, record) {
		v, imports, total, err := w.ImportsSnapshot(w.t.Context(), hash, record, db.Page{})
		ok(w.t, err)
		if total != int64(len(imports)) {
			w.t.Errorf("%d imports of %d", len(imports), total)
		}
		r.imports, r.importUnder = imports, v
	}
	if alone := got(w.InstallationsVersions(w.t.Context(), hash))(w.t); alone != r.installationsUnder {
		w.t.Errorf("the versions alone are %+v, with the list %+v", alone, r.installationsUnder)
	}
	return r
}

func (w *world) recordShown(list []db.InstallationRecord, id int64) bool {
	for _, i := range list {
		if i.ID == id {
			return true
		}
	}
	return false
}

// The test makes every kind of change and compares each step's replies with their versions.
func TestVersionsChangeWithTheReply(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		page := repos(1, 4, acme)
		ada, adas := w.member(1, "ada", acme, page...)
		bob, bobs := w.member(2, "bob", acme, page...)
		hash := w.session(ada)
		var imported []int64

		facts := installed(700, acme)
		put := func() { ok(t, w.PutInstallation(ctx, facts)) }
		listed := func(p db.User, in db.InstallationRecord, change func(*db.ListedRepository)) {
			changed := append([]db.ListedRepository{}, page...)
			change(&changed[0])
			target := got(w.SyncTarget(ctx, in.ID))(t)
			run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
			ok(t, dbtest.PutRepositories(ctx, w.DB, target, run, changed))
			ok(t, w.FailSync(ctx, run, "cut short"))
			page = changed
		}
		nothing := func(*db.ListedRepository) {}

		const (
			neither       = ""
			installations = "installations"
			imports       = "imports"
			both          = "both"
		)
		for _, step := range []struct {
			name    string
			changes string // what the replies show of it
			slack   bool   // a version may change all the same
			do      func()
		}{
			{"time passes", neither, false, func() {}},
			{"import", both, false, func() { imported = w.importRepositories(adas, 1, 2) }},
			{"import again", neither, false, func() { w.importRepositories(adas, 1, 2) }},
			{"import what isn't there", neither, false, func() { changed(w.ImportRepositories(ctx, adas, []int64{999}))(t) }},
			{"import nothing", neither, false, func() { changed(w.ImportRepositories(ctx, adas, nil))(t) }},
			{"bob imports", neither, false, func() { w.importRepositories(bobs, 1) }},
			{"remove", both, false, func() { ok(t, w.RemoveImport(ctx, adas, imported[1])) }},
			{"remove again", neither, false, func() { _ = w.RemoveImport(ctx, adas, imported[1]) }},
			{"import by filter", both, false, func() { changed(w.ImportMatching(ctx, adas, db.Filter{Query: "repo-00003"}))(t) }},
			{"remove by repository", both, false, func() { changed(w.RemoveImports(ctx, ada.ID, 0, []int64{3, 999}))(t) }},
			{"remove none by repository", neither, false, func() { changed(w.RemoveImports(ctx, ada.ID, 0, []int64{3, 999}))(t) }},
			{"facts with nothing new", neither, false, put},
			{"account renamed", both, false, func() { facts.Account.Login = "Acme2"; put() }},
			{"avatar changed", installations, true, func() { facts.Account.AvatarURL = "https://avatars/2"; put() }},
			{"suspended", installations, true, func() { facts.SuspendedAt = w.clock.Now(); put() }},
			{"unsuspended", installations, true, func() { facts.SuspendedAt = time.Time{}; put() }},
			{"selection changed", installations, true, func() { facts.RepositorySelection = db.SelectionSelected; put() }},
			{"installations listed, nothing new", neither, false, func() { w.syncInstallations(ada, facts) }},
			{"bob's installations listed", neither, false, func() { w.syncInstallations(bob, facts) }},
			{"repositories listed, nothing new", neither, false, func() {
				for i := range page {
					page[i].OwnerAccount = facts.Account
				}
				listed(ada, adas, nothing)
			}},
			{"bob's repositories listed, nothing new", neither, false, func() { listed(bob, bobs, nothing) }},
			{"bob's sync meets a new description", imports, true, func() { listed(bob, bobs, func(r *db.ListedRepository) { r.Description = "new" }) }},
			{"her sync meets new topics", imports, true, func() { listed(ada, adas, func(r *db.ListedRepository) { r.Topics = []string{"cli"} }) }},
			{"her permission changes", installations, true, func() { listed(ada, adas, func(r *db.ListedRepository) { r.Permission = "admin" }) }},
			{"bob's permission changes", neither, false, func() { listed(bob, bobs, func(r *db.ListedRepository) { r.Permission = "push" }) }},
			{"bob's sync finishes", neither, false, func() { w.syncRepositories(bobs, page...) }},
			// synced_at is shown; the record has one version for both replies.
			{"her sync finishes", installations, true, func() { w.syncRepositories(adas, page...) }},
			{"her access to an import goes", both, false, func() { w.syncRepositories(adas, page[1:]...) }},
			{"and comes back", both, false, func() { w.syncRepositories(adas, page...) }},
			{"bob's access goes", neither, false, func() { w.syncRepositories(bobs) }},
			{"another installation", installations, false, func() { w.syncInstallations(ada, facts, installed(800, beta)) }},
			{"bob sees her import moved", both, false, func() {
				moved := page[0]
				moved.OwnerAccount = beta
				w.syncInstallations(bob, facts, installed(800, beta))
				w.syncRepositories(w.record(bob, beta), moved)
			}},
			{"bob sees it moved back", both, false, func() { w.syncRepositories(bobs, page...) }},
			{"reinstalled", installations, true, func() { facts.GitHubID = 701; w.syncInstallations(ada, facts, installed(800, beta)) }},
			{"an installation goes", installations, false, func() { w.syncInstallations(ada, facts) }},
			{"everything is cleaned up", neither, false, func() { ok(t, w.CleanUp(ctx)) }},
			{"her last installation goes", both, false, func() { w.syncInstallations(ada) }},
			{"and comes back", both, false, func() { w.syncInstallations(ada, facts) }},
			{"its repositories are read", both, false, func() { w.syncRepositories(adas, page...) }},
			{"it is uninstalled", both, false, func() { ok(t, w.MarkInstallationDeleted(ctx, 701)) }},
			{"an uninstall is noted again", neither, false, func() { ok(t, w.MarkInstallationDeleted(ctx, 701)) }},
		} {
			before := w.reply(hash, adas.ID)
			w.clock.Advance(time.Minute)
			step.do()
			after := w.reply(hash, adas.ID)

			for _, part := range []struct {
				name                   string
				shown, changed, bumped bool
			}{
				{
					installations, step.changes == installations || step.changes == both,
					!reflect.DeepEqual(before.installations, after.installations), before.installationsUnder != after.installationsUnder,
				},
				{
					imports, step.changes == imports || step.changes == both,
					!reflect.DeepEqual(before.imports, after.imports), before.importUnder != after.importUnder,
				},
			} {
				switch {
				case part.shown != part.changed:
					t.Errorf("%s: the reply of %s changed: %v, expected %v", step.name, part.name, part.changed, part.shown)
				case part.changed && !part.bumped:
					t.Errorf("%s: the reply of %s changed under one version", step.name, part.name)
				case !part.changed && part.bumped && !step.slack && part.name == installations,
					!part.changed && part.bumped && step.changes == neither:
					t.Errorf("%s: the version of %s changed without a change: %+v, was %+v", step.name, part.name, after, before)
				}
			}
		}
	})
}
