package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func TestContentAttachments(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Workshop())
	v := s.LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("workshop") + "/content_attachments"
	const valid = `{"repository_id":501,"content_reference_id":7,"title":"Lathe","body":"Turns"}`
	for name, c := range map[string]struct {
		body   string
		status int
		words  string
	}{
		"today's servers":      {valid, http.StatusGone, "This GitHub server no longer supports content attachments"},
		"another's repository": {strings.Replace(valid, "501", "503", 1), http.StatusNotFound, "Repository not found"},
		"nobody's repository":  {strings.Replace(valid, "501", "504", 1), http.StatusNotFound, "Repository not found"},
		"may not push":         {strings.Replace(valid, "501", "502", 1), http.StatusForbidden, "require the write role"},
		"no title":             {strings.Replace(valid, `"Lathe"`, `" "`, 1), http.StatusUnprocessableEntity, "title must have"},
		"nothing":              {`{}`, http.StatusUnprocessableEntity, "repository_id is required"},
	} {
		if message := v.PostJSON(path, c.body).Status(c.status).Message(); !strings.Contains(message, c.words) {
			t.Errorf("%s: %q", name, message)
		}
	}

	s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if r.URL.Path != "/api/v3/repos/workshop/Lathe/content_references/7/attachments" {
			return nil
		}
		return &sandbox.Fault{Status: http.StatusCreated, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"id":101,"title":"Lathe","body":"Turns"}`}
	})
	handlerstest.WantField(t, v.PostJSON(path, valid).Status(http.StatusCreated).Object(), "id", 101.0)
	// S4: the user's permission is checked on GitHub, not in the database.
	s.World.Repositories.SetPermission(501, "anna", sandbox.Pull)
	if message := v.PostJSON(path, valid).Status(http.StatusForbidden).Message(); !strings.Contains(message, "require the write role") {
		t.Errorf("a user without write access gets %q", message)
	}
	s.World.Repositories.SetPermission(501, "anna", sandbox.Push)
	if audited := s.Audit(); audited != "anna create content attachment workshop: 501" {
		t.Errorf("audit log: %s", audited)
	}
}

// R12: GitHub accepts an attachment for six hours, which a refusal mentions.
func TestR12AnAttachmentIsAcceptedForSixHours(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, handlerstest.Workshop())
	s.World.ContentAttachments.SetStatus(http.StatusOK)
	v := s.LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("workshop") + "/content_attachments"
	attach := func(reference int64) handlerstest.Answer {
		return v.PostJSON(path, fmt.Sprintf(`{"repository_id":501,"content_reference_id":%d,"title":"Lathe","body":"Turns"}`, reference))
	}
	posted := s.World.ContentAttachments.AddReference(501)
	s.Clock.Advance(6*time.Hour - time.Minute)
	attach(posted).Status(http.StatusCreated)
	s.Clock.Advance(2 * time.Minute)
	for name, reference := range map[string]int64{
		"too late":                posted,
		"nobody posted it":        posted + 99,
		"in another's repository": s.World.ContentAttachments.AddReference(503),
	} {
		if message := attach(reference).Status(http.StatusNotFound).Message(); !strings.Contains(message, "within six hours of the content_reference event") {
			t.Errorf("%s: %q", name, message)
		}
	}
}
