package db_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/db"
)

// orders are those of a list of repositories, with what must not decrease.
var orders = map[db.Sort]func(a, b db.Repository) int{
	db.SortName:       func(a, b db.Repository) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) },
	db.SortNameDesc:   func(a, b db.Repository) int { return strings.Compare(strings.ToLower(b.Name), strings.ToLower(a.Name)) },
	db.SortPushed:     func(a, b db.Repository) int { return a.PushedAt.Compare(b.PushedAt) },
	db.SortPushedDesc: func(a, b db.Repository) int { return b.PushedAt.Compare(a.PushedAt) },
	db.SortSize:       func(a, b db.Repository) int { return int(a.SizeKB - b.SizeKB) },
	db.SortSizeDesc:   func(a, b db.Repository) int { return int(b.SizeKB - a.SizeKB) },
}

func TestPagesNeitherRepeatNorSkip(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		page := repos(1, 153, acme)
		for i := range page {
			page[i].Name = []string{"same", "Same", "other", "zed"}[i%4]
			if i%9 == 0 {
				page[i].PushedAt = time.Time{}
			}
		}
		rand.Shuffle(len(page), func(i, j int) { page[i], page[j] = page[j], page[i] })
		p, through := w.member(1, "ada", acme, page...)
		w.importRepositories(through, 3, 150, 77, 4, 9, 10, 120)

		for sort, compare := range orders {
			var list []db.Repository
			for offset := 0; ; offset += 20 {
				part := got(w.ListAvailable(ctx, through, db.Filter{}, sort, db.Page{Limit: 20, Offset: offset}))(t)
				if len(part) == 0 {
					break
				}
				for _, item := range part {
					list = append(list, item.Repository)
				}
			}
			tie := 1
			if strings.HasPrefix(string(sort), "-") {
				tie = -1
			}
			if !slices.IsSortedFunc(list, func(a, b db.Repository) int {
				if c := compare(a, b); c != 0 {
					return c
				}
				return tie * int(a.ID-b.ID)
			}) {
				t.Errorf("by %s the list is out of order", sort)
			}
			ids := map[int64]bool{}
			for _, r := range list {
				ids[r.ID] = true
			}
			if len(list) != 153 || len(ids) != 153 {
				t.Errorf("by %s %d rows of %d repositories", sort, len(list), len(ids))
			}
		}

		imported := []db.Sort{db.SortID, db.SortIDDesc}
		for sort := range orders {
			imported = append(imported, sort)
		}
		for _, sort := range imported {
			whole := got(w.ListInstallationImports(ctx, through, db.Filter{}, sort, db.Page{}))(t)
			if everywhere := got(w.ListImports(ctx, p.ID, db.Filter{}, sort, db.Page{}))(t); !reflect.DeepEqual(whole, everywhere) {
				t.Errorf("by %s, through the record: %v, everywhere: %v", sort, whole, everywhere)
			}
			var paged []db.Import
			for offset := 0; offset < 9; offset += 3 {
				paged = append(paged, got(w.ListInstallationImports(ctx, through, db.Filter{}, sort, db.Page{Limit: 3, Offset: offset}))(t)...)
			}
			if len(whole) != 7 || !reflect.DeepEqual(whole, paged) {
				t.Errorf("by %s, whole: %v, in pages: %v", sort, whole, paged)
			}
			if compare, listed := orders[sort]; listed && !slices.IsSortedFunc(whole, func(a, b db.Import) int { return compare(a.Repository, b.Repository) }) {
				t.Errorf("imports by %s are out of order", sort)
			}
			if sort == db.SortID && !slices.IsSortedFunc(whole, func(a, b db.Import) int { return int(a.ID - b.ID) }) {
				t.Error("imports by id are out of order")
			}
		}

		if beyond := got(w.ListAvailable(ctx, through, db.Filter{}, db.SortName, db.Page{Limit: 50, Offset: 5000}))(t); beyond == nil || len(beyond) > 0 {
			t.Errorf("beyond the end: %v", beyond)
		}
		for _, sort := range []db.Sort{"", "name; DROP TABLE users", "stars"} {
			if _, err := w.ListAvailable(ctx, through, db.Filter{}, sort, db.Page{}); err == nil {
				t.Errorf("accepted the order %q", sort)
			}
			if _, err := w.ListImports(ctx, p.ID, db.Filter{}, sort, db.Page{}); err == nil {
				t.Errorf("accepted the order %q for imports", sort)
			}
		}
	})
}

func TestFiltersNarrowAloneAndTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		page := repos(1, 96, acme)
		for i := range page {
			r := &page[i]
			r.Visibility = []string{"public", "private", "internal"}[i%3]
			r.IsPrivate = r.Visibility != "public"
			r.Language = []string{"Go", "", "C++", "Go"}[i%4]
			r.IsArchived = i%5 == 0
			r.IsFork = i%7 == 0
			if i%2 == 0 {
				r.Topics = []string{"cli", "web"}
			}
		}
		p, through := w.member(1, "ada", acme, page...)
		for i := 0; i < len(page); i += 6 {
			w.importRepositories(through, page[i].ID)
		}
		through = w.reload(through)

		choices := []db.Choice{db.Any, db.Yes, db.No}
		tried := 0
		for _, imported := range choices {
			for _, archived := range choices {
				for _, fork := range choices {
					for _, visibility := range []string{"", "private", "secret"} {
						for i, language := range []string{"", "Go", "go", "C++"} {
							f := db.Filter{
								Imported: imported, Archived: archived, Fork: fork, Visibility: visibility, Language: language,
								Topic: []string{"", "web"}[i%2], Query: []string{"", "REPO-0000"}[tried%2],
							}
							tried++
							if tried%4 != 1 && visibility != "" && language != "" {
								continue // enough of the long combinations
							}
							checkFilter(t, w, p, through, page, f)
						}
					}
				}
			}
		}
		facets := got(w.CountFacets(ctx, got(w.IndexFacets(ctx, through))(t), db.Filter{}))(t)
		visibilities := []db.FacetValue{{Value: "internal", Count: 32}, {Value: "private", Count: 32}, {Value: "public", Count: 32}}
		languages := []db.FacetValue{{Value: "Go", Count: 48}, {Value: "C++", Count: 24}, {Value: db.NoLanguage, Count: 24}}
		if !reflect.DeepEqual(facets.Visibilities, visibilities) || !reflect.DeepEqual(facets.Languages, languages) {
			t.Errorf("Facets = %+v", facets)
		}
	})
}

// checkFilter compares lists and counts under a filter with the same selection in Go, with every
// sixth repository imported.
func checkFilter(t *testing.T, w *world, p db.User, through db.InstallationRecord, page []db.ListedRepository, f db.Filter) {
	t.Helper()
	ctx := t.Context()
	chosen := func(c db.Choice, is bool) bool { return c == db.Any || (c == db.Yes) == is }
	var want, wantImports []int64
	for i, r := range page {
		if chosen(f.Imported, i%6 == 0) && chosen(f.Archived, r.IsArchived) && chosen(f.Fork, r.IsFork) &&
			(f.Visibility == "" || f.Visibility == r.Visibility) && (f.Language == "" || f.Language == r.Language) &&
			(f.Topic == "" || slices.Contains(r.Topics, f.Topic)) && strings.Contains(r.Name, strings.ToLower(f.Query)) {
			want = append(want, r.ID)
			if i%6 == 0 {
				wantImports = append(wantImports, r.ID)
			}
		}
	}
	var ids, importIDs, everywhere []int64
	for _, item := range got(w.ListAvailable(ctx, through, f, db.SortName, db.Page{}))(t) {
		ids = append(ids, item.ID)
		if item.InstallationID != through.ID || item.Permission != "pull" || (item.ImportID > 0) != (page[item.ID-1].ID%6 == 1) {
			t.Errorf("available: %+v", item)
		}
	}
	for _, item := range got(w.ListInstallationImports(ctx, through, f, db.SortName, db.Page{}))(t) {
		importIDs = append(importIDs, item.Repository.ID)
	}
	for _, item := range got(w.ListImports(ctx, p.ID, f, db.SortName, db.Page{}))(t) {
		everywhere = append(everywhere, item.Repository.ID)
	}
	if !slices.Equal(ids, want) || !slices.Equal(importIDs, wantImports) || !slices.Equal(everywhere, wantImports) {
		t.Errorf("under %+v: %v and imports %v, %v; want %v and %v", f, ids, importIDs, everywhere, want, wantImports)
	}
	if n := got(w.CountAvailable(ctx, through, f))(t); n != int64(len(want)) {
		t.Errorf("under %+v CountAvailable = %d, want %d", f, n, len(want))
	}
	if n := got(w.CountImports(ctx, p.ID, f))(t); n != int64(len(wantImports)) {
		t.Errorf("under %+v CountImports = %d, want %d", f, n, len(wantImports))
	}
}

func TestSearchEscapesWildcards(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		page := repos(1, 8, acme)
		page[0].Name, page[0].Description = "percent", "100% done"
		page[1].Name, page[1].Description = "snake_case", `back\slash`
		page[2].Name, page[2].Topics = "snakeXcase", []string{"client"}
		page[3].Name, page[3].Topics = "tool", []string{"cli", "c"}
		page[4].Name, page[4].Description = "u", "Ünicode ÄÖ Straße Ελλάδα"
		page[5].Name, page[5].Description = "q", `it's "quoted" $1 ? ?`
		page[6].Name, page[6].Description = "emoji", "🚀 שלום مرحبا"
		page[7].Name = "acme"
		_, through := w.member(1, "ada", acme, page...)

		for query, want := range map[string]string{
			"100%": "percent", "%": "percent", "0% d": "percent", "_": "snake_case", "snake_case": "snake_case",
			`\`: "snake_case", `k\s`: "snake_case", "SNAKE": "snake_case snakeXcase",
			"ünicode": "u", "ÜNICODE": "u", "äö": "u", "STRASSE": "", "straße": "u", "ΕΛΛΆΔΑ": "u",
			"it's": "q", `"quoted"`: "q", "$1": "q", "? ?": "q", "';--": "",
			"🚀": "emoji", "שלום": "emoji", "مرحبا": "emoji",
			"Acme/tool": "tool", "acme/TOOL": "tool", " acme/tool ": "tool", "other/tool": "", "client": "snakeXcase",
			"acme": "acme", "percent\n100": "percent", "  ": "acme emoji percent q snake_case snakeXcase tool u",
			"acme/": "acme emoji percent q snake_case snakeXcase tool u",
			// Text that no repository has, and that PostgreSQL rejects.
			"\x00": "", "tool\x00": "", "\xff": "", "\xc3": "",
		} {
			f := db.Filter{Query: query}
			var names []string
			for _, item := range got(w.ListAvailable(ctx, through, f, db.SortName, db.Page{}))(t) {
				names = append(names, item.Name)
			}
			if strings.Join(names, " ") != want {
				t.Errorf("searching %q finds %q, want %q", query, names, want)
			}
			if n := got(w.CountAvailable(ctx, through, f))(t); n != int64(len(names)) {
				t.Errorf("searching %q counts %d of %d", query, n, len(names))
			}
		}
		for topic, want := range map[string]int64{"cli": 1, "CLI": 1, "c": 1, "client": 1, "cl": 0, "li": 0, "%": 0, "c_i": 0, `cli","c`: 0, `"`: 0, `\`: 0, "\x00": 0} {
			if n := got(w.CountAvailable(ctx, through, db.Filter{Topic: topic}))(t); n != want {
				t.Errorf("topic %q finds %d, want %d", topic, n, want)
			}
		}
		for _, f := range []db.Filter{{Language: "\x00"}, {Visibility: "\xff"}} {
			if n := got(w.CountAvailable(ctx, through, f))(t); n != 0 {
				t.Errorf("%+v finds %d", f, n)
			}
		}
	})
}

// TestAPastedOwnerWithNonASCIICase: a letter can have fewer bytes in lower case.
func TestAPastedOwnerWithNonASCIICase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		kk := db.Account{Kind: db.KindUser, GitHubID: 9, Login: "kk"}
		_, through := w.member(1, "ada", kk, repo(1, "tool", kk), repo(2, "x", kk))
		for _, query := range []string{"kk/tool", "KK/tool", "K\u212A/tool", "\u212A\u212A/tool"} {
			if n := got(w.CountAvailable(t.Context(), through, db.Filter{Query: query}))(t); n != 1 {
				t.Errorf("searching %q finds %d", query, n)
			}
		}
	})
}

func TestFactsAreStoredAsGitHubSentThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		odd := repo(1<<53+1, "odd.name-_", acme)
		odd.Description = `<b>"quotes"</b> & 'ticks' \ back 🚀 שלום ` + "\u202e\t\n\u2028"
		odd.WebsiteURL, odd.License, odd.Language, odd.Topics = "https://example.com/?a=1&b=<2>", "Apache-2.0", "Jupyter Notebook", []string{"a", "b-c"}
		odd.IsPrivate, odd.IsFork, odd.IsTemplate, odd.IsArchived = true, true, true, true
		odd.Visibility, odd.SizeKB, odd.Permission, odd.DefaultBranch = "internal", 1<<40, "maintain", "größe/x"
		long := repo(2, strings.Repeat("n", 100), acme)
		long.Description = strings.Repeat("ä", 1000)
		empty := db.ListedRepository{Repository: db.Repository{ID: 3, Name: "empty"}, OwnerAccount: acme, Permission: "pull"}
		want := map[int64]db.ListedRepository{odd.ID: odd, 2: long, 3: empty}
		_, through := w.member(1, "ada", acme, odd, long, empty)

		list := got(w.ListAvailable(ctx, through, db.Filter{}, db.SortName, db.Page{}))(t)
		w.importRepositories(through, odd.ID, 2, 3)
		imports := got(w.ListInstallationImports(ctx, through, db.Filter{}, db.SortName, db.Page{}))(t)
		if len(list) != 3 || len(imports) != 3 {
			t.Fatalf("%d available, %d imported", len(list), len(imports))
		}
		for i, item := range list {
			facts := want[item.ID]
			facts.Owner = acme.Login
			if !reflect.DeepEqual(item.Repository, facts.Repository) || item.Permission != facts.Permission {
				t.Errorf("stored  %+v\nread as %+v", facts, item)
			}
			if !reflect.DeepEqual(imports[i].Repository, item.Repository) {
				t.Errorf("available %+v\nimported  %+v", item, imports[i])
			}
			if item.FullName() != "Acme/"+item.Name {
				t.Errorf("FullName = %s", item.FullName())
			}
		}
		if list[0].Topics != nil {
			t.Errorf("no topics are read as %#v", list[0].Topics)
		}
	})
}

func TestADuplicateOnAPageCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, through := w.member(1, "ada", acme, repo(1, "old", acme), repo(1, "new", acme))
		list := got(w.ListAvailable(t.Context(), through, db.Filter{}, db.SortName, db.Page{}))(t)
		if len(list) != 1 || list[0].Name != "new" || through.RepositoryCount != 1 {
			t.Errorf("the list is %v", fmt.Sprint(list))
		}
	})
}
