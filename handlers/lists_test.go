package handlers_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"

	"github.com/PuerkitoBio/goquery"
)

// list requests a list and returns one field of each row.
func (h *instance) list(q benchRequest, field string) []string {
	h.b.Helper()
	response := h.send(q)
	if response.Code != http.StatusOK {
		h.b.Fatalf("%s: %d %s", q.path, response.Code, response.Body)
	}
	var list []map[string]any
	if err := json.Unmarshal(response.Body.Bytes(), &list); err != nil {
		h.b.Fatalf("%s: %v in %.200s", q.path, err, response.Body)
	}
	values := make([]string, len(list))
	for i, row := range list {
		values[i] = fmt.Sprint(row[field])
	}
	return values
}

func reversed(values []string) []string {
	values = slices.Clone(values)
	slices.Reverse(values)
	return values
}

// Each list of imports and repositories takes the same parameters as its page.
func TestListsAreSearchedSortedAndPaged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		h := openInstance(t, databaseURL)
		r := h.addUser(2, 30)
		r.importAll()
		record := fmt.Sprintf("/api/users/me/installations/%d", r.installation.ID)
		for _, list := range []struct{ path, prefix string }{
			{record + "/imports", "repository_"}, {"/api/users/me/imports", "repository_"}, {record + "/repositories", ""},
		} {
			get := func(query, field string) []string { return h.list(r.get(list.path+query), list.prefix+field) }
			all := get("", "name")
			if len(all) != 30 {
				t.Fatalf("%s: %d rows", list.path, len(all))
			}
			for query, want := range map[string]func(row map[string]any) bool{
				"?q=quarterly": func(row map[string]any) bool {
					return strings.Contains(row[list.prefix+"description"].(string), "quarterly")
				},
				"?language=Go":                func(row map[string]any) bool { return row[list.prefix+"language"] == "Go" },
				"?visibility=public":          func(row map[string]any) bool { return row[list.prefix+"visibility"] == "public" },
				"?archived=true":              func(row map[string]any) bool { return row[list.prefix+"is_archived"] == true },
				"?fork=false&archived=":       func(row map[string]any) bool { return row[list.prefix+"is_fork"] == false },
				"?topic=platform":             func(map[string]any) bool { return true },
				"?topic=plat":                 func(map[string]any) bool { return false },
				"?_stars=7&_utm_source=there": func(map[string]any) bool { return true }, // parameters that begin with _ are ignored
			} {
				var rows []map[string]any
				handlerstest.Must(t, json.Unmarshal(h.send(r.get(list.path)).Body.Bytes(), &rows))
				var expected []string
				for _, row := range rows {
					if want(row) {
						expected = append(expected, row[list.prefix+"name"].(string))
					}
				}
				if got := get(query, "name"); !slices.Equal(got, expected) {
					t.Errorf("%s%s: %v, want %v", list.path, query, got, expected)
				}
			}
			for _, sort := range []string{"name", "pushed_at", "size_kb"} {
				up, down := get("?sort="+sort, "id"), get("?sort=-"+sort, "id")
				if len(up) != 30 || !slices.Equal(up, reversed(down)) {
					t.Errorf("%s by %s: %v, in reverse %v", list.path, sort, up, down)
				}
			}
			first := h.send(r.get(list.path + "?per_page=20&sort=name&q=the"))
			second := h.send(r.get(list.path + "?page=2&per_page=20&sort=name&q=the"))
			if got := first.Header().Get("Link"); !strings.Contains(got, list.path) || !strings.Contains(got, `page=2&per_page=20&q=the&sort=name>; rel="next"`) ||
				first.Header().Get("X-Total-Count") != "30" || !strings.Contains(second.Header().Get("Link"), `rel="prev"`) {
				t.Errorf("%s: Link %q, then %v", list.path, got, second.Header())
			}
			if got := append(get("?per_page=20", "id"), get("?per_page=20&page=2", "id")...); !slices.Equal(got, get("?per_page=30", "id")) {
				t.Errorf("%s: its pages have %v", list.path, got)
			}
			// By full name, in any case: exactly that one.
			name := r.page[0].Account.Login + "/" + all[3]
			if got := get("?repository="+url.QueryEscape(strings.ToUpper(name)), "name"); len(got) != 1 || got[0] != all[3] {
				t.Errorf("%s of %s: %v", list.path, name, got)
			}
			for _, missing := range []string{"nobody/" + all[3], r.page[0].Account.Login + "/nothing", r.page[1].Account.Login + "/" + all[3]} {
				if response := h.send(r.get(list.path + "?repository=" + missing)); strings.TrimSpace(response.Body.String()) != "[]" {
					t.Errorf("%s of %s: %s", list.path, missing, response.Body)
				}
			}
			for _, query := range []string{"?repository=name", "?repository=a/b/c", "?sort=stars", "?per_page=0", "?page=x", "?archived=maybe", "?q=%zz", "?q=a;b", "?per_page=1&q=%"} {
				if response := h.send(r.get(list.path + query)); response.Code != http.StatusUnprocessableEntity {
					t.Errorf("%s%s: %d", list.path, query, response.Code)
				}
			}
		}
		// Without paging parameters a request gets all rows, ordered by id.
		for _, path := range []string{record + "/imports", "/api/users/me/imports"} {
			if response := h.send(r.get(path)); response.Header().Get("Link") != "" || response.Header().Get("X-Total-Count") != "" {
				t.Errorf("%s is paged by default: %v", path, response.Header())
			}
			if up := h.list(r.get(path), "id"); !slices.Equal(up, h.list(r.get(path+"?sort=id"), "id")) || !slices.Equal(up, reversed(h.list(r.get(path+"?sort=-id"), "id"))) {
				t.Errorf("%s isn't ordered by id: %v", path, up)
			}
		}
	})
}

func TestInstallationsAreFilteredByAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		h := openInstance(t, databaseURL)
		r := h.addUser(12, 1)
		held := r.page[4]
		held.SuspendedAt = handlerstest.Day
		handlerstest.Must(t, h.db.PutInstallation(t.Context(), held))
		const list = "/api/users/me/installations"
		get := func(query string) []string { return h.list(r.get(list+query), "github_account_login") }
		ids := get("")
		for query, want := range map[string][]string{
			"?sort=id":                      ids,
			"?sort=-id":                     reversed(ids),
			"?sort=account":                 slices.Sorted(slices.Values(ids)),
			"?sort=-account":                reversed(slices.Sorted(slices.Values(ids))),
			"?account=ORGANIZATION-3":       {"organization-3"},
			"?account=organization":         {},
			"?account=organization-3&q=7":   {},
			"?q=ION-1&sort=account":         {"organization-1", "organization-10", "organization-11", "organization-12"},
			"?q=%25":                        {},
			"?suspended=true":               {held.Account.Login},
			"?suspended=false&per_page=100": slices.DeleteFunc(slices.Clone(ids), func(login string) bool { return login == held.Account.Login }),
			"?_=1718000000":                 ids,
			"?page=2&per_page=5":            ids[5:10],
		} {
			if got := get(query); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		paged := h.send(r.get(list + "?q=ion-1&per_page=3"))
		if paged.Header().Get("X-Total-Count") != "4" || !strings.Contains(paged.Header().Get("Link"), `page=2&per_page=3&q=ion-1>; rel="next"`) {
			t.Errorf("a page of a search: %v", paged.Header())
		}
		for _, query := range []string{"?sort=name", "?suspended=maybe", "?per_page=101", "?q=%ff"} {
			if response := h.send(r.get(list + query)); response.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", query, response.Code)
			}
		}
	})
}

// The formats have the same content, and caches can distinguish them.
func TestListsAsTablesAndLines(t *testing.T) {
	h := openInstance(t, dbtest.SQLite(t))
	r := h.newUser(1)
	r.sync(3)
	r.importAll()
	record := fmt.Sprintf("/api/users/me/installations/%d", r.installation.ID)
	for _, list := range []struct{ path, name string }{
		{"/api/users/me/installations", "installations"},
		{record + "/imports", "imports"},
		{"/api/users/me/imports", "imports"},
		{record + "/repositories", "repositories"},
	} {
		var rows []map[string]any
		plain := h.send(r.get(list.path))
		handlerstest.Must(t, json.Unmarshal(plain.Body.Bytes(), &rows))

		tags := map[string]string{}
		for suffix, accept := range map[string]string{".csv": "text/csv", ".ndjson": "application/x-ndjson", ".json": "application/json"} {
			for _, q := range []benchRequest{r.get(list.path + suffix), r.get(list.path).with("Accept", accept)} {
				response := h.send(q)
				kind, _, _ := strings.Cut(response.Header().Get("Content-Type"), ";")
				if response.Code != http.StatusOK || kind != accept {
					t.Fatalf("%s: %d %s", q.path, response.Code, response.Header())
				}
				disposition := ""
				if q.path != list.path {
					disposition = `attachment; filename="` + list.name + suffix + `"`
				}
				if got := response.Header().Get("Content-Disposition"); got != disposition {
					t.Errorf("%s: Content-Disposition %q", q.path, got)
				}
				if !strings.Contains(response.Header().Get("Vary"), "Accept,") {
					t.Errorf("%s: Vary %q", q.path, response.Header().Get("Vary"))
				}
				tags[response.Header().Get("ETag")] += q.path + accept
				if again := h.send(q.with("If-None-Match", response.Header().Get("ETag"))); again.Code != http.StatusNotModified {
					t.Errorf("%s repeated request: %d", q.path, again.Code)
				}
				if got := decoded(t, suffix, response); !slices.EqualFunc(got, rows, sameRow(suffix)) {
					t.Errorf("%s has %v, the list %v", q.path, got, rows)
				}
			}
		}
		if len(tags) != 6 {
			t.Errorf("%s: representations share a strong ETag: %v", list.path, slices.Sorted(maps.Values(tags)))
		}
		for _, q := range []benchRequest{r.get(list.path + ".xml"), r.get(list.path).with("Accept", "text/html;q=0.9, image/*")} {
			want := http.StatusNotFound
			if q.path == list.path {
				want = http.StatusNotAcceptable
			}
			if response := h.send(q); response.Code != want || !strings.Contains(response.Body.String(), fmt.Sprintf(`"statusCode":%d`, want)) {
				t.Errorf("%s: %d %s", q.path, response.Code, response.Body)
			}
		}
		if nobody := h.send(benchRequest{list.path + ".csv", http.Header{}}); nobody.Code != http.StatusUnauthorized || !strings.Contains(nobody.Body.String(), `"statusCode":401`) {
			t.Errorf("%s without a credential: %d %s", list.path, nobody.Code, nobody.Body)
		}
	}
}

func decoded(t *testing.T, suffix string, response *httptest.ResponseRecorder) (rows []map[string]any) {
	t.Helper()
	switch suffix {
	case ".json":
		handlerstest.Must(t, json.Unmarshal(response.Body.Bytes(), &rows))
	case ".ndjson":
		for line := range strings.Lines(response.Body.String()) {
			var row map[string]any
			handlerstest.Must(t, json.Unmarshal([]byte(line), &row))
			rows = append(rows, row)
		}
	default:
		if !strings.HasSuffix(response.Body.String(), "\r\n") {
			t.Errorf("the table's lines end in %q", response.Body.String()[response.Body.Len()-2:])
		}
		table, err := csv.NewReader(response.Body).ReadAll()
		handlerstest.Must(t, err)
		for _, cells := range table[1:] {
			row := map[string]any{}
			for i, name := range table[0] {
				row[name] = cells[i]
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// sameRow compares a row with that of the list in JSON, as far as cells can express it.
func sameRow(suffix string) func(got, want map[string]any) bool {
	text := func(value any) string {
		switch v := value.(type) {
		case nil:
			return ""
		case float64:
			return fmt.Sprintf("%.0f", v)
		case []any:
			words := make([]string, len(v))
			for i := range v {
				words[i] = fmt.Sprint(v[i])
			}
			return strings.Join(words, " ")
		}
		return fmt.Sprint(value)
	}
	return func(got, want map[string]any) bool {
		return maps.EqualFunc(got, want, func(a, b any) bool {
			return text(a) == text(b) && (suffix == ".csv" || fmt.Sprintf("%T", a) == fmt.Sprintf("%T", b))
		})
	}
}

// Files have all rows. JSON is paged where the contract requires it.
func TestFilesHaveAllRows(t *testing.T) {
	h := openInstance(t, dbtest.SQLite(t))
	r := h.addUser(1, 130)
	path := fmt.Sprintf("/api/users/me/installations/%d/repositories", r.installation.ID)
	for query, want := range map[string]int{"": 100, ".json": 130, ".json?per_page=7": 7, ".json?q=quarterly": len(h.list(r.get(path+"?q=quarterly"), "id"))} {
		if got := h.list(r.get(path+query), "id"); len(got) != want {
			t.Errorf("%s: %d rows, want %d", query, len(got), want)
		}
	}
	if lines := strings.Count(h.send(r.get(path).with("Accept", "application/x-ndjson")).Body.String(), "\n"); lines != 130 {
		t.Errorf("%d lines", lines)
	}
}

// Pages link to their list as a file, which a browser gets with its session.
func TestPagesExportWhatTheyShow(t *testing.T) {
	h := openInstance(t, dbtest.SQLite(t))
	r := h.addUser(12, 60)
	r.importAll()
	installation := fmt.Sprintf("/installations/%d", r.installation.ID)
	for _, page := range []string{
		installation + "?q=quarterly&sort=-size_kb", installation, "/imports?language=Go&archived=false", "/imports", "/installations?q=ion-1", "/installations",
	} {
		document, err := goquery.NewDocumentFromReader(h.send(r.get(page)).Body)
		handlerstest.Must(t, err)
		links := document.Find(".exports a")
		if links.Length() != 3 {
			t.Fatalf("%s has %d exports", page, links.Length())
		}
		links.Each(func(_ int, link *goquery.Selection) {
			to, _ := link.Attr("href")
			response := h.send(r.get(to))
			if response.Code != http.StatusOK || !strings.HasPrefix(response.Header().Get("Content-Disposition"), "attachment") {
				t.Errorf("%s links to %s: %d %v", page, to, response.Code, response.Header())
			}
		})
		to, _ := links.Last().Attr("href")
		var want []string
		document.Find(".rows .name a, #installations h2 a").Each(func(_ int, name *goquery.Selection) {
			full := strings.TrimSpace(name.Text()) // owner/name, or the name alone
			want = append(want, full[strings.LastIndex(full, "/")+1:])
		})
		field := "name"
		switch {
		case strings.Contains(to, "imports"):
			field = "repository_name"
		case strings.Contains(to, "installations.json"):
			field = "github_account_login"
		}
		got := h.list(r.get(to), field)
		if len(want) == 0 || len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("%s shows %v, its file %v", page, want, got)
		}
	}
}

func TestManyInstallationsCanBeSearched(t *testing.T) {
	h := openInstance(t, dbtest.SQLite(t))
	few, many := h.addUser(3, 1), h.addUser(60, 1)
	page := func(r *benchUser, query string) *goquery.Document {
		document, err := goquery.NewDocumentFromReader(h.send(r.get("/installations" + query)).Body)
		handlerstest.Must(t, err)
		return document
	}
	if page(few, "").Find("form.filter").Length() > 0 {
		t.Error("three installations have a search field")
	}
	if page(many, "").Find("form.filter").Length() != 1 {
		t.Fatal("sixty installations have no search field")
	}
	found := page(many, "?q=ON-1&sort=-account")
	var logins []string
	found.Find("#installations h2 a").Each(func(_ int, link *goquery.Selection) { logins = append(logins, link.Text()) })
	if len(logins) != 10 || logins[0] != "organization-19" || logins[9] != "organization-10" {
		t.Errorf("the search finds %v", logins)
	}
	if value, _ := found.Find("#q").Attr("value"); value != "ON-1" {
		t.Errorf("the search field has %q", value)
	}
	if none := page(many, "?q=atlantis").Find("#installations").Text(); !strings.Contains(none, "No accounts match") {
		t.Errorf("a search without matches shows %q", none)
	}
	if next, _ := page(many, "?sort=-account").Find("#page-Next").Attr("href"); !strings.Contains(next, "sort=-account") {
		t.Errorf("the next page is %q", next)
	}
}
