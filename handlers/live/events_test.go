package live_test

import (
	"fmt"
	"net/http"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// Server is the instance that answers.

// An open page is notified of its user's changes, by topic and version only, and of no other
// user's changes. None of that sends requests to GitHub.
func TestStreamsNotifyUsersOfTheirOwnChanges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		s := handlerstest.OpenOn(t, sandbox.DemoWorld(), url)
		marin, other := s.LogIn("marin"), s.LogIn("sena-y")
		own, others := marin.InstalledOn("tidewater-labs"), marin.InstalledOn("marin")
		topic := fmt.Sprint("installation-", own.ID)
		page := marin.Listen("installations", "imports", topic, fmt.Sprint("sync-", own.ID), fmt.Sprint("installation-", others.ID))
		stranger := other.Listen("installations", "imports", topic, fmt.Sprint("sync-", own.ID))

		first := page.Next()
		if len(first) != 5 || first[topic] != own.Version() || first[fmt.Sprint("sync-", own.ID)] != own.Sync.Version() {
			t.Errorf("the first event is %v, want all topics with the versions of %+v", first, own)
		}
		if begun := stranger.Next(); begun[topic] != "gone" || begun[fmt.Sprint("sync-", own.ID)] != "gone" {
			t.Errorf("for another user's installation the stream sends %v", begun)
		}
		s.GitHub.ResetRequests()
		repositories := s.World.Repositories.List("tidewater-labs")
		marin.Post(fmt.Sprintf("/installations/%d/imports", own.ID), map[string][]string{"repository_ids": {fmt.Sprint(repositories[0].ID)}}).Status(http.StatusSeeOther)
		got := page.UntilPublished(topic)
		if got["imports"] == "" || got["installations"] == "" || got[fmt.Sprint("installation-", others.ID)] != "" {
			t.Errorf("an import is sent as %v", got)
		}
		if n := s.GitHubRequests(); n > 0 {
			t.Errorf("%d requests to GitHub", n)
		}
		// The other user's next event is about their own change.
		other.Post("/installations/sync", nil).Status(http.StatusSeeOther)
		if versions := stranger.Next(); len(versions) != 1 || versions["installations"] == "" {
			t.Errorf("the other user gets %v", versions)
		}
	})
}
