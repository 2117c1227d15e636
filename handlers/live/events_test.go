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

// An open page hears of what changes for its person, by name alone, and of
// nobody else's changes. Nothing of it asks GitHub.
func TestStreamsTellPeopleOfTheirOwnChanges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		s := handlerstest.OpenOn(t, sandbox.DemoWorld(), url)
		marin, other := s.LogIn("marin"), s.LogIn("sena-y")
		own, theirs := marin.InstalledOn("tidewater-labs"), marin.InstalledOn("marin")
		topic := fmt.Sprint("installation-", own.ID)
		page := marin.Listen("installations", "imports", topic, fmt.Sprint("sync-", own.ID), fmt.Sprint("installation-", theirs.ID))
		stranger := other.Listen("installations", "imports", topic, fmt.Sprint("sync-", own.ID))

		first := page.Next()
		if len(first) != 5 || first[topic] != own.Version() || first[fmt.Sprint("sync-", own.ID)] != own.Sync.Version() {
			t.Errorf("the stream begins with %v, want all topics with the versions of %+v", first, own)
		}
		if begun := stranger.Next(); begun[topic] != "gone" || begun[fmt.Sprint("sync-", own.ID)] != "gone" {
			t.Errorf("of somebody else's installation a stream tells %v", begun)
		}
		s.GitHub.ResetRequests()
		repositories := s.World.Repositories("tidewater-labs")
		marin.Post(fmt.Sprintf("/installations/%d/imports", own.ID), map[string][]string{"repository_ids": {fmt.Sprint(repositories[0].ID)}}).Status(http.StatusSeeOther)
		told := page.UntilTold(topic)
		if told["imports"] == "" || told["installations"] == "" || told[fmt.Sprint("installation-", theirs.ID)] != "" {
			t.Errorf("an import is told as %v", told)
		}
		if n := s.Asked(); n > 0 {
			t.Errorf("GitHub was asked %d times", n)
		}
		// What the stranger hears next is what they do themselves.
		other.Post("/installations/sync", nil).Status(http.StatusSeeOther)
		if heard := stranger.Next(); len(heard) != 1 || heard["installations"] == "" {
			t.Errorf("somebody else hears %v", heard)
		}
	})
}
