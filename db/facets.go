package db

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Facets are the counts of repositories for each value of each filter, with the other
// filters unchanged. Values without repositories are left out, except the selected one.
type Facets struct {
	Imported     []FacetValue // "true", "false"
	Visibilities []FacetValue
	Languages    []FacetValue // the most frequent first, with NoLanguage for those without one
	Archived     []FacetValue // "true", "false"
	Forks        []FacetValue // "true", "false"
	Templates    []FacetValue // "true", "false"
	Licenses     []FacetValue // the most frequent first
	Permissions  []FacetValue
	Topics       []FacetValue // the most frequent first, topTopics of them at most
	Accounts     []FacetValue // logins
	// Any has, for each filter by its name in URLs, the count without that filter.
	Any map[string]int64
}

// FacetValue is one value and how many repositories have it.
type FacetValue struct {
	Value string
	Count int64
}

// Bytes is the approximate size of the counts in memory, with their texts.
func (f Facets) Bytes() int {
	values := 0
	for _, list := range [][]FacetValue{
		f.Imported, f.Visibilities, f.Languages, f.Archived, f.Forks, f.Templates, f.Licenses, f.Permissions, f.Topics, f.Accounts,
	} {
		values += cap(list)
	}
	return 1024 + 64*values
}

// topTopics is the maximum number of topics listed.
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

// choice converts a bool to a Choice.
func choice(so bool) Choice {
	if so {
		return Yes
	}
	return No
}

// CountFacets counts the facets under a filter. Custom properties aren't in the
// index: those that have one are looked up.
func (d *DB) CountFacets(ctx context.Context, index *FacetIndex, f Filter) (Facets, error) {
	if f.PropertyName == "" {
		return index.count(f, nil), nil
	}
	ids, err := d.ListAllMatching(ctx, index.userID, Filter{PropertyName: f.PropertyName, PropertyValue: f.PropertyValue})
	if err != nil {
		return Facets{}, err
	}
	among := make(map[int64]bool, len(ids))
	for _, id := range ids {
		among[id] = true
	}
	return index.count(f, among), nil
}

// count counts the facets under a filter, of these repositories if among isn't nil, in one
// pass over the rows: a row that fails a single condition only counts for the other values
// of that condition.
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
	// What the combinations of values, topics and custom properties mean for their rows is
	// decided once for each.
	misses := x.misses(chosen, wanted)
	topicMisses := make([]bool, len(x.topics))
	for n, topics := range x.topics {
		topicMisses[n] = chosen[facetTopic] != "" && !slices.Contains(topics, wanted[facetTopic])
	}
	properties := make([]bool, len(x.properties))
	for n, stored := range x.properties {
		properties[n] = f.PropertyName == "" || hasProperty(stored, f.PropertyName, f.PropertyValue)
	}
	since, before := millis(f.PushedSince), millis(f.PushedBefore)
	matching := make([]int64, len(x.combinations)) // rows that fail no condition
	missing := make([]int64, len(x.combinations))  // rows that fail the one of their combination
	topicRows := make([]int64, len(x.topics))      // rows that fail no condition but that of the topic
	for _, block := range x.blocks {
		start := int32(0)
		for i := range block.rows {
			row := &block.rows[i]
			search := block.text[start:row.end]
			start = row.end
			failures := misses[row.combination].failures
			if topicMisses[row.topics] {
				failures++
			}
			if failures > 1 || row.pushed < since || before != 0 && (row.pushed == 0 || row.pushed >= before) || f.RepositoryID != 0 && f.RepositoryID != row.id || f.ImportID != 0 && f.ImportID != row.imported ||
				among != nil && !among[row.id] || !properties[row.properties] || !strings.Contains(search, needle) || f.Repository != "" && !x.named(row, search, f.Repository) {
				continue
			}
			switch {
			case failures == 0:
				matching[row.combination]++
				topicRows[row.topics]++
			case topicMisses[row.topics]:
				topicRows[row.topics]++
			default:
				missing[row.combination]++
			}
		}
	}
	counts, left := x.sum(misses, matching, missing, topicRows)
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

// miss is how many conditions a combination of values fails, and the last of them.
type miss struct{ facet, failures int }

func (x *FacetIndex) misses(chosen [facetCount]string, wanted [facetCount]int32) []miss {
	misses := make([]miss, len(x.combinations))
	for n, values := range x.combinations {
		for facet, value := range values {
			if chosen[facet] != "" && value != wanted[facet] {
				misses[n] = miss{facet, misses[n].failures + 1}
			}
		}
	}
	return misses
}

// sum returns the count of each value of each facet, and of each facet without its own condition, from the
// rows of each combination and of each set of topics.
func (x *FacetIndex) sum(misses []miss, matching, missing, topicRows []int64) (counts [facetCount][]int64, left [facetCount]int64) {
	for facet := range counts {
		counts[facet] = make([]int64, len(x.values[facet]))
	}
	for n, values := range x.combinations {
		for facet, value := range values {
			counts[facet][value] += matching[n]
			left[facet] += matching[n]
		}
		if missing[n] > 0 {
			facet := misses[n].facet
			counts[facet][values[facet]] += missing[n]
			left[facet] += missing[n]
		}
	}
	for n, topics := range x.topics {
		for _, topic := range topics {
			counts[facetTopic][topic] += topicRows[n]
		}
		left[facetTopic] += topicRows[n]
	}
	return counts, left
}

// folded returns a value in the spelling of the list, ignoring case.
func (x *FacetIndex) folded(facet int, name string) string {
	for _, value := range x.values[facet] {
		if strings.EqualFold(value, name) {
			return value
		}
	}
	return name
}

// named reports whether a row, with its search text, has a full name, owner/name.
func (x *FacetIndex) named(row *facetRow, search, fullName string) bool {
	owner, name, _ := strings.Cut(strings.ToLower(fullName), "/")
	account := x.values[facetAccount][x.combinations[row.combination][facetAccount]]
	return strings.HasPrefix(search, name+"\n") && owner == strings.ToLower(account)
}

func byValue(a, b FacetValue) int { return strings.Compare(a.Value, b.Value) }

func byFold(a, b FacetValue) int {
	return cmp.Or(strings.Compare(strings.ToLower(a.Value), strings.ToLower(b.Value)), byValue(a, b))
}

func byCount(a, b FacetValue) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
}

// list returns one facet's values with repositories, and the selected one.
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
