package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unsafe"
)

// FacetIndex has the data to count the facets of one list. It belongs to one version of
// the list, and is immutable.
type FacetIndex struct {
	userID string
	// needle returns the text that a filter searches for in this list, in lower case.
	needle func(Filter) string
	blocks []facetBlock
	// What many rows have in common, by the numbers in the rows.
	combinations [][facetTopic]int32 // of values
	topics       [][]int32
	properties   []string // custom properties as they are stored

	values [facetCount][]string // by the numbers in combinations and topics
	bytes  int
}

// facetBlockRows is how many rows a block has, but for the last: allocated exactly and once, they leave
// no garbage behind, as a slice that grows with the list would.
const facetBlockRows = 512

// facetBlock is a part of the list.
type facetBlock struct {
	rows []facetRow
	text string // the search texts of its rows, one after the other
}

// facetIndexBytes is the approximate size of an index without its rows.
const facetIndexBytes = 8 << 10

// facetRow is a repository: the numbers of what it shares with others, and where its text ends.
type facetRow struct {
	combination, topics, properties int32
	// end is where its search text ends, as searchText writes it, which begins with the name.
	end    int32
	id     int64
	pushed int64
	// imported is the import's id in a list of imports, and 0 in others.
	imported int64
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
	reader := facetReader{index: index, combinations: map[facetKey]int32{}, topics: map[string]int32{}, properties: map[string]int32{}}
	for i := range reader.numbers {
		reader.numbers[i] = map[string]int32{}
	}
	for row, err := range stream(ctx, d.reader, reader.scan, q.sql.String(), q.args...) {
		if err != nil {
			return nil, fmt.Errorf("db: index facets: %w", err)
		}
		if reader.rows = append(reader.rows, row); len(reader.rows) == facetBlockRows {
			reader.endBlock()
		}
	}
	reader.endBlock()
	return index, nil
}

// facetReader reads the rows of an index, in which most values occur many times.
type facetReader struct {
	index   *FacetIndex
	numbers [facetCount]map[string]int32
	// The numbers of what was read before, by its stored form.
	combinations map[facetKey]int32
	topics       map[string]int32
	properties   map[string]int32
	// The next block.
	rows []facetRow
	text []byte

	rawSearch, rawTexts, rawTopics, rawProperties sql.RawBytes
}

// facetKey are the two columns with all values but the topics.
type facetKey struct {
	texts string
	flags int64
}

func (f *facetReader) scan(rows *sql.Rows) (row facetRow, err error) {
	var flags int64
	if err := rows.Scan(&row.id, &row.pushed, &f.rawSearch, &f.rawTopics, &f.rawProperties, &f.rawTexts, &flags, &row.imported); err != nil {
		return row, err
	}
	f.text = append(f.text, f.rawSearch...)
	row.end = int32(len(f.text))
	known := false
	if row.combination, known = f.combinations[facetKey{string(f.rawTexts), flags}]; !known {
		row.combination = f.combine(string(f.rawTexts), flags)
	}
	if row.properties, known = f.properties[string(f.rawProperties)]; !known {
		row.properties = int32(len(f.index.properties))
		stored := string(f.rawProperties)
		f.properties[stored] = row.properties
		f.index.properties = append(f.index.properties, stored)
		f.index.bytes += 16 + len(stored)
	}
	if row.topics, known = f.topics[string(f.rawTopics)]; !known {
		row.topics, err = f.numberTopics(f.rawTopics)
	}
	return row, err
}

// endBlock adds the rows that were read to the index as a block.
func (f *facetReader) endBlock() {
	f.index.blocks = append(f.index.blocks, facetBlock{slices.Clone(f.rows), string(f.text)})
	f.index.bytes += int(unsafe.Sizeof(facetRow{}))*len(f.rows) + len(f.text)
	f.rows, f.text = f.rows[:0], f.text[:0]
}

// combine numbers the values of a row, and their combination.
func (f *facetReader) combine(texts string, flags int64) int32 {
	var values [facetTopic]int32
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
	n := int32(len(f.index.combinations))
	f.combinations[facetKey{texts, flags}] = n
	f.index.combinations = append(f.index.combinations, values)
	f.index.bytes += int(unsafe.Sizeof(values))
	return n
}

func (f *facetReader) numberTopics(stored []byte) (int32, error) {
	var topics []string
	if err := json.Unmarshal(stored, &topics); err != nil {
		return 0, err
	}
	var numbers []int32
	for _, topic := range topics {
		numbers = append(numbers, f.numberOf(facetTopic, topic))
	}
	n := int32(len(f.index.topics))
	f.topics[string(stored)] = n
	f.index.topics = append(f.index.topics, numbers)
	f.index.bytes += 24 + 4*len(numbers)
	return n, nil
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
