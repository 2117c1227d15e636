package sandbox

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
)

// pageContent is the part of a page below its title.
type pageContent interface {
	content(v view) templ.Component
}

// view is the data of every page. The world is locked while it is rendered.
type view struct {
	title string
	me    *account // the signed-in user, or nil
	app   *app     // the one registered last, or nil
	here  string   // path and query of this page
}

type notFoundPage struct{}

// render renders a page. Its forms may be sent to the App's URLs and to the targets: Chromium applies form-action
// to all redirects that follow.
func (s *web) render(w http.ResponseWriter, r *http.Request, status int, title string, page pageContent, targets ...string) {
	me := s.signedIn(r)
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	var current *app
	for _, a := range s.world.Apps.all {
		current = a
		targets = append(targets, a.callbackURLs...)
		targets = append(targets, a.setupURL)
	}
	var b bytes.Buffer
	err := layout(view{title, me, current, r.URL.RequestURI()}, page).Render(r.Context(), &b)
	if err != nil {
		http.Error(w, "The sandbox could not render this page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentPolicy(targets))
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	b.WriteTo(w)
}

func contentPolicy(targets []string) string {
	formAction := "'self'"
	for _, target := range targets {
		if u, err := url.Parse(target); err == nil && u.Host != "" {
			if origin := " " + u.Scheme + "://" + u.Host; !strings.Contains(formAction+" ", origin+" ") {
				formAction += origin
			}
		}
	}
	return "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action " + formAction
}

// notFound is GitHub's response for a page that doesn't exist or that the user may not see.
func (s *web) notFound(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusNotFound, "Not found", notFoundPage{})
}
