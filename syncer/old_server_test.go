package syncer

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/sandbox"
)

// R4: old servers get the media types they require, and a missing feature isn't mistaken for
// anything else.
func TestR4AnOldServerIsSyncedAndMissingFeaturesAreReported(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	s.server.SetBehavior(sandbox.OldServer())
	s.signIn("ada")
	s.sync()
	s.expectSync(s.listSync(), db.SyncIdle, "")
	if names := s.names("reef"); fmt.Sprint(names) != "[shared]" {
		t.Errorf("in reef ada sees %v", names)
	}
	for name, call := range map[string]func() error{
		"hook":       func() error { _, err := s.github.AsApp().Hook(t.Context()); return err },
		"deliveries": func() error { _, err := s.github.AsApp().Deliveries(t.Context(), ""); return err },
		"requests":   func() error { _, _, err := s.github.AsApp().InstallRequests(t.Context()); return err },
		"scoped token": func() error {
			_, err := s.github.AsUser(s.person.ID).CreateScopedToken(t.Context(), s.at("reef").Account, []int64{s.shared().ID}, nil)
			return err
		},
	} {
		err := call()
		if !errors.Is(err, github.ErrUnsupported) || errors.Is(err, github.ErrNotFound) || errors.Is(err, github.ErrNoHook) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if tokenOf(s).Refused {
		t.Error("a missing feature marked the token as refused")
	}
	s.watch()
}

func tokenOf(s *stage) db.StoredToken {
	s.t.Helper()
	token, err := s.syncer.db.GitHubToken(s.t.Context(), s.person.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func TestR4AServerWithoutSuspendUninstallsNothing(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	id := s.at("reef").GitHubID
	for name, fault := range map[string]*sandbox.Fault{
		"no reason": {Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Not Found"}`},
		"no such operation": {
			Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/json"}},
			Body: `{"message":"Not Found","documentation_url":"https://docs.github.com/enterprise-server@2.19/rest"}`,
		},
		"405": {Status: http.StatusMethodNotAllowed, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Method Not Allowed"}`},
		"415": {Status: http.StatusUnsupportedMediaType, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Unsupported Media Type"}`},
	} {
		s.server.FailPath("/suspended", fault)
		if err := s.github.AsApp().Suspend(t.Context(), id); !errors.Is(err, github.ErrUnsupported) || errors.Is(err, github.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.server.Fault(nil)
	s.world.Installations.Uninstall(id)
	expectErr(t, s.github.AsApp().Suspend(t.Context(), id), github.ErrNotFound)
}

// R9: GitHub no longer lists deliveries that are older than three days.
func TestR9AfterThreeDaysWithoutRecoveryEverythingIsSynced(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	if err := s.syncer.db.Jobs().Ensure(t.Context(), db.ReconcileUsers{}.Kind(), ""); err != nil {
		t.Fatal(err)
	}
	for _, away := range []time.Duration{71 * time.Hour, 73 * time.Hour} {
		s.recoveryState()
		s.later(away)
		if err := s.syncer.RecoverDeliveries(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.do(db.RecoverDeliveries{})
		if note := s.recoveryState().Note; strings.Contains(note, "syncs everything") != (away > 72*time.Hour) {
			t.Errorf("after %v the note is %q", away, note)
		}
		s.work()
		if note := s.recoveryState().Note; note != "" {
			t.Errorf("after %v and a complete sync the note is %q", away, note)
		}
	}
}

// R9: the note stays until everything is synced, even if another recovery fails or finds
// nothing.
func TestR9TheNoteLastsUntilEverythingIsSynced(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	if err := s.syncer.db.Jobs().Ensure(t.Context(), db.ReconcileUsers{}.Kind(), ""); err != nil {
		t.Fatal(err)
	}
	if err := s.syncer.RecoverDeliveries(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.work()
	s.later(73 * time.Hour)
	if err := s.syncer.RecoverDeliveries(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.do(db.RecoverDeliveries{})
	expect := func(when string, noted bool) {
		t.Helper()
		if note := s.recoveryState().Note; strings.Contains(note, "syncs everything") != noted {
			t.Errorf("%s the note is %q", when, note)
		}
	}
	expect("after the recovery", true)
	s.later(20 * time.Minute)
	s.do(db.RecoverDeliveries{})
	expect("after another one", true)
	s.server.FailPath("/app/hook/deliveries", &sandbox.Fault{Status: http.StatusBadGateway})
	s.later(20 * time.Minute)
	s.do(db.RecoverDeliveries{})
	expect("after one that failed", true)
	s.server.Fault(nil)
	s.do(db.ReconcileUsers{})
	s.do(db.SyncInstallations{})
	expect("while repositories are synced", true)
	s.work()
	expect("after all of them", false)
	if err := s.syncer.RecoverDeliveries(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.work()
	if err := s.syncer.db.QueueSync(t.Context(), db.SyncInstallations{UserID: s.person.ID}); err != nil {
		t.Fatal(err)
	}
	expect("while another sync is queued", false)
}
