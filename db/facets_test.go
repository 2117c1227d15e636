package db_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// counted is a list whose facets are counted.
type counted struct {
	name   string
	facets func(db.Filter) (db.Facets, error)
	count  func(db.Filter) (int64, error)
	list   func(db.Filter) (int, error) // reads a page and counts its rows
}

// With any filters, choosing a value lists as many repositories as its count: of one
// installation, of all, and of imports.
func TestD2FacetCountsMatchFilteredLists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		seed := rand.Uint64()
		rng := rand.New(rand.NewPCG(seed, 0))
		pick := func(values ...string) string { return values[rng.IntN(len(values))] }
		vary := func(list []db.ListedRepository) []db.ListedRepository {
			for i := range list {
				r := &list[i]
				r.Language = pick("Go", "Rust", "", "C++")
				r.Visibility = pick("public", "private", "internal")
				r.License, r.Permission = pick("MIT", "Apache-2.0", ""), pick("admin", "push", "pull")
				r.IsArchived, r.IsFork, r.IsTemplate = rng.IntN(3) == 0, rng.IntN(4) == 0, rng.IntN(5) == 0
				r.Description = pick("", "A tool", "100% Über_tool", "the acme way")
				if value := pick("", `"core"`, `["core","edge"]`, `7`, `null`); value != "" {
					r.CustomProperties = json.RawMessage(`{"team":` + value + `}`)
				}
				if rng.IntN(3) == 0 {
					r.CustomProperties = json.RawMessage(`{"team":"` + pick("web", "data") + `"}`)
				}
				if rng.IntN(2) == 0 {
					r.Topics = []string{pick("cli", "go"), "web"}
				}
			}
			return list
		}
		ada := w.login(1, "ada")
		w.syncInstallations(ada, installed(700, acme), installed(800, beta))
		through := w.syncRepositories(w.record(ada, acme), vary(repos(1, 120, acme))...)
		others := w.syncRepositories(w.record(ada, beta), vary(repos(1001, 40, beta))...)
		some := func(first, n int64) (ids []int64) {
			for id := first; id < first+n; id += 1 + rng.Int64N(4) {
				ids = append(ids, id)
			}
			return ids
		}
		changed(w.ImportRepositories(ctx, through, some(1, 120)))(t)
		changed(w.ImportRepositories(ctx, others, some(1001, 40)))(t)
		through = w.reload(through)
		page := db.Page{Limit: 1000}
		counting := func(index *db.FacetIndex) func(db.Filter) (db.Facets, error) {
			return func(f db.Filter) (db.Facets, error) { return w.CountFacets(ctx, index, f) }
		}
		for _, list := range []counted{
			{
				"one", counting(got(w.IndexFacets(ctx, through))(t)),
				func(f db.Filter) (int64, error) { return w.CountAvailable(ctx, through, f) },
				func(f db.Filter) (int, error) {
					rows, err := w.ListAvailable(ctx, through, f, db.SortPushed, page)
					return len(rows), err
				},
			},
			{
				"all", counting(got(w.IndexAllFacets(ctx, ada.ID))(t)),
				func(f db.Filter) (int64, error) { return w.CountAllAvailable(ctx, ada.ID, f) },
				func(f db.Filter) (int, error) {
					rows, err := w.ListAllAvailable(ctx, ada.ID, f, db.SortName, page)
					return len(rows), err
				},
			},
			{
				"imports", counting(got(w.IndexImportFacets(ctx, ada.ID))(t)),
				func(f db.Filter) (int64, error) { return w.CountImports(ctx, ada.ID, f) },
				func(f db.Filter) (int, error) {
					rows, err := w.ListImports(ctx, ada.ID, f, db.SortID, page)
					return len(rows), err
				},
			},
		} {
			for range dbtest.Size(10, 200) {
				f := db.Filter{
					Query:    pick("", "", "tool", "Über", "100%", "_", "acme/repo-0001", "nothing like it"),
					Imported: db.Choice(pick("", "", "true", "false")), Visibility: pick("", "", "private"),
					Language: pick("", "", "Go", "Fortran", db.NoLanguage), Archived: db.Choice(pick("", "", "true", "false")),
					Fork: db.Choice(pick("", "", "false")), Topic: pick("", "", "web", "CLI"),
					License: pick("", "", "mit"), Template: db.Choice(pick("", "", "false")), Permission: pick("", "", "push"),
					Account: pick("", "", "ACME", "beta", "nobody"),
				}
				if rng.IntN(5) == 0 {
					f.PushedSince = time.Date(2026, 1, 1, 0, 0, 3, 0, time.UTC)
				}
				if rng.IntN(5) == 0 {
					f.PushedBefore = time.Date(2026, 1, 1, 0, 0, 3+rng.IntN(60), 0, time.UTC)
				}
				if rng.IntN(3) == 0 {
					f.PropertyName, f.PropertyValue = pick("team", "team", "tier"), pick("", "core", "edge", "7", "null")
				}
				if rng.IntN(5) == 0 {
					f.PropertyName, f.PropertyValue = "team", pick("", "web")
				}
				if rng.IntN(10) == 0 {
					f.Repository = "ACME/Repo-00007"
				}
				list.check(t, f, fmt.Sprintf("seed %d, %s", seed, list.name))
			}
		}
	})
}

func (l counted) check(t *testing.T, f db.Filter, where string) {
	t.Helper()
	facets := got(l.facets(f))(t)
	check := func(what string, set func(*db.Filter), n int64) {
		t.Helper()
		narrowed := f
		set(&narrowed)
		if is := got(l.count(narrowed))(t); is != n {
			t.Fatalf("%s: with %+v the count of %s is %d and its list has %d", where, f, what, n, is)
		}
		if rows := got(l.list(narrowed))(t); int64(rows) != n {
			t.Fatalf("%s: with %+v the count of %s is %d and it lists %d", where, f, what, n, rows)
		}
	}
	for _, facet := range []struct {
		name   string
		values []db.FacetValue
		set    func(*db.Filter, string)
	}{
		{"imported", facets.Imported, func(f *db.Filter, v string) { f.Imported = db.Choice(v) }},
		{"visibility", facets.Visibilities, func(f *db.Filter, v string) { f.Visibility = v }},
		{"language", facets.Languages, func(f *db.Filter, v string) { f.Language = v }},
		{"archived", facets.Archived, func(f *db.Filter, v string) { f.Archived = db.Choice(v) }},
		{"fork", facets.Forks, func(f *db.Filter, v string) { f.Fork = db.Choice(v) }},
		{"template", facets.Templates, func(f *db.Filter, v string) { f.Template = db.Choice(v) }},
		{"license", facets.Licenses, func(f *db.Filter, v string) { f.License = v }},
		{"permission", facets.Permissions, func(f *db.Filter, v string) { f.Permission = v }},
		{"account", facets.Accounts, func(f *db.Filter, v string) { f.Account = v }},
		{"topic", facets.Topics, func(f *db.Filter, v string) { f.Topic = v }},
	} {
		check("any "+facet.name, func(f *db.Filter) { facet.set(f, "") }, facets.Any[facet.name])
		for _, value := range facet.values {
			check(facet.name+" "+value.Value, func(f *db.Filter) { facet.set(f, value.Value) }, value.Count)
		}
	}
}

// BenchmarkFacets measures the first count over 10,000 repositories, and the next.
func BenchmarkFacets(b *testing.B) {
	w := newWorld(b, dbtest.SQLite(b))
	list := repos(1, 10_000, acme)
	for i := range list {
		list[i].Language, list[i].Topics = fmt.Sprint("L", i%40), []string{fmt.Sprint("topic-", i%300), "all"}
	}
	_, through := w.member(1, "ada", acme, list...)
	var ids []int64
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	changed(w.ImportRepositories(b.Context(), through, ids))(b)
	for name, read := range map[string]func() (*db.FacetIndex, error){
		"first":         func() (*db.FacetIndex, error) { return w.IndexFacets(b.Context(), through) },
		"first_all":     func() (*db.FacetIndex, error) { return w.IndexAllFacets(b.Context(), through.UserID) },
		"first_imports": func() (*db.FacetIndex, error) { return w.IndexImportFacets(b.Context(), through.UserID) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				got(w.CountFacets(b.Context(), got(read())(b), db.Filter{Language: "L1"}))(b)
			}
		})
	}
	index := got(w.IndexFacets(b.Context(), through))(b)
	b.Run("next", func(b *testing.B) {
		for b.Loop() {
			got(w.CountFacets(b.Context(), index, db.Filter{Language: "L1", Query: "repo-001"}))(b)
		}
	})
}
