package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/gallery"
	"neptun/handlers/handlerstest"
	"neptun/sandbox/sandboxtest"
)

func TestOnlyADemoServesTheGallery(t *testing.T) {
	t.Parallel()
	plain := handlerstest.Open(t, sandboxtest.EmptyWorld()).Visit()
	plain.Get("/gallery").Status(http.StatusNotFound)
	plain.Get("/gallery/landing").Status(http.StatusNotFound)
	demo := handlerstest.OpenAs(t, sandboxtest.EmptyWorld(), dbtest.SQLite(t), "", func(c *handlers.Config) {
		c.Gallery = gallery.Handler(time.Now)
	}).Visit()
	index := demo.Get("/gallery").Status(http.StatusOK)
	for _, state := range gallery.States(time.Now()) {
		if !strings.Contains(index.Body, `href="/gallery/`+state.Name+`"`) {
			t.Errorf("the index has no %s", state.Name)
		}
	}
	page := demo.Get("/gallery/repositories-none-match")
	if page.StatusCode != http.StatusOK {
		page = demo.Get("/gallery/landing").Status(http.StatusOK)
	}
	if page.Page().Find("main").Length() != 1 || page.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("a state is %.200s", page.Body)
	}
	demo.Get("/gallery/nothing").Status(http.StatusNotFound)

	narrow := demo.Get("/gallery?width=390&state=landing").Status(http.StatusOK)
	frame := narrow.Page().Find("iframe")
	if frame.AttrOr("src", "") != "/gallery/landing" || frame.AttrOr("width", "") != "390" || narrow.Page().Find(`a[href="/gallery?width=320&state=landing"]`).Length() != 1 {
		t.Errorf("the frame is %v", frame.Nodes)
	}
	for path, want := range map[string]string{"/gallery/landing": "frame-ancestors 'self'", "/": "frame-ancestors 'none'"} {
		if policy := demo.Get(path).Header.Get("Content-Security-Policy"); !strings.Contains(policy, want) {
			t.Errorf("the policy of %s is %s", path, policy)
		}
	}
}
