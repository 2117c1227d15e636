package github

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

func TestContentAttachmentsOfOldServers(t *testing.T) {
	json := http.Header{"Content-Type": {"application/json"}}
	created := &sandbox.Fault{Status: http.StatusCreated, Header: json, Body: `{"id":101,"title":"Lathe","body":"Turns"}`}
	refused := func(status int) *sandbox.Fault {
		return &sandbox.Fault{Status: status, Header: json, Body: `{"message":"no"}`}
	}
	const newer, older = "/api/v3/repos/workshop/lathe/content_references/7/attachments", "/api/v3/content_references/7/attachments"
	for name, c := range map[string]struct {
		newer, older *sandbox.Fault
		want         error
		requests     string
	}{
		"offered":          {newer: created, requests: newer},
		"only the older":   {newer: refused(http.StatusNotFound), older: created, requests: newer + " " + older},
		"withdrawn, 404":   {newer: refused(http.StatusNotFound), older: refused(http.StatusNotFound), want: ErrWithdrawn, requests: newer + " " + older},
		"withdrawn, 410":   {newer: refused(http.StatusGone), older: refused(http.StatusGone), want: ErrWithdrawn, requests: newer + " " + older},
		"withdrawn, 415":   {newer: refused(http.StatusUnsupportedMediaType), older: refused(http.StatusUnsupportedMediaType), want: ErrUnsupported, requests: newer + " " + older},
		"no such endpoint": {want: ErrWithdrawn, requests: newer + " " + older}, // the sandbox itself, like current servers
		"no right":         {newer: refused(http.StatusForbidden), want: ErrForbidden, requests: newer},
		"invalid":          {newer: refused(http.StatusUnprocessableEntity), want: ErrInvalid, requests: newer},
		"unavailable":      {newer: sandbox.BadGateway(http.StatusBadGateway), want: ErrUnavailable, requests: newer},
	} {
		t.Run(name, func(t *testing.T) {
			world, id := workshop()
			s := newStage(t, dbtest.SQLite(t), world)
			s.server.Fault(func(r *http.Request) *sandbox.Fault {
				if strings.Contains(r.URL.Path, "/content_references/") && !strings.Contains(r.Header.Get("Accept"), "corsair-preview") {
					t.Errorf("Accept is %q", r.Header.Get("Accept"))
				}
				return map[string]*sandbox.Fault{newer: c.newer, older: c.older}[r.URL.Path]
			})
			got, err := s.github.AsInstallation(id).CreateContentAttachment(t.Context(), lathe, 7, "Lathe", "Turns")
			if c.want != nil {
				expectErr(t, err, c.want)
			} else if err != nil || got.ID != 101 || got.Title != "Lathe" {
				t.Errorf("got %+v, %v", got, err)
			}
			if errors.Is(err, ErrWithdrawn) && errors.Is(err, ErrNotFound) {
				t.Error("a withdrawn operation is reported as not found")
			}
			var paths []string
			for _, request := range s.server.Requests() {
				if strings.Contains(request.Path, "/content_references/") {
					paths = append(paths, request.Path)
				}
			}
			if got := strings.Join(paths, " "); got != c.requests {
				t.Errorf("the requests are %s", got)
			}
		})
	}
}
