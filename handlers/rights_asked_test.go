package handlers_test

import (
	"net/http"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// Acting in the app's name requires the user's current permission on GitHub, by their own
// token: not that of the last sync, nor what an API token could do when it was created.
func TestS4RightsAreCheckedWhenActing(t *testing.T) {
	t.Parallel()
	s := handlerstest.Allowing(t, handlerstest.Workshop())
	anna, boss := s.LogIn("anna"), s.LogIn("boss")
	annaPath, bossPath := "/api/users/me/installations/"+anna.Record("workshop"), "/api/users/me/installations/"+boss.Record("workshop")
	_, write := anna.NewToken(`{"name":"w","expires_in_days":30,"scope":"write"}`)
	_, mint := anna.NewToken(`{"name":"m","expires_in_days":30,"scope":"access_tokens"}`)
	const installation = `{"kind":"installation","repository_ids":[501],"permissions":{"contents":"read"}}`
	const attachment = `{"repository_id":501,"content_reference_id":7,"title":"Lathe","body":"Turns"}`
	script, minter := s.Bearer(write), s.Bearer(mint)
	minter.PostJSON(annaPath+"/access_tokens", installation).Status(http.StatusCreated)

	s.World.Repositories.SetPermission(501, "anna", sandbox.Pull) // demoted, and not synced since
	s.GitHub.ResetRequests()
	minter.PostJSON(annaPath+"/access_tokens", installation).Status(http.StatusForbidden)
	script.PostJSON(annaPath+"/content_attachments", attachment).Status(http.StatusForbidden)
	s.World.Accounts.RemoveMember("workshop", "anna") // removed from the organization
	minter.PostJSON(annaPath+"/access_tokens", installation).Status(http.StatusForbidden)
	if status := script.PostJSON(annaPath+"/content_attachments", attachment).StatusCode; status != http.StatusForbidden && status != http.StatusNotFound {
		t.Errorf("a removed user creates an attachment: %d", status)
	}

	s.World.Accounts.AddMember("workshop", "boss", sandbox.RoleMember) // no longer an owner
	boss.Do(http.MethodPut, bossPath+"/suspended", "", "", nil).Status(http.StatusForbidden)
	boss.Do(http.MethodDelete, bossPath, "application/json", `{"account":"workshop"}`, nil).Status(http.StatusForbidden)
	for _, change := range s.Changes() {
		t.Errorf("unexpected changes on GitHub: %v", change)
	}
}
