package syncer

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/sandbox"
	"neptun/syncer/webhook"
)

// deliverShared stores a webhook about the repository reef/shared, and applies it.
func (s *stage) deliverShared(guid, event, action, body string) db.Delivery {
	s.t.Helper()
	s.hook(guid, event, action, body)
	s.work()
	return s.delivery(guid)
}

// hook delivers a webhook about the installation on reef.
func (s *stage) hook(guid, event, action, body string) {
	s.t.Helper()
	delivery, err := webhook.ReadDelivery(guid, event, fmt.Appendf(nil, `{"action":%q,"installation":{"id":%d},%s`, action, s.at("reef").GitHubID, strings.TrimPrefix(body, "{")))
	if err != nil { // a body that the webhook endpoint would reject
		delivery = db.Delivery{GUID: guid, Event: event, Action: action, InstallationID: s.at("reef").GitHubID, Body: []byte(body)}
	}
	if err := s.syncer.db.AddDelivery(s.t.Context(), delivery); err != nil {
		s.t.Fatal(err)
	}
}

// workDelayed also runs the jobs that wait for others to join them.
func (s *stage) workDelayed() {
	s.t.Helper()
	for range 4 {
		s.clock.Advance(3 * time.Second)
		s.work()
	}
}

// sharedPayload is the payload of a webhook about a user and the repository reef/shared.
func (s *stage) sharedPayload() string {
	s.t.Helper()
	shared := s.shared()
	return fmt.Sprintf(`{"member":{"id":%d},"repository":{"id":%d,"name":"shared","full_name":"reef/shared","private":true,"owner":{"id":%d,"login":"reef","type":"Organization"}},"organization":{"id":%[3]d,"login":"reef"},"membership":{"user":{"id":%[1]d}},"sender":{"id":%[1]d}}`,
		s.person.GitHubID, shared.ID, s.at("reef").Account.GitHubID)
}

func (s *stage) shared() sandbox.Repository {
	s.t.Helper()
	all := s.world.Repositories.List("reef")
	i := slices.IndexFunc(all, func(r sandbox.Repository) bool { return r.Name == "shared" })
	return all[i]
}

func TestP28AThousandWebhooksCostAFewRequests(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	for i := range 1000 {
		s.hook(fmt.Sprint("m", i), "member", "edited", s.sharedPayload())
	}
	for range 11 {
		workMany(s, 100)
	}
	s.workDelayed()
	if requests := s.server.Requests(); len(requests) > 1 {
		t.Errorf("a thousand webhooks caused %d requests", len(requests))
	}
	// The same if each is about another repository: they are on one list.
	s.server.ResetRequests()
	for id := range 30 {
		s.deliverShared(fmt.Sprint("r", id), "member", "added", strings.Replace(s.sharedPayload(), fmt.Sprintf(`"id":%d,"name"`, s.shared().ID), fmt.Sprintf(`"id":%d,"name"`, 5000+id), 1))
	}
	s.workDelayed()
	if requests := s.server.Requests(); len(requests) > 2 {
		t.Errorf("webhooks about 30 repositories caused %d requests", len(requests))
	}
	if names := s.names("reef"); fmt.Sprint(names) != "[shared]" {
		t.Errorf("ada sees %v", names)
	}
}

// workMany runs n jobs.
func workMany(s *stage, n int) {
	s.t.Helper()
	for range n {
		job, err := s.claim()
		if err != nil {
			return
		}
		s.syncer.runner.Do(s.t.Context(), job)
	}
}

func TestACheckIsRetriedDuringAnOutage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		s.world.Repositories.SetPermission(s.shared().ID, "ada", sandbox.None)
		s.server.Fault(func(*http.Request) *sandbox.Fault { return sandbox.BadGateway(502) })
		if d := s.deliverShared("one", "member", "removed", s.sharedPayload()); d.Outcome != db.DeliveryApplied {
			t.Errorf("the delivery is %s", d.Outcome)
		}
		s.workDelayed()
		if names := s.names("reef"); len(names) != 1 {
			t.Errorf("during the outage ada sees %v", names)
		}
		s.server.Fault(nil)
		s.clock.Advance(time.Minute)
		s.work()
		if names := s.names("reef"); len(names) != 0 {
			t.Errorf("ada still sees %v", names)
		}
		if ids := s.importIDs(); len(ids) != 0 {
			t.Errorf("the imports %v are still listed", ids)
		}
	})
}

func TestARateLimitedCheckWaitsAndOneWithoutATokenIsDropped(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	s.world.Repositories.SetPermission(s.shared().ID, "ada", sandbox.None)
	s.server.Fault(func(*http.Request) *sandbox.Fault { return sandbox.PrimaryLimit(s.clock.Now().Add(10 * time.Minute)) })
	s.deliverShared("one", "member", "removed", s.sharedPayload())
	s.workDelayed()
	s.server.Fault(nil)
	s.server.ResetRequests()
	s.workDelayed()
	if requests := s.server.Requests(); len(requests) != 0 {
		t.Errorf("at the limit %d requests were sent to GitHub", len(requests))
	}
	s.clock.Advance(11 * time.Minute)
	s.work()
	if names := s.names("reef"); len(names) != 0 {
		t.Errorf("ada still sees %v", names)
	}

	s.server.Revoke("ada")
	s.deliverShared("two", "member", "added", s.sharedPayload())
	s.workDelayed()
	if checks, _, err := s.syncer.db.ListChecks(t.Context(), s.at("reef").ID); err != nil || len(checks) != 0 {
		t.Errorf("without a token the checks are %+v, %v", checks, err)
	}
}

// GitHub returns 403 or 451 to everybody for a repository that it blocked for legal reasons.
func TestABlockedRepositoryDoesNotHoldUpOtherChecks(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusUnavailableForLegalReasons} {
		s := member(t, dbtest.SQLite(t))
		late := s.world.Repositories.Add("reef", sandbox.Repository{Name: "late", Private: true})
		s.world.Repositories.SetPermission(late.ID, "ada", sandbox.Pull)
		s.server.FailPath("/reef/shared", &sandbox.Fault{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Repository access blocked"}`})
		body := s.sharedPayload()
		if err := s.syncer.db.AddDelivery(t.Context(), db.Delivery{GUID: "blocked", Event: "member", Action: "edited", Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
		s.deliverShared("late", "member", "added", strings.NewReplacer(fmt.Sprintf(`"id":%d,"name":"shared"`, s.shared().ID), fmt.Sprintf(`"id":%d,"name":"late"`, late.ID), "reef/shared", "reef/late").Replace(body))
		s.workDelayed()
		if names := s.names("reef"); fmt.Sprint(names) != "[late shared]" {
			t.Errorf("after a %d ada sees %v", status, names)
		}
		if checks, _, err := s.syncer.db.ListChecks(t.Context(), s.at("reef").ID); err != nil || len(checks) != 0 {
			t.Errorf("after a %d the checks are %+v, %v", status, checks, err)
		}
	}
}

func TestACheckDuringASyncQueuesAnotherSync(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	target, err := s.syncer.db.SyncTarget(t.Context(), s.at("reef").ID)
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.syncer.db.StartSync(t.Context(), db.SyncRepositories{RecordID: target.RecordID})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.syncer.db.StartSync(t.Context(), db.SyncInstallations{UserID: s.person.ID})
	if err != nil {
		t.Fatal(err)
	}
	s.deliverShared("one", "organization", "member_added", s.sharedPayload())
	if err := s.syncer.db.QueueInstallationsCheck(t.Context(), s.person.ID); err != nil {
		t.Fatal(err)
	}
	s.workDelayed()
	if requests := s.server.Requests(); len(requests) != 0 {
		t.Errorf("during the sync %d requests were sent", len(requests))
	}
	for _, id := range []int64{run, list} {
		if err := s.syncer.db.FailSync(t.Context(), id, "failed"); err != nil {
			t.Fatal(err)
		}
	}
	s.workDelayed()
	if s.server.RequestCount("/user/installations") == 0 || s.at("reef").Sync.State != db.SyncIdle {
		t.Errorf("no other sync follows it: %+v", s.at("reef").Sync)
	}
}

func TestP28ALateWebhookRemovesAccessOnlyBriefly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		was := fmt.Sprint(s.importIDs())
		for i, late := range [][2]string{
			{"organization", "member_removed"},
			{"repository", "privatized"},
			{"repository", "deleted"},
			{"repository", "transferred"},
			{"member", "removed"},
			{"membership", "removed"},
			{"team", "removed_from_repository"},
			{"team", "deleted"},
			{"installation", "suspend"},
			{"installation", "unsuspend"},
			{"github_app_authorization", "revoked"},
			{"organization", "renamed"},
		} {
			if d := s.deliverShared(fmt.Sprint("late-", i), late[0], late[1], s.sharedPayload()); d.Outcome != db.DeliveryApplied {
				t.Errorf("%v is %s", late, d.Outcome)
			}
			s.workDelayed()
			if names := s.names("reef"); fmt.Sprint(names) != "[shared]" || fmt.Sprint(s.importIDs()) != was {
				t.Errorf("after %v ada sees %v, with the imports %v", late, names, s.importIDs())
			}
		}
	})
}

func TestAPublicRepositoryIsShownOnlyIfTheInstallationCanAccessIt(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	open := s.world.Repositories.Add("reef", sandbox.Repository{Name: "open"})
	id := s.at("reef").GitHubID
	s.world.Installations.Select(id, sandbox.SelectSome, s.shared().ID)
	s.deliverShared("one", "installation", "new_permissions_accepted", "{}")
	body := strings.NewReplacer(fmt.Sprintf(`"id":%d,"name":"shared"`, s.shared().ID), fmt.Sprintf(`"id":%d,"name":"open"`, open.ID), "reef/shared", "reef/open").Replace(s.sharedPayload())
	s.deliverShared("two", "public", "", body)
	s.workDelayed()
	if names := s.names("reef"); fmt.Sprint(names) != "[shared]" {
		t.Errorf("without access through the installation, ada sees %v", names)
	}
	s.world.Installations.Select(id, sandbox.SelectSome, s.shared().ID, open.ID)
	s.deliverShared("three", "public", "", body)
	s.workDelayed()
	if names := s.names("reef"); fmt.Sprint(names) != "[open shared]" {
		t.Errorf("with access, ada sees %v", names)
	}
	// Without the App's key, the user's own list decides.
	s.world.Installations.Select(id, sandbox.SelectSome, s.shared().ID)
	s.github.SetApp(github.App{ClientID: s.app().ClientID, ClientSecret: s.app().ClientSecret})
	s.deliverShared("four", "public", "", body)
	s.workDelayed()
	if names := s.names("reef"); fmt.Sprint(names) != "[shared]" {
		t.Errorf("without access again, ada sees %v", names)
	}
	// A sync in progress may have read the list before the change.
	target, err := s.syncer.db.SyncTarget(t.Context(), s.at("reef").ID)
	if err == nil {
		_, err = s.syncer.db.StartSync(t.Context(), db.SyncRepositories{RecordID: target.RecordID})
	}
	if err != nil {
		t.Fatal(err)
	}
	s.deliverShared("five", "public", "", body)
	s.clock.Advance(3 * time.Second)
	s.work()
	if checks, _, err := s.syncer.db.ListChecks(t.Context(), s.at("reef").ID); err != nil || len(checks) != 1 {
		t.Errorf("during a sync that started before, the checks are %+v, %v", checks, err)
	}
}

func TestP29MalformedPayloadsOfAnyEventAreHandled(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	stranger := strings.ReplaceAll(s.sharedPayload(), fmt.Sprintf(`"id":%d}`, s.person.GitHubID), `"id":77777}`)
	n := 0
	for event, actions := range map[string]string{
		"installation": "created deleted suspend unsuspend new_permissions_accepted", "installation_target": "renamed",
		"installation_repositories": "added removed",
		"repository":                "created edited renamed archived unarchived publicized privatized transferred deleted",
		"public":                    "", "organization": "renamed deleted member_added member_removed", "member": "added edited removed",
		"membership": "added removed", "team": "added_to_repository removed_from_repository edited deleted", "team_add": "",
		"github_app_authorization": "revoked",
	} {
		for _, action := range strings.Split(actions, " ") {
			if !webhook.Matters(event, action) {
				t.Errorf("%s %s changes nothing", event, action)
			}
			for _, body := range []string{
				`{}`, `[]`, `{"repository":null,"organization":null,"member":null,"sender":null,"installation":null}`,
				`{"repository":{"id":"7"}}`, `{"repository":{"id":-1},"organization":{"id":-1},"member":{"id":-1},"sender":{"id":-1}}`,
				`{"repository":{"id":5},"organization":{"id":5},"membership":null,"repositories_added":[{}],"repositories_removed":[{}]}`,
				`{"installation":{"account":{"id":5,"type":"Organization"}},"repositories_added":[],"repositories_removed":null}`,
				`{"repository":{"id":5,"full_name":"a\u0000/b/../c","owner":{"id":5,"login":"x","type":"User"}},"organization":{"id":5},"member":{"id":5}}`,
				stranger,
			} {
				if event == "installation" && action == "deleted" || event == "organization" && action == "deleted" {
					continue // applied by the installation's id alone
				}
				n++
				if d := s.deliverShared(fmt.Sprint("odd-", n), event, action, body); d.Outcome == db.DeliveryPending {
					t.Errorf("%s %s of %s is %s", event, action, body, d.Outcome)
				}
			}
		}
	}
	s.workDelayed()
	if names := s.names("reef"); len(s.installations()) != 2 || fmt.Sprint(names) != "[shared]" {
		t.Errorf("in the end ada sees %v", names)
	}
}
