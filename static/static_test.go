package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// htmxSum is the sha256 of dist/htmx.min.js in htmx.org 4.0.1 on npm.
const htmxSum = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"

func TestHtmxIsNpmsByteForByte(t *testing.T) {
	ours, err := files.ReadFile("vendor/htmx.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(ours); hex.EncodeToString(sum[:]) != htmxSum {
		t.Errorf("htmx.min.js has sha256 %x", sum)
	}
	modules := os.Getenv("NEPTUN_TEST_NODE_MODULES")
	if modules == "" {
		return
	}
	theirs, err := os.ReadFile(filepath.Join(modules, "htmx.org", "dist", "htmx.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(ours, theirs) {
		t.Error("htmx.min.js differs from the one npm installed")
	}
}

func get(t *testing.T, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestAssets(t *testing.T) {
	for name, contentType := range map[string]string{
		"app.css":                 "text/css; charset=utf-8",
		"app.js":                  "text/javascript; charset=utf-8",
		"live.js":                 "text/javascript; charset=utf-8",
		"vendor/htmx.min.js":      "text/javascript; charset=utf-8",
		"vendor/htmx.LICENSE.txt": "text/plain; charset=utf-8",
		"favicon.svg":             "image/svg+xml",
	} {
		plain := get(t, "GET", URL(name))
		body, _ := io.ReadAll(plain.Body)
		if plain.StatusCode != 200 || plain.Header.Get("Content-Type") != contentType || plain.Header.Get("Content-Encoding") != "" || len(body) == 0 {
			t.Errorf("%s: %d %v, %d bytes", name, plain.StatusCode, plain.Header, len(body))
		}
		if got := plain.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		if got := get(t, "GET", URL(name), "If-None-Match", plain.Header.Get("ETag")); got.StatusCode != 304 {
			t.Errorf("%s: a fresh copy got %d", name, got.StatusCode)
		}
		if got := get(t, "HEAD", URL(name)); got.StatusCode != 200 || got.ContentLength > 0 && got.ContentLength != int64(len(body)) {
			t.Errorf("%s: HEAD %d", name, got.StatusCode)
		}
	}
}

func TestGzipCarriesTheSameBytes(t *testing.T) {
	plain, _ := io.ReadAll(get(t, "GET", URL("vendor/htmx.min.js")).Body)
	zipped := get(t, "GET", URL("vendor/htmx.min.js"), "Accept-Encoding", "br, gzip")
	if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("not compressed: %v", zipped.Header)
	}
	r, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
		t.Error("the compressed bytes unpack to others")
	}
	if got := get(t, "GET", URL("vendor/htmx.min.js"), "Accept-Encoding", "gzip;q=0"); got.Header.Get("Content-Encoding") != "" {
		t.Error("gzip was refused, and sent")
	}
}

func TestNothingElseIsServed(t *testing.T) {
	for _, path := range []string{"/static/", "/static/app.css", "/static/vendor/", "/static/../static.go", "/static/css/10-base.css", "/static/app-0000000000000000.css"} {
		if got := get(t, "GET", path); got.StatusCode != 404 || got.Header.Get("Cache-Control") != "" {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	if got := get(t, "POST", URL("app.css")); got.StatusCode != 405 || got.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", got.StatusCode)
	}
}
