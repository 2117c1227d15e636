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

	"github.com/andybalholm/brotli"
)

// htmxSum is the sha256 of dist/htmx.min.js in htmx.org 4.0.1 on npm.
const htmxSum = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"

func TestHtmxIsNpmsByteForByte(t *testing.T) {
	vendored, err := files.ReadFile("vendor/htmx.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(vendored); hex.EncodeToString(sum[:]) != htmxSum {
		t.Errorf("htmx.min.js has sha256 %x", sum)
	}
	modules := os.Getenv("NEPTUN_TEST_NODE_MODULES")
	if modules == "" {
		return
	}
	published, err := os.ReadFile(filepath.Join(modules, "htmx.org", "dist", "htmx.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(vendored, published) {
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

// Each coding has its own ETag, and the same content.
func TestCodingsCarryTheSameBytes(t *testing.T) {
	plain := get(t, "GET", URL("app.css"))
	want, _ := io.ReadAll(plain.Body)
	tags := map[string]bool{plain.Header.Get("ETag"): true}
	for accept, coding := range map[string]string{"gzip, deflate": "gzip", "gzip, br;q=0": "gzip", "gzip, deflate, br, zstd": "br", "br;q=0.5, gzip": "br"} {
		got := get(t, "GET", URL("app.css"), "Accept-Encoding", accept)
		if got.Header.Get("Content-Encoding") != coding || got.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", accept, got.Header)
			continue
		}
		encoded, _ := io.ReadAll(got.Body)
		if len(encoded) > len(want)/3 {
			t.Errorf("%s: %d of %d bytes", accept, len(encoded), len(want))
		}
		var body io.Reader = brotli.NewReader(bytes.NewReader(encoded))
		if coding == "gzip" {
			var err error
			if body, err = gzip.NewReader(bytes.NewReader(encoded)); err != nil {
				t.Fatal(err)
			}
		}
		if unpacked, err := io.ReadAll(body); err != nil || !bytes.Equal(unpacked, want) {
			t.Errorf("%s: the bytes unpack to others: %v", accept, err)
		}
		tags[got.Header.Get("ETag")] = true
		again := get(t, "GET", URL("app.css"), "Accept-Encoding", accept, "If-None-Match", "W/"+got.Header.Get("ETag"))
		if again.StatusCode != 304 || again.Header.Get("Content-Encoding") != "" || again.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: a fresh copy got %d %v", accept, again.StatusCode, again.Header)
		}
		if other := get(t, "GET", URL("app.css"), "Accept-Encoding", accept, "If-None-Match", plain.Header.Get("ETag")); other.StatusCode != 200 {
			t.Errorf("%s: the plain copy's ETag got %d", accept, other.StatusCode)
		}
	}
	if len(tags) != 3 {
		t.Errorf("the ETags are %v, want three", tags)
	}
	for _, refused := range []string{"gzip;q=0, br;q=0", "identity", ""} {
		if got := get(t, "GET", URL("app.css"), "Accept-Encoding", refused); got.Header.Get("Content-Encoding") != "" {
			t.Errorf("%q was sent %s", refused, got.Header.Get("Content-Encoding"))
		}
	}
	if got := get(t, "GET", URL("touch-icon.png"), "Accept-Encoding", "br, gzip"); got.Header.Get("Content-Encoding") != "" {
		t.Error("a PNG was compressed")
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
