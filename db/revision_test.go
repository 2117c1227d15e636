package db_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"neptun/db"
)

// names are the repositories that a record shows, in order.
func (w *world) names(through db.InstallationRecord) string {
	w.t.Helper()
	var names []string
	for _, r := range got(w.ListAvailable(w.t.Context(), w.reload(through), db.Filter{}, db.SortName, db.Page{}))(w.t) {
		names = append(names, r.Name)
	}
	return fmt.Sprint(names)
}

func (w *world) importIDs(p db.User) string {
	w.t.Helper()
	var ids []int64
	for _, i := range got(w.ListImports(w.t.Context(), p.ID, db.Filter{}, db.SortID, db.Page{}))(w.t) {
		ids = append(ids, i.ID)
	}
	return fmt.Sprint(ids)
}

// startPass is a sync that has read its page, and not yet written it.
func (w *world) startPass(through db.InstallationRecord) (db.SyncTarget, db.Pass) {
	w.t.Helper()
	target := got(w.SyncTarget(w.t.Context(), through.ID))(w.t)
	run := got(w.StartSync(w.t.Context(), db.SyncRepositories{RecordID: target.RecordID}))(w.t)
	return target, got(w.ResumePass(w.t.Context(), target, run))(w.t)
}

func (w *world) putPage(target db.SyncTarget, pass db.Pass, page ...db.ListedRepository) {
	w.t.Helper()
	whole := db.SyncPage{PageSummary: db.PageSummary{Number: 1, Total: int64(len(page)), Items: int64(len(page))}, Repositories: page}
	got(w.PutPages(w.t.Context(), target, pass, []db.SyncPage{whole}))(w.t)
}

func TestP28AnOlderPageRestoresNoRevokedAccess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		page := repos(1, 3, acme)
		ada, through := w.member(1, "ada", acme, page...)
		bob, other := w.member(2, "bob", acme, page...)
		w.importRepositories(through, 1, 2)
		was := w.importIDs(ada)

		target, pass := w.startPass(through)
		ok(t, w.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: map[int64]string{2: "Acme/two"}, Account: acme, From: true}))
		for _, record := range []db.InstallationRecord{through, other} {
			if n := w.names(record); n != "[repo-00001 repo-00003]" {
				t.Errorf("immediately ada sees %s", n)
			}
		}
		if w.reload(through).ImportCount != 1 || w.reload(other).RepositoryCount != 2 {
			t.Errorf("the counts are %+v", w.reload(through))
		}
		w.putPage(target, pass, page...)
		if n := w.names(through); n != "[repo-00001 repo-00003]" {
			t.Errorf("after an older page it is %s", n)
		}
		// The pass saw fewer than the total, so another pass follows, which is newer.
		ok(t, w.FinishPass(ctx, pass, false))
		pass = got(w.ResumePass(ctx, target, pass.Run))(t)
		w.putPage(target, pass, page...)
		ok(t, w.FinishRepositoriesSync(ctx, target, pass.Run, true))
		if n := w.names(through); n != "[repo-00001 repo-00002 repo-00003]" || w.importIDs(ada) != was {
			t.Errorf("after a newer page it is %s, with the imports %s", n, w.importIDs(ada))
		}
		// Both had access, and are checked with their own tokens.
		for _, record := range []db.InstallationRecord{through, other} {
			if checks, whole, err := w.ListChecks(ctx, record.ID); err != nil || whole || len(checks) != 1 || checks[0].RepositoryID != 2 || checks[0].Name != "two" {
				t.Errorf("to be checked are %+v, %v, %v", checks, whole, err)
			}
		}

		target, pass = w.startPass(other)
		ok(t, w.RevokeAccount(ctx, acme, bob.ID))
		w.putPage(target, pass, page...)
		if n := w.names(other); n != "[]" {
			t.Errorf("after an older page it is %s", n)
		}
		if n := w.names(through); n != "[repo-00001 repo-00002 repo-00003]" {
			t.Errorf("another user sees %s", n)
		}
		// A change of another account doesn't affect what that account doesn't own.
		ok(t, w.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: map[int64]string{1: ""}, Account: beta, From: true}))
		if n := w.names(through); n != "[repo-00001 repo-00002 repo-00003]" {
			t.Errorf("after another account's change ada sees %s", n)
		}
		w.clock.Advance(8 * day)
		ok(t, w.CleanUp(ctx))
		if left := column(t, w.raw(), `SELECT id FROM changes`); len(left) != 0 {
			t.Errorf("old changes are kept: %v", left)
		}
	})
}

func TestP28AnOlderListRestoresNoUninstalledInstallation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, through := w.member(1, "ada", acme, repos(1, 2, acme)...)
		appRun := got(w.StartSync(ctx, db.SyncAppInstallations{}))(t)
		run := got(w.StartSync(ctx, db.SyncInstallations{UserID: ada.ID}))(t)
		ok(t, w.MarkInstallationDeleted(ctx, 700))
		ok(t, w.MarkInstallationDeleted(ctx, 999)) // nobody has access to it
		ok(t, w.PutInstallations(ctx, ada.ID, run, []db.Installation{installed(700, acme)}))
		ok(t, w.PutAppInstallations(ctx, appRun, []db.Installation{installed(700, acme)}))
		if _, err := w.GetInstallation(ctx, ada.ID, through.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the record is back: %v", err)
		}
		if _, err := w.FindAppInstallation(ctx, 700); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the installation is back: %v", err)
		}
		ok(t, w.FailSync(ctx, run, ""))
		w.syncInstallations(ada, installed(701, acme))
		if again := w.record(ada, acme); again.ID != through.ID || again.GitHubID != 701 {
			t.Errorf("after a reinstall it is %+v", again)
		}
	})
}

func TestP28AnOlderResponseOverwritesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, through := w.member(1, "ada", acme, repos(1, 1, acme)...)
		target, pass := w.startPass(through)
		run := got(w.StartSync(ctx, db.SyncInstallations{UserID: ada.ID}))(t)
		before := got(w.LatestRevision(ctx))(t)
		ok(t, w.RecordRepositoryChange(ctx, 1))
		ok(t, w.RefreshRepository(ctx, repo(1, "renamed", acme), got(w.LatestRevision(ctx))(t)))
		ok(t, w.RefreshRepository(ctx, repo(1, "late", acme), before))
		w.putPage(target, pass, repos(1, 1, acme)...)
		if n := w.names(through); n != "[renamed]" {
			t.Errorf("it is called %s", n)
		}
		ok(t, w.RefreshRepository(ctx, repo(9, "theirs", db.Account{Kind: db.KindUser, GitHubID: 99, Login: "stranger"}), before))
		if n := column(t, w.raw(), `SELECT id FROM accounts WHERE github_id = 99`); len(n) != 0 {
			t.Error("an account without users is stored")
		}

		got(w.RecordInstallationChange(ctx, 700))(t)
		got(w.RecordInstallationChange(ctx, 999))(t)
		renamed := acme
		renamed.Login = "Emca"
		suspended := installed(700, renamed)
		suspended.SuspendedAt = w.clock.Now()
		ok(t, w.PutInstallationAt(ctx, suspended, got(w.LatestRevision(ctx))(t)))
		ok(t, w.PutInstallations(ctx, ada.ID, run, []db.Installation{installed(700, acme)}))
		w.putPage(target, pass, repos(1, 1, acme)...)
		if now := w.reload(through); now.Account.Login != "Emca" || !now.Suspended() {
			t.Errorf("after an older page it is %+v", now)
		}
	})
}

func TestAChecksResultIsKeptByARunningSync(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, through := w.member(1, "ada", acme, repos(1, 2, acme)...)
		w.importRepositories(through, 2)
		was := w.importIDs(ada)
		target, pass := w.startPass(through)
		check := got(w.CheckTarget(ctx, through.ID))(t)
		if !check.Owns(repo(3, "three", acme)) || check.Owns(repo(3, "three", beta)) || check.GitHubID != 700 || check.RepositorySelection != db.SelectionAll || check.Gone || check.Suspended {
			t.Errorf("checked is %+v", check)
		}
		w.putPage(target, pass, repos(1, 2, acme)...)
		ok(t, w.GrantAccess(ctx, check, repo(3, "three", acme), false, got(w.LatestRevision(ctx))(t)))
		if left := got(w.RevokeAccess(ctx, check, 2, false))(t); !left {
			t.Error("left is false")
		}
		w.putPage(target, pass, repos(1, 2, acme)...) // read before, written once more
		ok(t, w.FinishRepositoriesSync(ctx, target, pass.Run, true))
		if n := w.names(through); n != "[repo-00001 three]" || w.importIDs(ada) != "[]" {
			t.Errorf("ada sees %s, with the imports %s", n, w.importIDs(ada))
		}
		ok(t, w.GrantAccess(ctx, check, repo(2, "two", acme), false, 0))
		if n := w.names(through); n != "[repo-00001 three]" {
			t.Errorf("after an older response it is %s", n)
		}
		ok(t, w.GrantAccess(ctx, check, repo(2, "two", acme), false, got(w.LatestRevision(ctx))(t)))
		if w.importIDs(ada) != was {
			t.Errorf("the imports returned as %s", w.importIDs(ada))
		}
		for id := range int64(3) {
			if left := got(w.RevokeAccess(ctx, check, id+1, false))(t); left != (id < 2) {
				t.Errorf("after %d requests some are left: %v", id+1, left)
			}
		}
		if _, err := w.CheckTarget(ctx, 999); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the target of no record: %v", err)
		}
	})
}

func TestChecksAreJoined(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, through := w.member(1, "ada", acme, repos(1, 2, acme)...)
		bob, _ := w.member(2, "bob", acme, repos(1, 2, acme)...)
		drain(t, w)
		one := map[int64]string{1: "Acme/one"}
		for range 3 {
			if !got(w.QueueChecks(ctx, acme, ada.ID, one))(t) {
				t.Error("no user is checked")
			}
			ok(t, w.QueueInstallationsCheck(ctx, bob.ID))
		}
		if got(w.QueueChecks(ctx, beta, "", one))(t) || got(w.QueueChecks(ctx, acme, "nobody", one))(t) {
			t.Error("an unknown user is checked")
		}
		noJob(t, w) // others may still join
		w.clock.Advance(time.Second)
		job := got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t)
		got(w.QueueChecks(ctx, acme, ada.ID, one))(t) // the worker may have asked already
		checks, _, err := w.ListChecks(ctx, through.ID)
		ok(t, err)
		target := got(w.CheckTarget(ctx, through.ID))(t)
		got(w.QueueChecks(ctx, acme, ada.ID, one))(t)
		ok(t, w.FinishCheck(ctx, target, checks[0]))
		ok(t, w.Jobs().Finish(ctx, job))
		if left, _, err := w.ListChecks(ctx, through.ID); err != nil || len(left) != 1 {
			t.Errorf("left are %+v, %v", left, err)
		}
		w.clock.Advance(time.Second)
		if kinds := drain(t, w); fmt.Sprint(kinds) != "[check_installations check_access]" {
			t.Errorf("the jobs are %v", kinds)
		}
		// One that failed, and waits to be tried again, is not waited for.
		got(w.QueueChecks(ctx, acme, ada.ID, one))(t)
		w.clock.Advance(time.Second)
		ok(t, w.Jobs().Release(ctx, failedOnce(got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t)), w.clock.Now().Add(time.Hour)))
		got(w.QueueChecks(ctx, acme, ada.ID, one))(t)
		w.clock.Advance(time.Second)
		if job := got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t); job.Kind != "check_access" || job.Failures != 0 {
			t.Errorf("the job is %+v", job)
		}
		ok(t, w.DeleteChecks(ctx, through.ID))

		many := map[int64]string{}
		for id := range int64(21) {
			many[id+1] = ""
		}
		got(w.QueueChecks(ctx, acme, "", many))(t)
		if checks, whole, err := w.ListChecks(ctx, through.ID); err != nil || !whole || len(checks) != 1 {
			t.Errorf("for many: %+v, %v, %v", checks, whole, err)
		}
		ok(t, w.DeleteChecks(ctx, through.ID))
		ok(t, w.QueueChecksForViewers(ctx, map[int64]string{2: "Acme/two"}))
		ok(t, w.RevokeRepositories(ctx, db.RevokedRepositories{Repositories: many, Account: acme}))
		ok(t, w.RevokeRepositories(ctx, db.RevokedRepositories{}))
		if checks, whole, err := w.ListChecks(ctx, through.ID); err != nil || !whole || len(checks) != 2 || w.names(through) != "[]" {
			t.Errorf("when many go: %+v, %v, %v", checks, whole, err)
		}
		if began, _, err := w.SyncInstead(ctx, through.ID); err != nil || began || w.reload(through).Sync.State != db.SyncQueued {
			t.Errorf("started is: %v, %v", began, err)
		}
		if checks, _, err := w.ListChecks(ctx, through.ID); err != nil || len(checks) != 0 {
			t.Errorf("after a sync was queued there are %+v, %v", checks, err)
		}
		got(w.QueueChecks(ctx, acme, "", many))(t)
		w.startPass(through)
		got(w.StartSync(ctx, db.SyncInstallations{UserID: ada.ID}))(t)
		if began, _, err := w.SyncInstead(ctx, through.ID); err != nil || !began {
			t.Errorf("a running sync: %v, %v", began, err)
		}
		// It may have read what they are about already.
		if checks, _, err := w.ListChecks(ctx, through.ID); err != nil || len(checks) != 1 {
			t.Errorf("during a sync there are %+v, %v", checks, err)
		}
		if began, _, err := w.SyncStarted(ctx, db.SyncInstallations{UserID: ada.ID}); err != nil || !began {
			t.Errorf("a running sync of the list: %v, %v", began, err)
		}
	})
}

// Rule 5, for an installation requested while a webhook about it arrives.
func TestAResponseRequestedBeforeAChangeIsOlder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme)
		before := got(w.LatestRevision(ctx))(t)
		got(w.RecordInstallationChange(ctx, through.GitHubID))(t)
		facts := installed(through.GitHubID, acme)
		facts.SuspendedAt = w.clock.Now()
		ok(t, w.PutInstallationAt(ctx, facts, before))
		if w.reload(through).Suspended() {
			t.Error("a response from before the change is stored")
		}
		ok(t, w.PutInstallationAt(ctx, facts, got(w.LatestRevision(ctx))(t)))
		if !w.reload(through).Suspended() {
			t.Error("a response from after the change isn't stored")
		}
	})
}

func TestOnlyTheRejectedTokenIsDeleted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada := w.login(1, "ada")
		session := w.session(ada)
		version := got(w.GitHubToken(ctx, ada.ID))(t).Version
		w.login(1, "ada")
		if err := w.EndAuthorizationAt(ctx, ada.ID, version, db.AuditEntry{}); !errors.Is(err, db.ErrStale) {
			t.Errorf("after another login: %v", err)
		}
		got(w.FindCredential(ctx, session))(t)
		ok(t, w.EndAuthorizationAt(ctx, ada.ID, version+1, db.AuditEntry{}))
		if _, err := w.FindCredential(ctx, session); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the session: %v", err)
		}
		if p := got(w.FindUserByGitHubID(ctx, 1))(t); p.ID != ada.ID {
			t.Errorf("on GitHub 1 is %+v", p)
		}
		if _, err := w.FindUserByGitHubID(ctx, 2); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("an unknown user: %v", err)
		}
	})
}

func TestS8ARevocationAndItsAuditEntryAreStoredTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada := w.login(1, "ada")
		session := w.session(ada)
		version := got(w.GitHubToken(ctx, ada.ID))(t).Version
		entry := db.AuditEntry{GitHubID: 1, Login: "ada", Action: db.AuditRevokedOnGitHub, Via: db.ViaWebhook}
		runSQL(t, w, "ALTER TABLE audit RENAME TO audit_away")
		if err := w.EndAuthorizationAt(ctx, ada.ID, version, entry); err == nil {
			t.Error("revoked without an audit entry")
		}
		got(w.FindCredential(ctx, session))(t)
		runSQL(t, w, "ALTER TABLE audit_away RENAME TO audit")
		ok(t, w.EndAuthorizationAt(ctx, ada.ID, version, entry))
		if _, err := w.FindCredential(ctx, session); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the session: %v", err)
		}
		if list := got(w.ListAudit(ctx, db.AuditFilter{Action: entry.Action}, 10))(t); len(list) != 1 {
			t.Errorf("the audit log has %+v", list)
		}
	})
}
