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

// told stores a webhook about the repository reef/shared, and has it applied.
func (s *stage) told(guid, event, action, body string) db.Delivery {
	s.t.Helper()
	s.hook(guid, event, action, body)
	s.work()
	return s.delivery(guid)
}

// hook has a webhook come for the installation on reef.
func (s *stage) hook(guid, event, action, body string) {
	s.t.Helper()
	delivery, err := webhook.ReadDelivery(guid, event, fmt.Appendf(nil, `{"action":%q,"installation":{"id":%d},%s`, action, s.at("reef").GitHubID, strings.TrimPrefix(body, "{")))
	if err != nil { // what no server would accept
		delivery = db.Delivery{GUID: guid, Event: event, Action: action, InstallationID: s.at("reef").GitHubID, Body: []byte(body)}
	}
	if err := s.db.AddDelivery(s.t.Context(), delivery); err != nil {
		s.t.Fatal(err)
	}
}

// afterwards has what waits for others to join it done, too.
func (s *stage) afterwards() {
	s.t.Helper()
	for range 4 {
		s.clock.pass(3 * time.Second)
		s.work()
	}
}

// about is the payload of a webhook on a person and the repository reef/shared.
func (s *stage) about() string {
	s.t.Helper()
	shared := s.shared()
	return fmt.Sprintf(`{"member":{"id":%d},"repository":{"id":%d,"name":"shared","full_name":"reef/shared","private":true,"owner":{"id":%d,"login":"reef","type":"Organization"}},"organization":{"id":%[3]d,"login":"reef"},"membership":{"user":{"id":%[1]d}},"sender":{"id":%[1]d}}`,
		s.person.GitHubID, shared.ID, s.at("reef").Account.GitHubID)
}

func (s *stage) shared() sandbox.Repository {
	s.t.Helper()
	all := s.world.Repositories("reef")
	i := slices.IndexFunc(all, func(r sandbox.Repository) bool { return r.Name == "shared" })
	return all[i]
}

func TestP28AThousandWebhooksCostAFewRequests(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	for i := range 1000 {
		s.hook(fmt.Sprint("m", i), "member", "edited", s.about())
	}
	for range 11 {
		s.workMany(100)
	}
	s.afterwards()
	if asked := s.server.Requests(); len(asked) > 1 {
		t.Errorf("a thousand webhooks cost %d requests", len(asked))
	}
	// Also where each is about another repository: the list has them all.
	s.server.ResetRequests()
	for id := range 30 {
		s.told(fmt.Sprint("r", id), "member", "added", strings.Replace(s.about(), fmt.Sprintf(`"id":%d,"name"`, s.shared().ID), fmt.Sprintf(`"id":%d,"name"`, 5000+id), 1))
	}
	s.afterwards()
	if asked := s.server.Requests(); len(asked) > 2 {
		t.Errorf("news of 30 repositories cost %d requests", len(asked))
	}
	if names := s.names("reef"); fmt.Sprint(names) != "[shared]" {
		t.Errorf("one sees %v", names)
	}
}

// workMany does so many jobs.
func (s *stage) workMany(n int) {
	s.t.Helper()
	for range n {
		job, err := s.claim()
		if err != nil {
			return
		}
		s.runner.Do(s.t.Context(), job)
	}
}

func TestACheckIsTriedAgainWhileGitHubIsAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		s.world.SetPermission(s.shared().ID, "ada", sandbox.None)
		s.server.Fault(func(*http.Request) *sandbox.Fault { return sandbox.BadGateway(502) })
		if d := s.told("one", "member", "removed", s.about()); d.Outcome != db.DeliveryApplied {
			t.Errorf("it is %s", d.Outcome)
		}
		s.afterwards()
		if names := s.names("reef"); len(names) != 1 {
			t.Errorf("while GitHub is away one sees %v", names)
		}
		s.server.Fault(nil)
		s.clock.pass(time.Minute)
		s.work()
		if names := s.names("reef"); len(names) != 0 {
			t.Errorf("one sees %v still", names)
		}
		if ids := s.importIDs(); len(ids) != 0 {
			t.Errorf("the imports %v are listed still", ids)
		}
	})
}

func TestACheckAtTheLimitWaitsAndOneWithoutATokenIsGivenUp(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	s.world.SetPermission(s.shared().ID, "ada", sandbox.None)
	s.server.Fault(func(*http.Request) *sandbox.Fault { return sandbox.PrimaryLimit(s.clock.Now().Add(10 * time.Minute)) })
	s.told("one", "member", "removed", s.about())
	s.afterwards()
	s.server.Fault(nil)
	s.server.ResetRequests()
	s.afterwards()
	if asked := s.server.Requests(); len(asked) != 0 {
		t.Errorf("at the limit GitHub was asked %d times", len(asked))
	}
	s.clock.pass(11 * time.Minute)
	s.work()
	if names := s.names("reef"); len(names) != 0 {
		t.Errorf("one sees %v still", names)
	}

	s.server.Revoke("ada")
	s.told("two", "member", "added", s.about())
	s.afterwards()
	if checks, _, err := s.db.ListChecks(t.Context(), s.at("reef").ID); err != nil || len(checks) != 0 {
		t.Errorf("without a token there are the checks %+v, %v", checks, err)
	}
}

// GitHub shows what its lawyers blocked to nobody, and says so.
func TestABlockedRepositoryKeepsNoOtherFromBeingChecked(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusUnavailableForLegalReasons} {
		s := member(t, dbtest.SQLite(t))
		late := s.world.AddRepository("reef", sandbox.Repository{Name: "late", Private: true})
		s.world.SetPermission(late.ID, "ada", sandbox.Pull)
		s.spoil("/reef/shared", &sandbox.Fault{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Repository access blocked"}`})
		about := s.about()
		if err := s.db.AddDelivery(t.Context(), db.Delivery{GUID: "blocked", Event: "member", Action: "edited", Body: []byte(about)}); err != nil {
			t.Fatal(err)
		}
		s.told("late", "member", "added", strings.NewReplacer(fmt.Sprintf(`"id":%d,"name":"shared"`, s.shared().ID), fmt.Sprintf(`"id":%d,"name":"late"`, late.ID), "reef/shared", "reef/late").Replace(about))
		s.afterwards()
		if names := s.names("reef"); fmt.Sprint(names) != "[late shared]" {
			t.Errorf("after a %d one sees %v", status, names)
		}
		if checks, _, err := s.db.ListChecks(t.Context(), s.at("reef").ID); err != nil || len(checks) != 0 {
			t.Errorf("after a %d there are the checks %+v, %v", status, checks, err)
		}
	}
}

func TestASyncUnderWayIsFollowedByAnother(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	target, err := s.db.SyncTarget(t.Context(), s.at("reef").ID)
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.db.StartSync(t.Context(), db.SyncRepositories{RecordID: target.RecordID})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.db.StartSync(t.Context(), db.SyncInstallations{UserID: s.person.ID})
	if err != nil {
		t.Fatal(err)
	}
	s.told("one", "organization", "member_added", s.about())
	if err := s.db.QueueInstallationsCheck(t.Context(), s.person.ID); err != nil {
		t.Fatal(err)
	}
	s.afterwards()
	if asked := s.server.Requests(); len(asked) != 0 {
		t.Errorf("beside the sync GitHub was asked %d times", len(asked))
	}
	for _, id := range []int64{run, list} {
		if err := s.db.FailSync(t.Context(), id, "given up"); err != nil {
			t.Fatal(err)
		}
	}
	s.afterwards()
	if s.asked("/user/installations") == 0 || s.at("reef").Sync.State != db.SyncIdle {
		t.Errorf("after it there is no other: %+v", s.at("reef").Sync)
	}
}

func TestP28NewsThatIsLateTakesNothingForLong(t *testing.T) {
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
			if d := s.told(fmt.Sprint("late-", i), late[0], late[1], s.about()); d.Outcome != db.DeliveryApplied {
				t.Errorf("%v is %s", late, d.Outcome)
			}
			s.afterwards()
			if names := s.names("reef"); fmt.Sprint(names) != "[shared]" || fmt.Sprint(s.importIDs()) != was {
				t.Errorf("after %v one sees %v, with the imports %v", late, names, s.importIDs())
			}
		}
	})
}

func TestAPublicRepositoryIsSeenThroughTheInstallationThatReachesIt(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	open := s.world.AddRepository("reef", sandbox.Repository{Name: "open"})
	id := s.at("reef").GitHubID
	s.world.SelectRepositories(id, sandbox.SelectSome, s.shared().ID)
	s.told("one", "installation", "new_permissions_accepted", "{}")
	body := strings.NewReplacer(fmt.Sprintf(`"id":%d,"name":"shared"`, s.shared().ID), fmt.Sprintf(`"id":%d,"name":"open"`, open.ID), "reef/shared", "reef/open").Replace(s.about())
	s.told("two", "public", "", body)
	s.afterwards()
	if names := s.names("reef"); fmt.Sprint(names) != "[shared]" {
		t.Errorf("out of reach, one sees %v", names)
	}
	s.world.SelectRepositories(id, sandbox.SelectSome, s.shared().ID, open.ID)
	s.told("three", "public", "", body)
	s.afterwards()
	if names := s.names("reef"); fmt.Sprint(names) != "[open shared]" {
		t.Errorf("in reach, one sees %v", names)
	}
	// Without the App's key, the person's own list tells.
	s.world.SelectRepositories(id, sandbox.SelectSome, s.shared().ID)
	s.SetApp(github.App{ClientID: s.app().ClientID, ClientSecret: s.app().ClientSecret})
	s.told("four", "public", "", body)
	s.afterwards()
	if names := s.names("reef"); fmt.Sprint(names) != "[shared]" {
		t.Errorf("out of reach again, one sees %v", names)
	}
	// A list that is being read may have been so from before.
	target, err := s.db.SyncTarget(t.Context(), s.at("reef").ID)
	if err == nil {
		_, err = s.db.StartSync(t.Context(), db.SyncRepositories{RecordID: target.RecordID})
	}
	if err != nil {
		t.Fatal(err)
	}
	s.told("five", "public", "", body)
	s.clock.pass(3 * time.Second)
	s.work()
	if checks, _, err := s.db.ListChecks(t.Context(), s.at("reef").ID); err != nil || len(checks) != 1 {
		t.Errorf("left to a sync that has begun, there are %+v, %v", checks, err)
	}
}

func TestP29NoPayloadOfAnyEventIsTooOdd(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	stranger := strings.ReplaceAll(s.about(), fmt.Sprintf(`"id":%d}`, s.person.GitHubID), `"id":77777}`)
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
					continue // believed by the installation's id alone
				}
				n++
				if d := s.told(fmt.Sprint("odd-", n), event, action, body); d.Outcome == db.DeliveryPending {
					t.Errorf("%s %s of %s is %s", event, action, body, d.Outcome)
				}
			}
		}
	}
	s.afterwards()
	if names := s.names("reef"); len(s.installations()) != 2 || fmt.Sprint(names) != "[shared]" {
		t.Errorf("in the end one sees %v", names)
	}
}
