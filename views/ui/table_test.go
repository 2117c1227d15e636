package ui

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"neptun/db"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

// drawn is the table as a browser reads it.
func drawn(t *testing.T, table Table) *goquery.Document {
	t.Helper()
	var page bytes.Buffer
	if err := RepositoryTable(table).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	document, err := goquery.NewDocumentFromReader(&page)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestTopicsNarrowTheList(t *testing.T) {
	t.Parallel()
	for _, filter := range []db.Filter{{}, {Query: "a&b=%00", Language: "C++", Topic: "other"}} {
		for _, topic := range []string{"cli", "c++ & more", "日本"} {
			table := Table{Path: "/imports", List: List{Filter: filter, Sort: db.SortName}, Rows: []TableRow{{Repository: db.Repository{Topics: []string{topic}}}}}
			narrowed := filter
			narrowed.Topic = topic
			link := drawn(t, table).Find("a.topic")
			if got, want := link.AttrOr("href", ""), listURL("/imports", narrowed, db.SortName, 1); got != want || link.Text() != topic {
				t.Errorf("%q leads to %s, want %s", link.Text(), got, want)
			}
		}
	}
}

func TestMarkupEscapesAsTemplatesDo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "plain", `<b class="a">'&amp;'</b>`, "&", "日本 & \x00\xff", strings.Repeat(`">`, 3)} {
		var m markup
		m.text(text)
		if got, want := string(m), templ.EscapeString(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestOptionsShowTextsAsTheyAre(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert('&')</script>`
	var page bytes.Buffer
	if err := Choose("topic", "Topic", []Option{{"", "All (2)"}, {evil, "t" + evil}, {"x", "x"}}, evil).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	document, err := goquery.NewDocumentFromReader(&page)
	if err != nil {
		t.Fatal(err)
	}
	options := document.Find("select[name=topic] > option")
	if options.Length() != 3 || document.Find("script").Length() > 0 {
		t.Fatalf("drawn %s", page.String())
	}
	if chosen := options.Filter("[selected]"); chosen.Length() != 1 || chosen.AttrOr("value", "") != evil || chosen.Text() != "t"+evil {
		t.Errorf("%d options are selected: %q shown as %q", chosen.Length(), chosen.AttrOr("value", ""), chosen.Text())
	}
}

// GitHub's texts are others' texts, wherever they stand in a row.
func TestARowShowsTextsAsTheyAre(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert('&')</script>`
	row := TableRow{
		Repository: db.Repository{
			ID: 7, Name: "n" + evil, Owner: "o" + evil, HTMLURL: "https://example.com/" + evil, Description: "d" + evil, Language: "l" + evil, License: "i" + evil,
			DefaultBranch: "b" + evil, Visibility: "v" + evil, Topics: []string{"t" + evil}, PushedAt: time.Unix(1, 0),
		},
		Imported: true, InstallationID: 3,
	}
	document := drawn(t, Table{Rows: []TableRow{row}, Remove: "/r" + evil, Frame: Frame{Now: time.Unix(100, 0)}})
	if n := document.Find("script").Length(); n > 0 {
		t.Fatalf("%d scripts", n)
	}
	for selector, want := range map[string]string{
		"p.name a": row.Owner + "/" + row.Name, "p.desc": row.Description, "td.lang": " " + row.Language, "td.license": row.License,
		"td.branch": row.DefaultBranch, "p.name .badge": row.Visibility, "a.topic": row.Topics[0], "td.pushed time": "1 minute ago",
	} {
		if got := document.Find(selector).Text(); got != want {
			t.Errorf("%s says %q, want %q", selector, got, want)
		}
	}
	if got := document.Find("button[name=only]").AttrOr("formaction", ""); got != "/r"+evil {
		t.Errorf("the button leads to %q", got)
	}
}
