// Package static has the files of pages: style sheet, icons, htmx and a few scripts. They are
// served under names with a hash of their content, so that browsers can cache them forever.
package static

import (
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"neptun/static/coding"
)

//go:embed css/*.css vendor *.js *.svg *.png *.webmanifest
var files embed.FS

// Prefix is the path that Handler must be mounted at.
const Prefix = "/static/"

type asset struct {
	*coding.File
	url string
}

// byName finds an asset by its name, byURL by its URL.
var byName, byURL = load(files)

// URL is the URL of an asset, such as "app.css" or "vendor/htmx.min.js". It panics for an
// unknown name, since names are only written in our own views.
func URL(name string) string {
	a, ok := byName[name]
	if !ok {
		panic("static: no asset " + name)
	}
	return a.url
}

// Handler serves the assets under Prefix, and 404 for other paths.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	a, ok := byURL[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	a.ServeHTTP(w, r)
}

// load reads the embedded files. The style sheets in css/ become one asset, app.css, in the
// order of their names.
func load(files fs.FS) (byName, byURL map[string]*asset) {
	contents := map[string][]byte{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if path.Dir(name) == "css" {
			name = "app.css"
		}
		contents[name] = append(contents[name], body...)
		return err
	})
	if err != nil {
		panic("static: " + err.Error()) // the files are embedded
	}
	byName, byURL = map[string]*asset{}, map[string]*asset{}
	for name, body := range contents {
		a := newAsset(name, body)
		byName[name], byURL[a.url] = a, a
	}
	return byName, byURL
}

func newAsset(name string, body []byte) *asset {
	ext := path.Ext(name)
	file := coding.NewFile(contentType(ext), body)
	return &asset{File: file, url: Prefix + strings.TrimSuffix(name, ext) + "-" + file.Hash() + ext}
}

// contentType doesn't use the system's table for our types, since it differs between machines.
func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}
