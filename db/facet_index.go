package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
)

// FacetIndex has the data to count the facets of one list. It belongs to one version of
// the list, and is immutable.
type FacetIndex struct {
	userID string
	// needle returns the text that a filter searches for in this list, in lower case.
	needle func(Filter) string
	rows   []facetRow
	values [facetCount][]string // by the numbers in rows
	bytes  int
}

// facetIndexBytes is the approximate size of an index without its rows.
const facetIndexBytes = 8 << 10

// facetRow is a repository: the numbers of its values, and its texts.
type facetRow struct {
	values [facetTopic]int32
	topics []int32
	id     int64
	pushed int64
	// imported is the import's id in a list of imports, and 0 in others.
	imported int64
	search   string // as searchText writes it, which begins with the name
	// properties are the custom properties as they are stored.
	properties string
}

// Bytes is the approximate size of the index in memory.
func (x *FacetIndex) Bytes() int { return x.bytes }

// The columns to count facets from. Reading a column is expensive, and many rows share the
// same values, so all values are combined to one text and one number, which facetReader
// splits. The login comes between the two texts; the flag for imported ones and the import's
// id come last.
const (
	facetTexts = `SELECT
    r.id,
    r.pushed_at,
    r.search,
    r.topics,
    r.custom_properties,
    r.visibility || '` + "\n" + `' || a.permission || '` + "\n" + `' || `
	facetFlags = ` || '` + "\n" + `' || r.license || '` + "\n" + `' || r.language,
    CASE WHEN r.is_archived THEN 1 ELSE 0 END + CASE WHEN r.is_fork THEN 2 ELSE 0 END + CASE WHEN r.is_template THEN 4 ELSE 0 END + `
	facetImportedFlag = `CASE WHEN EXISTS (SELECT 1 ` + fromImportOfIt + `) THEN 8 ELSE 0 END,
    0`
)

// IndexFacets reads the index to count the facets of an installation's repositories. It is
// needed once for each version of the list.
func (d *DB) IndexFacets(ctx context.Context, through InstallationRecord) (*FacetIndex, error) {
	q := newListQuery(facetTexts+`CAST($3 AS TEXT)`+facetFlags+facetImportedFlag+fromAccess, through.UserID, through.accountID, through.Account.Login)
	return d.indexFacets(ctx, q, through.UserID, through.needle)
}

// IndexAllFacets is IndexFacets for the list that StreamAllAvailable reads.
func (d *DB) IndexAllFacets(ctx context.Context, userID string) (*FacetIndex, error) {
	q := newListQuery(facetTexts+`o.login`+facetFlags+facetImportedFlag+fromAllAccess, userID)
	return d.indexFacets(ctx, q, userID, needleOf)
}

// IndexImportFacets is IndexFacets for the list of imports.
func (d *DB) IndexImportFacets(ctx context.Context, userID string) (*FacetIndex, error) {
	q := newListQuery(facetTexts+`o.login`+facetFlags+`8,
    i.id`+fromImports, userID)
	return d.indexFacets(ctx, q, userID, needleOf)
}

func (d *DB) indexFacets(ctx context.Context, q *listQuery, userID string, needle func(Filter) string) (*FacetIndex, error) {
	index := &FacetIndex{userID: userID, needle: needle, bytes: facetIndexBytes}
	reader := facetReader{index: index, values: map[facetKey][facetTopic]int32{}, topics: map[string][]int32{}, properties: map[string]string{}}
	for i := range reader.numbers {
		reader.numbers[i] = map[string]int32{}
	}
	for row, err := range stream(ctx, d.reader, reader.scan, q.sql.String(), q.args...) {
		if err != nil {
			return nil, fmt.Errorf("db: index facets: %w", err)
		}
		index.rows = append(index.rows, row)
		index.bytes += 128 + len(row.search)
	}
	return index, nil
}

// facetReader reads the rows of an index, in which most values occur many times.
type facetReader struct {
	index   *FacetIndex
	numbers [facetCount]map[string]int32
	// Values read before, by their stored form.
	values     map[facetKey][facetTopic]int32
	topics     map[string][]int32
	properties map[string]string

	rawTexts, rawTopics, rawProperties sql.RawBytes
}

// facetKey are the two columns with all values but the topics.
type facetKey struct {
	texts string
	flags int64
}

func (f *facetReader) scan(rows *sql.Rows) (row facetRow, err error) {
	var flags int64
	if err := rows.Scan(&row.id, &row.pushed, &row.search, &f.rawTopics, &f.rawProperties, &f.rawTexts, &flags, &row.imported); err != nil {
		return row, err
	}
	known := false
	if row.values, known = f.values[facetKey{string(f.rawTexts), flags}]; !known {
		row.values = f.number(string(f.rawTexts), flags)
	}
	if row.properties, known = f.properties[string(f.rawProperties)]; !known {
		row.properties = string(f.rawProperties)
		f.properties[row.properties] = row.properties
		f.index.bytes += len(row.properties)
	}
	if row.topics, known = f.topics[string(f.rawTopics)]; !known {
		row.topics, err = f.numberTopics(f.rawTopics)
	}
	return row, err
}

// number numbers the values of a row.
func (f *facetReader) number(texts string, flags int64) (values [facetTopic]int32) {
	parts := strings.SplitN(texts, "\n", 5)
	for i, facet := range []int{facetVisibility, facetPermission, facetAccount, facetLicense, facetLanguage} {
		value := parts[i]
		if facet == facetLanguage && value == "" {
			value = NoLanguage
		}
		values[facet] = f.numberOf(facet, value)
	}
	for i, facet := range []int{facetArchived, facetFork, facetTemplate, facetImported} {
		values[facet] = f.numberOf(facet, string(choice(flags&(1<<i) != 0)))
	}
	f.values[facetKey{texts, flags}] = values
	return values
}

func (f *facetReader) numberTopics(stored []byte) ([]int32, error) {
	var topics []string
	if err := json.Unmarshal(stored, &topics); err != nil {
		return nil, err
	}
	var numbers []int32
	for _, topic := range topics {
		numbers = append(numbers, f.numberOf(facetTopic, topic))
	}
	f.topics[string(stored)] = numbers
	f.index.bytes += 4 * len(numbers)
	return numbers, nil
}

func (f *facetReader) numberOf(facet int, value string) int32 {
	n, known := f.numbers[facet][value]
	if !known {
		n = int32(len(f.index.values[facet]))
		f.numbers[facet][value] = n
		f.index.values[facet] = append(f.index.values[facet], value)
		f.index.bytes += 2 * len(value)
	}
	return n
}
