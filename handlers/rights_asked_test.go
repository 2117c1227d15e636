package handlers_test

import (
	"net/http"
	"testing"

	"neptun/sandbox"
)

// What is done in the app's name needs the right at that moment, as GitHub says to
// the user's own token: not what the last sync said, nor what an API token could do
// when it was created.
func TestS4RightsAreAskedWhenSomethingIsDone(t *testing.T) {
	t.Parallel()
	s := allowing(t, workshop())
	anna, boss := s.logIn("anna"), s.logIn("boss")
	hers, theirs := "/api/users/me/installations/"+anna.record("workshop"), "/api/users/me/installations/"+boss.record("workshop")
	_, write := anna.newToken(`{"name":"w","expires_in_days":30,"scope":"write"}`)
	_, mint := anna.newToken(`{"name":"m","expires_in_days":30,"scope":"access_tokens"}`)
	const installation = `{"kind":"installation","repository_ids":[501],"permissions":{"contents":"read"}}`
	const attachment = `{"repository_id":501,"content_reference_id":7,"title":"Lathe","body":"Turns"}`
	script, minter := s.bearer(write), s.bearer(mint)
	minter.postJSON(hers+"/access_tokens", installation).status(http.StatusCreated)

	s.world.SetPermission(501, "anna", sandbox.Pull) // demoted, and not synced since
	s.gitHub.ResetRequests()
	minter.postJSON(hers+"/access_tokens", installation).status(http.StatusForbidden)
	script.postJSON(hers+"/content_attachments", attachment).status(http.StatusForbidden)
	s.world.RemoveMember("workshop", "anna") // removed
	minter.postJSON(hers+"/access_tokens", installation).status(http.StatusForbidden)
	if status := script.postJSON(hers+"/content_attachments", attachment).StatusCode; status != http.StatusForbidden && status != http.StatusNotFound {
		t.Errorf("a removed user attaches: %d", status)
	}

	s.world.AddMember("workshop", "boss", sandbox.RoleMember) // no owner any more
	boss.do(http.MethodPut, theirs+"/suspended", "", "", nil).status(http.StatusForbidden)
	boss.do(http.MethodDelete, theirs, "application/json", `{"account":"workshop"}`, nil).status(http.StatusForbidden)
	for _, change := range s.changes() {
		t.Errorf("GitHub was asked for %v", change)
	}
}
