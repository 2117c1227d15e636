package openapi

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/handlers/rows"
)

// A row of a list has exactly the bytes that encoding/json writes for the described type, whatever
// its values are.
func TestRowsAreWrittenAsDescribed(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(14, 0))
	for range 3000 {
		sameRow(t, random, ImportRow, ToImport)
		sameRow(t, random, RepositoryRow, ToRepository)
		sameRow(t, random, InstallationRow, ToInstallation)
		sameRow(t, random, AuditRow, ToAuditEntry)
	}
}

func sameRow[Item, JSON any](t *testing.T, random *rand.Rand, row func(*rows.Row, Item), convert func(Item) JSON) {
	t.Helper()
	var item Item
	fill(random, reflect.ValueOf(&item).Elem())
	list := func(yield func(Item, error) bool) {
		for range 2 {
			if !yield(item, nil) {
				return
			}
		}
	}
	var want, got bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode([]JSON{convert(item), convert(item)}); err != nil {
		t.Fatal(err)
	}
	if err := rows.Write(&got, "json", list, row); err != nil || got.String() != want.String() {
		t.Fatalf("written (%v)\n%s\nwant\n%s", err, &got, &want)
	}
	got.Reset()
	if err := rows.Write(&got, "csv", list, row); err != nil {
		t.Fatal(err)
	}
	var names []string
	for field := range reflect.TypeFor[JSON]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	if line, _, _ := strings.Cut(got.String(), "\r\n"); line != strings.Join(names, ",") {
		t.Fatalf("the columns are %s, want %s", line, names)
	}
}

// odd are texts that JSON escapes, or that aren't valid UTF-8.
var odd = []string{"", "plain", "<a href='x'>&amp;", `"quoted\`, "tab\tnew\nline\r\b\f\x00\x1f\x7f", "naïve — 日本 🎉", "line\u2028and\u2029paragraph", "\xff\xfe broken", "\ufffd", "https://example.com/?a=1&b=<2>"}

func fill(random *rand.Rand, v reflect.Value) {
	switch value := v.Addr().Interface().(type) {
	case *time.Time:
		if random.IntN(3) > 0 {
			*value = time.Unix(random.Int64N(4e9), random.Int64N(1e9)).In(time.FixedZone("", random.IntN(80000)-40000))
		}
		return
	case *json.RawMessage:
		if random.IntN(2) > 0 {
			encoded, err := json.Marshal(map[string]any{odd[random.IntN(len(odd))]: odd, "n": random.Float64()})
			if err != nil {
				panic(err)
			}
			*value = encoded
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		text := odd[random.IntN(len(odd))]
		if random.IntN(4) == 0 {
			text += string(rune(random.IntN(0x3000)))
		}
		v.SetString(text)
	case reflect.Int64:
		v.SetInt(random.Int64() >> random.IntN(64))
	case reflect.Bool:
		v.SetBool(random.IntN(2) > 0)
	case reflect.Pointer:
		if random.IntN(2) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(random, v.Elem())
		}
	case reflect.Slice:
		for range random.IntN(3) {
			item := reflect.New(v.Type().Elem()).Elem()
			fill(random, item)
			v.Set(reflect.Append(v, item))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(random, v.Field(i))
			}
		}
	}
}

// The results of an import are written one by one as encoding/json writes them whole.
func TestImportResultsAreWrittenAsDescribed(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(14, 1))
	for n := range 4 {
		results, imports, want := []db.ImportResult{}, []*db.Import{}, ImportResults{Results: []ImportResult{}}
		for i := range n {
			result, converted := db.ImportResult{RepositoryID: int64(i), Status: db.ImportNotFound}, ImportResult{RepositoryID: int64(i), Status: db.ImportNotFound}
			var item *db.Import
			if i != 1 {
				item = new(db.Import)
				fill(random, reflect.ValueOf(item).Elem())
				imported := ToImport(*item)
				result.Status, converted.Status, converted.Import = db.Imported, db.Imported, &imported
			}
			results, imports, want.Results = append(results, result), append(imports, item), append(want.Results, converted)
		}
		var whole, parts bytes.Buffer
		if err := json.NewEncoder(&whole).Encode(want); err != nil {
			t.Fatal(err)
		}
		if err := WriteImportResults(&parts, results, func(yield func(*db.Import, error) bool) {
			for _, item := range imports {
				if !yield(item, nil) {
					return
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
		if parts.String() != whole.String() {
			t.Errorf("%d results:\n%s\nexpected:\n%s", n, &parts, &whole)
		}
	}
}
