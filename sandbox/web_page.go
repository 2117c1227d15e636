package sandbox

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed templates
var templateFiles embed.FS

// pages are the templates by file name, each within the layout.
var pages = func() map[string]*template.Template {
	all := map[string]*template.Template{}
	entries, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(err) // embedded: there, or the program was not built
	}
	for _, e := range entries {
		all[e.Name()] = template.Must(template.ParseFS(templateFiles, "templates/layout.html", "templates/"+e.Name()))
	}
	return all
}()

// view is what every page is rendered from. The world is locked while it is rendered.
type view struct {
	Title string
	Me    *account // the signed-in user, or nil
	App   *app     // the one registered last, or nil
	Here  string   // path and query of this page
	Page  any
}

// render draws a page. Forms of the page may lead to the App's addresses and to the targets: Chromium applies
// form-action to the whole chain of redirects that follows.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name, title string, page any, targets ...string) {
	me := s.signedIn(r)
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	var current *app
	for _, a := range s.world.apps {
		current = a
		targets = append(targets, a.callbackURLs...)
		targets = append(targets, a.setupURL)
	}
	var b bytes.Buffer
	err := pages[name].ExecuteTemplate(&b, "layout", view{
		Title: title,
		Me:    me,
		App:   current,
		Here:  r.URL.RequestURI(),
		Page:  page,
	})
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

// notFound is GitHub's response for what doesn't exist and for what the user may not see.
func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusNotFound, "not_found.html", "Not found", nil)
}
