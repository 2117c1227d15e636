package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// Facets say for each choice of a filter how many repositories it leads to while
// the other filters stay as they are. A choice that leads to none isn't listed,
// but the chosen one always is.
type Facets struct {
	Imported     []FacetValue // "true", "false"
	Visibilities []FacetValue
	Languages    []FacetValue // the most frequent first, with NoLanguage for those that have none
	Archived     []FacetValue // "true", "false"
	Forks        []FacetValue // "true", "false"
	Templates    []FacetValue // "true", "false"
	Licenses     []FacetValue // the most frequent first
	Permissions  []FacetValue
	Topics       []FacetValue // the most frequent first, topTopics of them at most
	Accounts     []FacetValue // logins
	// Any counts, for each filter by its name in URLs, what is left without it.
	Any map[string]int64
}

// FacetValue is one value and how many repositories have it.
type FacetValue struct {
	Value string
	Count int64
}

// topTopics is how many topics are offered.
const topTopics = 50

// The filters that are counted, in the order of facetNames.
const (
	facetImported = iota
	facetVisibility
	facetLanguage
	facetArchived
	facetFork
	facetTemplate
	facetLicense
	facetPermission
	facetAccount
	facetTopic // the only one of which a repository can have several values
	facetCount
)

var facetNames = [facetCount]string{"imported", "visibility", "language", "archived", "fork", "template", "license", "permission", "account", "topic"}

// FacetIndex holds what the facets of one list are counted from. It is the list's
// under one version, and doesn't change.
type FacetIndex struct {
	// needle is what a filter searches for in this list, in lower case.
	needle func(Filter) string
	// matching looks up the ids of the list's repositories that a filter lets through.
	matching func(context.Context, Filter) ([]int64, error)

	rows   []facetRow
	topics []int32
	values [facetCount][]string // by the numbers in rows
	// details are what only some filters ask for. A list of more than searchedMost has
	// none: then those filters are looked up.
	details []facetDetails
	bytes   int
	// last is what was counted last: the next page has the same filter.
	last atomic.Pointer[countedFacets]
}

type countedFacets struct {
	filter Filter
	facets Facets
}

// facetIndexBytes is about how much memory an index takes besides its rows.
const facetIndexBytes = 8 << 10

// facetRow is a repository with the numbers of its values.
type facetRow struct {
	id        int64
	values    [facetTopic]int32
	topicsEnd int32 // where its topics end; they begin at the end of those before
}

type facetDetails struct {
	pushed int64
	// imported is the import's id in a list of imports, and 0 in others.
	imported int64
	name     string // in lower case
	search   string
	// properties are the custom properties as they are stored.
	properties string
}

// detailed is the part of a filter that asks for details: all but the facets' own.
func (f Filter) detailed() Filter {
	f.Imported, f.Archived, f.Fork, f.Template = Any, Any, Any, Any
	f.Visibility, f.Language, f.License, f.Permission, f.Account, f.Topic = "", "", "", "", "", ""
	f.RepositoryID = 0
	return f
}

// Bytes is about how much memory the index takes.
func (x *FacetIndex) Bytes() int { return x.bytes }

// facetColumns are the columns that facets are counted from, followed by the import's id and the login.
const facetColumns = `SELECT
    r.id,
    r.pushed_at,
    r.name_key,
    r.search,
    r.visibility,
    r.language,
    r.license,
    a.permission,
    r.is_archived,
    r.is_fork,
    r.is_template,
    r.topics,
    r.custom_properties,
    `

// IndexFacets reads what the facets of an installation's repositories are counted
// from: once for each version of the list.
func (d *DB) IndexFacets(ctx context.Context, through InstallationRecord) (*FacetIndex, error) {
	q := newListQuery(facetColumns+`EXISTS (SELECT 1 `+fromImportOfIt+`),
    0,
    CAST($3 AS TEXT)`+fromAccess, through.UserID, through.accountID, through.Account.Login)
	return d.indexFacets(ctx, q, &FacetIndex{needle: through.needle, matching: func(ctx context.Context, f Filter) ([]int64, error) {
		return d.ListMatching(ctx, through, f)
	}})
}

// IndexAllFacets is IndexFacets of what StreamAllAvailable reads.
func (d *DB) IndexAllFacets(ctx context.Context, userID string) (*FacetIndex, error) {
	q := newListQuery(facetColumns+`EXISTS (SELECT 1 `+fromImportOfIt+`),
    0,
    o.login`+fromAllAccess, userID)
	return d.indexFacets(ctx, q, &FacetIndex{needle: needleOf, matching: func(ctx context.Context, f Filter) ([]int64, error) {
		return d.ListAllMatching(ctx, userID, f)
	}})
}

// IndexImportFacets is IndexFacets of ListImports.
func (d *DB) IndexImportFacets(ctx context.Context, userID string) (*FacetIndex, error) {
	q := newListQuery(facetColumns+`TRUE,
    i.id,
    o.login`+fromImports, userID)
	return d.indexFacets(ctx, q, &FacetIndex{needle: needleOf, matching: func(ctx context.Context, f Filter) ([]int64, error) {
		return d.listImportsMatching(ctx, userID, f)
	}})
}

// indexFacets fills an index with the rows of a query.
func (d *DB) indexFacets(ctx context.Context, q *listQuery, index *FacetIndex) (*FacetIndex, error) {
	var numbers [facetCount]map[string]int32
	for i := range numbers {
		numbers[i] = map[string]int32{}
	}
	texts := 0
	number := func(facet int, value string) int32 {
		n, known := numbers[facet][value]
		if !known {
			n = int32(len(index.values[facet]))
			numbers[facet][value] = n
			index.values[facet] = append(index.values[facet], value)
			index.bytes += 2 * len(value)
		}
		return n
	}
	for row, err := range stream(ctx, d.reader, scanFacetRow, q.sql.String(), q.args...) {
		if err != nil {
			return nil, fmt.Errorf("db: index facets: %w", err)
		}
		indexed := facetRow{id: row.id}
		for facet, value := range row.values {
			indexed.values[facet] = number(facet, value)
		}
		for _, topic := range row.topics {
			index.topics = append(index.topics, number(facetTopic, topic))
		}
		indexed.topicsEnd = int32(len(index.topics))
		index.rows = append(index.rows, indexed)
		if len(index.rows) <= searchedMost {
			index.details = append(index.details, row.facetDetails)
			texts += len(row.name) + len(row.search) + len(row.properties)
		}
	}
	index.bytes += facetIndexBytes + 48*len(index.rows) + 4*len(index.topics)
	if len(index.rows) > searchedMost {
		index.details = nil
	} else {
		index.bytes += 64*len(index.rows) + texts
	}
	index.rows, index.topics = slices.Clip(index.rows), slices.Clip(index.topics)
	return index, nil
}

type facetValues struct {
	facetDetails
	id     int64
	values [facetTopic]string
	topics []string
}

func scanFacetRow(rows *sql.Rows) (row facetValues, err error) {
	var (
		topics                             string
		archived, fork, template, imported bool
	)
	if err := rows.Scan(
		&row.id, &row.pushed, &row.name, &row.search,
		&row.values[facetVisibility], &row.values[facetLanguage], &row.values[facetLicense], &row.values[facetPermission],
		&archived, &fork, &template, &topics, &row.properties, &imported, &row.imported, &row.values[facetAccount],
	); err != nil {
		return row, err
	}
	row.values[facetImported], row.values[facetArchived] = string(choice(imported)), string(choice(archived))
	row.values[facetFork], row.values[facetTemplate] = string(choice(fork)), string(choice(template))
	if row.values[facetLanguage] == "" {
		row.values[facetLanguage] = NoLanguage
	}
	if topics != noTopics {
		err = json.Unmarshal([]byte(topics), &row.topics)
	}
	return row, err
}

// choice is the Choice of what is so, or isn't.
func choice(so bool) Choice {
	if so {
		return Yes
	}
	return No
}

// CountFacets counts the facets under a filter. Details that it asks for are looked up
// if the index has none. What is counted is shared: it must not be changed.
func (d *DB) CountFacets(ctx context.Context, index *FacetIndex, f Filter) (Facets, error) {
	if last := index.last.Load(); last != nil && last.filter == f {
		return last.facets, nil
	}
	facets, err := d.countFacets(ctx, index, f)
	if err == nil {
		index.last.Store(&countedFacets{f, facets})
	}
	return facets, err
}

func (d *DB) countFacets(ctx context.Context, index *FacetIndex, f Filter) (Facets, error) {
	details := f.detailed()
	if index.details != nil || details == (Filter{}) {
		return index.count(f, nil), nil
	}
	ids, err := index.matching(ctx, details)
	if err != nil {
		return Facets{}, err
	}
	among := make(map[int64]bool, len(ids))
	for _, id := range ids {
		among[id] = true
	}
	return index.count(f, among), nil
}

// count counts the facets under a filter in one pass over the rows: a row that fails a
// single condition only counts for the other values of that condition. If among isn't nil,
// it decides about the details: only these repositories have them.
func (x *FacetIndex) count(f Filter, among map[int64]bool) Facets {
	chosen := [facetCount]string{
		facetImported: string(f.Imported), facetVisibility: f.Visibility, facetLanguage: f.Language, facetArchived: string(f.Archived),
		facetFork: string(f.Fork), facetTemplate: string(f.Template), facetLicense: x.folded(facetLicense, f.License), facetPermission: f.Permission,
		facetAccount: x.folded(facetAccount, f.Account), facetTopic: strings.ToLower(f.Topic),
	}
	var wanted [facetCount]int32
	for facet, value := range chosen {
		wanted[facet] = int32(slices.Index(x.values[facet], value)) // -1 for a value that no row has
	}
	needle := x.needle(f)
	var counts [facetCount][]int64
	for facet := range counts {
		counts[facet] = make([]int64, len(x.values[facet]))
	}
	var left [facetCount]int64
	topicsEnd := int32(0)
	for i := range x.rows {
		row := &x.rows[i]
		topics := x.topics[topicsEnd:row.topicsEnd]
		topicsEnd = row.topicsEnd
		failed, failures := 0, 0
		for facet, n := range row.values {
			if chosen[facet] != "" && n != wanted[facet] {
				failed, failures = facet, failures+1
			}
		}
		if chosen[facetTopic] != "" && !slices.Contains(topics, wanted[facetTopic]) {
			failed, failures = facetTopic, failures+1
		}
		if failures > 1 || f.RepositoryID != 0 && f.RepositoryID != row.id || among != nil && !among[row.id] {
			continue
		}
		if among == nil && x.details != nil && !x.passes(row, &x.details[i], f, needle) {
			continue
		}
		for facet := range facetCount {
			if failures == 1 && facet != failed {
				continue
			}
			left[facet]++
			if facet != facetTopic {
				counts[facet][row.values[facet]]++
				continue
			}
			for _, topic := range topics {
				counts[facet][topic]++
			}
		}
	}
	facets := Facets{
		Imported:     x.list(facetImported, counts, chosen, byValue),
		Visibilities: x.list(facetVisibility, counts, chosen, byValue),
		Languages:    x.list(facetLanguage, counts, chosen, byCount),
		Archived:     x.list(facetArchived, counts, chosen, byValue),
		Forks:        x.list(facetFork, counts, chosen, byValue),
		Templates:    x.list(facetTemplate, counts, chosen, byValue),
		Licenses:     x.list(facetLicense, counts, chosen, byCount),
		Permissions:  x.list(facetPermission, counts, chosen, byValue),
		Accounts:     x.list(facetAccount, counts, chosen, byFold),
		Topics:       x.list(facetTopic, counts, chosen, byCount),
		Any:          make(map[string]int64, facetCount),
	}
	facets.Topics = facets.Topics[:min(len(facets.Topics), topTopics)]
	for facet, name := range facetNames {
		facets.Any[name] = left[facet]
	}
	return facets
}

// folded returns a value in the spelling of the list, ignoring case.
func (x *FacetIndex) folded(facet int, asked string) string {
	for _, value := range x.values[facet] {
		if strings.EqualFold(value, asked) {
			return value
		}
	}
	return asked
}

// passes reports whether the details of a row are as a filter asks for.
func (x *FacetIndex) passes(row *facetRow, details *facetDetails, f Filter, needle string) bool {
	before := millis(f.PushedBefore)
	return details.pushed >= millis(f.PushedSince) && (before == 0 || details.pushed != 0 && details.pushed < before) &&
		(f.ImportID == 0 || f.ImportID == details.imported) && strings.Contains(details.search, needle) &&
		(f.Repository == "" || x.named(row, details, f.Repository)) &&
		(f.PropertyName == "" || hasProperty(details.properties, f.PropertyName, f.PropertyValue))
}

// named reports whether a row has a full name, owner/name.
func (x *FacetIndex) named(row *facetRow, details *facetDetails, fullName string) bool {
	owner, name, _ := strings.Cut(strings.ToLower(fullName), "/")
	return name == details.name && owner == strings.ToLower(x.values[facetAccount][row.values[facetAccount]])
}

func byValue(a, b FacetValue) int { return strings.Compare(a.Value, b.Value) }

func byFold(a, b FacetValue) int {
	return cmp.Or(strings.Compare(strings.ToLower(a.Value), strings.ToLower(b.Value)), byValue(a, b))
}

func byCount(a, b FacetValue) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
}

// list is one facet's values that lead to something, and the one that is chosen.
func (x *FacetIndex) list(facet int, counts [facetCount][]int64, chosen [facetCount]string, order func(a, b FacetValue) int) []FacetValue {
	var list []FacetValue
	for n, count := range counts[facet] {
		value := x.values[facet][n]
		if value != "" && (count > 0 || value == chosen[facet]) {
			list = append(list, FacetValue{value, count})
		}
	}
	slices.SortFunc(list, order)
	return list
}
