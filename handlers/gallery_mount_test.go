package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/gallery"
	"neptun/sandbox/sandboxtest"
)

func TestOnlyADemoServesTheGallery(t *testing.T) {
	t.Parallel()
	plain := open(t, sandboxtest.EmptyWorld()).visit()
	plain.get("/gallery").status(http.StatusNotFound)
	plain.get("/gallery/landing").status(http.StatusNotFound)
	demo := openAs(t, sandboxtest.EmptyWorld(), dbtest.SQLite(t), "", func(c *handlers.Config) {
		c.Gallery = gallery.Handler(time.Now)
	}).visit()
	index := demo.get("/gallery").status(http.StatusOK)
	for _, state := range gallery.States(time.Now()) {
		if !strings.Contains(index.body, `href="/gallery/`+state.Name+`"`) {
			t.Errorf("the index has no %s", state.Name)
		}
	}
	page := demo.get("/gallery/repositories-none-match")
	if page.StatusCode != http.StatusOK {
		page = demo.get("/gallery/landing").status(http.StatusOK)
	}
	if page.page().Find("main").Length() != 1 || page.header("Content-Security-Policy") == "" {
		t.Errorf("a state is %.200s", page.body)
	}
	demo.get("/gallery/nothing").status(http.StatusNotFound)
}
