package gallery

import (
	"bytes"
	"html"
	"net/http"
	"strings"
	"time"
)

// Path is where the gallery is served.
const Path = "/gallery"

// Handler serves an index of the states at Path, and each below it.
func Handler(now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	states := States(now())
	mux.HandleFunc("GET "+Path, func(w http.ResponseWriter, _ *http.Request) { writeHTML(w, index(states)) })
	for i, state := range states {
		mux.HandleFunc("GET "+Path+"/"+state.Name, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("HX-Request") != "" {
				w.WriteHeader(http.StatusNoContent) // a region with live updates
				return
			}
			var page bytes.Buffer
			if err := States(now())[i].Component.Render(r.Context(), &page); err != nil {
				http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
				return
			}
			writeHTML(w, page.String())
		})
	}
	return mux
}

// index links to every state.
func index(states []State) string {
	var page strings.Builder
	page.WriteString("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Gallery</title></head><body><h1>Gallery</h1><ul>")
	for _, state := range states {
		name := html.EscapeString(state.Name)
		page.WriteString("<li><a href=\"" + Path + "/" + name + "\">" + name + "</a></li>")
	}
	page.WriteString("</ul></body></html>")
	return page.String()
}

func writeHTML(w http.ResponseWriter, page string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(page))
}
