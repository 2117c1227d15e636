package views_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"neptun/handlers/gallery"
)

var now = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

func draw(t *testing.T, c templ.Component, fragments ...any) string {
	t.Helper()
	var buf bytes.Buffer
	err := c.Render(context.Background(), &buf)
	if len(fragments) > 0 {
		buf.Reset()
		err = templ.RenderFragments(context.Background(), &buf, c, fragments...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func parse(t *testing.T, html string) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// state draws one state of the gallery.
func state(t *testing.T, name string) *goquery.Document {
	t.Helper()
	return parse(t, draw(t, component(t, name)))
}

func component(t *testing.T, name string) templ.Component {
	t.Helper()
	for _, s := range gallery.States(now) {
		if s.Name == name {
			return s.Component
		}
	}
	t.Fatalf("no state %q in the gallery", name)
	return nil
}

var onHandler = regexp.MustCompile(`^(on|hx-on|style$)`)

func TestGallery(t *testing.T) {
	again := gallery.States(now)
	names := map[string]bool{}
	for i, s := range gallery.States(now) {
		t.Run(s.Name, func(t *testing.T) {
			if names[s.Name] {
				t.Error("the name is taken")
			}
			names[s.Name] = true
			html := draw(t, s.Component)
			if html != draw(t, s.Component) || html != draw(t, again[i].Component) {
				t.Error("the same values were rendered differently")
			}
			doc := parse(t, html)
			checkOutline(t, doc)
			checkControls(t, doc)
			checkPolicy(t, doc)
		})
	}
}

func checkOutline(t *testing.T, doc *goquery.Document) {
	if n := doc.Find("h1").Length(); n != 1 {
		t.Errorf("%d h1, want 1", n)
	}
	if n := doc.Find("main").Length(); n != 1 {
		t.Errorf("%d main, want 1", n)
	}
	if doc.Find("title").Text() == "" || doc.Find("html").AttrOr("lang", "") == "" {
		t.Error("no title or no language")
	}
	if target := doc.Find("a").First().AttrOr("href", ""); target != "#main" {
		t.Errorf("the first link is %q, want the skip link", target)
	}
	seen := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if seen[id] || id == "" {
			t.Errorf("id %q is a duplicate, or empty", id)
		}
		seen[id] = true
	})
	doc.Find("[aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("aria-labelledby", ""); !seen[id] {
			t.Errorf("labelled by %q, which doesn't exist", id)
		}
	})
	doc.Find("table, dl, ul, ol").Each(func(_ int, s *goquery.Selection) {
		if s.Children().Length() == 0 {
			t.Errorf("an empty %s", goquery.NodeName(s))
		}
	})
}

func checkControls(t *testing.T, doc *goquery.Document) {
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		named := s.AttrOr("aria-label", "") + s.AttrOr("aria-labelledby", "") + strings.TrimSpace(s.Closest("label").Text())
		if id, ok := s.Attr("id"); ok {
			named += doc.Find(`label[for="` + id + `"]`).Text()
		}
		if named == "" {
			t.Errorf("no label: %s", outer(t, s))
		}
	})
	doc.Find("a, button, summary").Each(func(_ int, s *goquery.Selection) {
		if strings.TrimSpace(s.Text()) == "" {
			t.Errorf("no name: %s", outer(t, s))
		}
	})
	doc.Find("img").Each(func(_ int, s *goquery.Selection) {
		if _, ok := s.Attr("alt"); !ok {
			t.Errorf("no alt: %s", outer(t, s))
		}
	})
	doc.Find("form").Each(func(_ int, s *goquery.Selection) {
		if s.Find("button").Length() == 0 {
			t.Errorf("a form that can't be sent without a script: %s", outer(t, s))
		}
	})
	doc.Find("[hx-get]").Each(func(_ int, s *goquery.Selection) {
		if !strings.Contains(s.Find("noscript").Text(), "<a ") {
			t.Errorf("#%s moves by itself, but not without a script", s.AttrOr("id", ""))
		}
	})
}

func checkPolicy(t *testing.T, doc *goquery.Document) {
	doc.Find("style").Each(func(int, *goquery.Selection) { t.Error("an inline style sheet") })
	doc.Find("script").Each(func(_ int, s *goquery.Selection) {
		if !strings.HasPrefix(s.AttrOr("src", ""), "/static/") {
			t.Errorf("not our script: %s", outer(t, s))
		}
	})
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			if onHandler.MatchString(a.Key) {
				t.Errorf("attribute %s: %s", a.Key, outer(t, s))
			}
			if strings.Contains(strings.ToLower(a.Val), "javascript:") || strings.Contains(a.Val, "about:invalid") {
				t.Errorf("a link to avoid: %s", outer(t, s))
			}
		}
	})
}

func outer(t *testing.T, s *goquery.Selection) string {
	html, err := goquery.OuterHtml(s)
	if err != nil {
		t.Fatal(err)
	}
	return html
}

// Every 50 rows, at their usual and at their worst.
func TestPageOfFiftyStaysSmall(t *testing.T) {
	for _, name := range []string{"installation", "installation-filtered", "installation-demo-notices", "imports"} {
		html := draw(t, component(t, name))
		if rows := parse(t, html).Find(".rows > tr").Length(); rows != 50 {
			t.Errorf("%s has %d rows", name, rows)
		}
		var zipped bytes.Buffer
		zip := gzip.NewWriter(&zipped)
		_, _ = zip.Write([]byte(html))
		_ = zip.Close()
		t.Logf("%s: %d bytes, %d compressed", name, len(html), zipped.Len())
		if len(html) >= 72_000 || zipped.Len() >= 12_000 {
			t.Errorf("%s takes %d bytes, %d compressed; want less than 72,000 and 12,000", name, len(html), zipped.Len())
		}
	}
}
