package handlers_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// The maximum compressed size of pages, in bytes, including the random comment.
const (
	mostOfAPage = 15 << 10
	mostOfAList = 25 << 10
)

// R12 15: pages are compressed, with a comment of random length, unless they show a secret.
func TestR12PagesAreCompressed(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	v := s.LogIn("anna")
	for path, most := range map[string]int{
		"/": mostOfAPage, "/installations": mostOfAList, "/installations/" + v.Record("shop"): mostOfAList, "/imports": mostOfAList,
		"/installations/" + v.Record("shop") + "/settings": mostOfAPage, "/installations/" + v.Record("shop") + "/auto-import": mostOfAPage,
		"/installations/" + v.Record("shop") + "/history": mostOfAPage, "/tokens": mostOfAPage, "/account": mostOfAPage, "/account/sessions": mostOfAPage,
		"/access": mostOfAPage, "/app": mostOfAPage, "/app/installations": mostOfAList, "/app/requests": mostOfAPage, "/app/hook": mostOfAPage,
		"/app/deliveries": mostOfAPage, "/nowhere": mostOfAPage,
	} {
		gzipped := v.GetWith(path, "Accept-Encoding", "gzip")
		if gzipped.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(gzipped.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s isn't compressed: %v", path, gzipped.Header)
			continue
		}
		t.Logf("%s: %d bytes", path, len(gzipped.Body))
		if len(gzipped.Body) > most {
			t.Errorf("%s takes %d bytes, want at most %d", path, len(gzipped.Body), most)
		}
		unpacked, err := gzip.NewReader(strings.NewReader(gzipped.Body))
		handlerstest.Must(t, err)
		if page, err := io.ReadAll(unpacked); err != nil || !bytes.Contains(page, []byte("</html>")) {
			t.Errorf("%s decompresses to something else: %v", path, err)
		}
		if plain := v.GetWith(path, "Accept-Encoding", "identity"); plain.Header.Get("Content-Encoding") != "" || !strings.Contains(plain.Body, "</html>") {
			t.Errorf("%s is compressed for a client that doesn't accept it", path)
		}
	}

	lengths := map[int]bool{}
	for range 20 {
		reader, err := gzip.NewReader(strings.NewReader(v.GetWith("/access", "Accept-Encoding", "gzip").Body))
		handlerstest.Must(t, err)
		lengths[len(reader.Comment)] = true
		if len(reader.Comment) > 255 {
			t.Errorf("a comment of %d bytes", len(reader.Comment))
		}
	}
	if len(lengths) < 8 {
		t.Errorf("20 responses have %d lengths of their comment", len(lengths))
	}

	form := url.Values{"name": {"ci"}, "scope": {"read"}, "expires": {"30"}, "access": {"all"}}.Encode()
	created := v.Do(http.MethodPost, "/tokens", "application/x-www-form-urlencoded", form, http.Header{"Accept-Encoding": {"gzip"}})
	if created.Header.Get("Content-Encoding") != "" || !strings.Contains(created.Body, "neptun_") {
		t.Errorf("the page with the token: %d %v", created.StatusCode, created.Header)
	}
	if events := s.Visit().GetWith("/events", "Accept-Encoding", "gzip"); events.Header.Get("Content-Encoding") == "gzip" && events.StatusCode == http.StatusOK {
		t.Error("a stream is compressed")
	}
}
