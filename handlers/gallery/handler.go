package gallery

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Path is where the gallery is served.
const Path = "/gallery"

// Handler serves an index of the states at Path, and each below it. At Path?state=…&width=…
// a state is in a frame of that width.
func Handler(now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, func(w http.ResponseWriter, r *http.Request) {
		states := States(now())
		page := indexPage{frame: gallery{now()}.stranger("Gallery"), states: states}
		if width, err := strconv.Atoi(r.FormValue("width")); err == nil && slices.Contains(widths, width) {
			page.width = width
			if name := r.FormValue("state"); slices.ContainsFunc(states, func(s State) bool { return s.Name == name }) {
				page.state = name
			}
		}
		serve(w, r, index(page))
	})
	for i, state := range States(now()) {
		mux.HandleFunc("GET "+Path+"/"+state.Name, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("HX-Request") != "" {
				w.WriteHeader(http.StatusNoContent) // a region with live updates
				return
			}
			serve(w, r, States(now())[i].Component)
		})
	}
	return mux
}

// serve writes a page that only the gallery itself may show in a frame.
func serve(w http.ResponseWriter, r *http.Request, page templ.Component) {
	h := w.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "frame-ancestors 'none'", "frame-src 'self'; frame-ancestors 'self'", 1))
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Cache-Control", "no-store")
	templ.Handler(page).ServeHTTP(w, r)
}
