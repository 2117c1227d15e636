package db_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// TestD2FacetsLeadToWhatTheySay: whatever filters are set, choosing a value leads
// to as many repositories as stand beside it.
func TestD2FacetsLeadToWhatTheySay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		seed := rand.Uint64()
		rng := rand.New(rand.NewPCG(seed, 0))
		pick := func(values ...string) string { return values[rng.IntN(len(values))] }
		list := repos(1, 120, acme)
		for i := range list {
			r := &list[i]
			r.Language = pick("Go", "Rust", "", "C++")
			r.Visibility = pick("public", "private", "internal")
			r.License, r.Permission = pick("MIT", "Apache-2.0", ""), pick("admin", "push", "pull")
			r.IsArchived, r.IsFork, r.IsTemplate = rng.IntN(3) == 0, rng.IntN(4) == 0, rng.IntN(5) == 0
			r.Description = pick("", "A tool", "100% Über_tool", "the acme way")
			if rng.IntN(2) == 0 {
				r.Topics = []string{pick("cli", "go"), "web"}
			}
		}
		_, through := w.member(1, "ada", acme, list...)
		var ids []int64
		for id := int64(1); id <= 120; id += 1 + rng.Int64N(4) {
			ids = append(ids, id)
		}
		changed(w.ImportRepositories(ctx, through, ids))(t)
		through = w.again(through)
		index := got(w.IndexFacets(ctx, through))(t)
		for range 60 {
			f := db.Filter{
				Query:    pick("", "", "tool", "Über", "100%", "_", "acme/repo-0001", "nothing like it"),
				Imported: db.Choice(pick("", "", "true", "false")), Visibility: pick("", "", "private"),
				Language: pick("", "", "Go", "Fortran"), Archived: db.Choice(pick("", "", "true", "false")),
				Fork: db.Choice(pick("", "", "false")), Topic: pick("", "", "web", "CLI"),
				License: pick("", "", "mit"), Template: db.Choice(pick("", "", "false")), Permission: pick("", "", "push"),
			}
			if rng.IntN(5) == 0 {
				f.PushedSince = list[3].PushedAt
			}
			if rng.IntN(10) == 0 {
				f.Repository = "ACME/Repo-00007"
			}
			facets := index.Count(f)
			check := func(what string, set func(*db.Filter), n int64) {
				t.Helper()
				narrowed := f
				set(&narrowed)
				if is := got(w.CountAvailable(ctx, through, narrowed))(t); is != n {
					t.Fatalf("seed %d: under %+v %s says %d and leads to %d", seed, f, what, n, is)
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
				{"topic", facets.Topics, func(f *db.Filter, v string) { f.Topic = v }},
			} {
				check("any "+facet.name, func(f *db.Filter) { facet.set(f, "") }, facets.Any[facet.name])
				for _, value := range facet.values {
					check(facet.name+" "+value.Value, func(f *db.Filter) { facet.set(f, value.Value) }, value.Count)
				}
			}
		}
	})
}

// BenchmarkFacets: the first look at 10,000 repositories, and the next.
func BenchmarkFacets(b *testing.B) {
	w := newWorld(b, dbtest.SQLite(b))
	list := repos(1, 10_000, acme)
	for i := range list {
		list[i].Language, list[i].Topics = fmt.Sprint("L", i%40), []string{fmt.Sprint("topic-", i%300), "all"}
	}
	_, through := w.member(1, "ada", acme, list...)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			got(w.IndexFacets(b.Context(), through))(b).Count(db.Filter{Language: "L1"})
		}
	})
	index := got(w.IndexFacets(b.Context(), through))(b)
	b.Run("next", func(b *testing.B) {
		for b.Loop() {
			index.Count(db.Filter{Language: "L1", Query: "repo-001"})
		}
	})
}
