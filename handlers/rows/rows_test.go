package rows

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"testing"
)

type cells struct {
	id   int64
	name string
	note string
	tags []string
	fork bool
}

func (c cells) fill(row *Row) {
	row.Int("id", c.id)
	row.Text("name", c.name)
	row.TextOrNull("note", c.note)
	row.Texts("tags", c.tags)
	row.Bool("fork", c.fork)
	row.JSONOrNull("more", nil)
}

func written(t *testing.T, format string, list ...cells) string {
	t.Helper()
	var out bytes.Buffer
	err := Write(&out, format, func(yield func(cells, error) bool) {
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}, func(row *Row, c cells) { c.fill(row) })
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A spreadsheet that uses ; or tabs as separators would otherwise split a text into cells,
// which may be formulas.
func TestS11EveryTextInATableIsQuoted(t *testing.T) {
	t.Parallel()
	evil := "x;=HYPERLINK(\"https://evil.example\")\t=1+1"
	out := written(t, "csv", cells{1, evil, "", []string{"a", "b"}, true}, cells{2, "", "=1+1", nil, false})
	want := "id,name,note,tags,fork,more\r\n" +
		"1,\"x;=HYPERLINK(\"\"https://evil.example\"\")\t=1+1\",,\"a b\",true,\r\n" +
		"2,\"\",\"'=1+1\",\"\",false,\r\n"
	if out != want {
		t.Errorf("written: %q\nwant     %q", out, want)
	}
	table, err := csv.NewReader(bytes.NewReader([]byte(out))).ReadAll()
	if err != nil || len(table) != 3 || table[1][1] != evil {
		t.Errorf("parsed: %q, %v", table, err)
	}
	if out := written(t, "csv"); out != "id,name,note,tags,fork,more\r\n" {
		t.Errorf("an empty table: %q", out)
	}
}

func TestCellsAreNeverFormulas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "plain": "plain", "a=b": "a=b", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "é": "é",
	} {
		var row Row
		if row.cell(text); string(row.bytes) != `"`+want+`"` {
			t.Errorf("%q becomes %s, want %q", text, row.bytes, want)
		}
	}
}

func TestListsInJSON(t *testing.T) {
	t.Parallel()
	first := `{"id":1,"name":"a \"b\"","note":null,"tags":[],"fork":false,"more":null}`
	second := `{"id":2,"name":"<&>","note":"n","tags":["x","y"],"fork":true,"more":null}`
	list := []cells{{id: 1, name: `a "b"`}, {2, "<&>", "n", []string{"x", "y"}, true}}
	for format, want := range map[string][3]string{
		"json":   {"[]\n", "[" + first + "]\n", "[" + first + "," + second + "]\n"},
		"ndjson": {"", first + "\n", first + "\n" + second + "\n"},
	} {
		for n := range want {
			if got := written(t, format, list[:n]...); got != want[n] {
				t.Errorf("%d rows as %s: %q, want %q", n, format, got, want[n])
			}
		}
	}
	broken := errors.New("broken")
	var out bytes.Buffer
	err := Write(&out, "json", func(yield func(cells, error) bool) { _ = yield(list[0], nil) && yield(list[1], broken) }, func(row *Row, c cells) { c.fill(row) })
	if !errors.Is(err, broken) || out.String() != "["+first {
		t.Errorf("an incomplete list: %q, %v", &out, err)
	}
}

// In a table, encoded JSON is written as it is.
func TestJSONInATable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	list := slices.Values([]string{`{"team":"a"}`, ""})
	err := Write(&out, "csv", func(yield func(string, error) bool) {
		for value := range list {
			if !yield(value, nil) {
				return
			}
		}
	}, func(row *Row, value string) { row.JSONOrNull("properties", []byte(value)) })
	if want := "properties\r\n\"{\"\"team\"\":\"\"a\"\"}\"\r\n\r\n"; err != nil || out.String() != want {
		t.Errorf("written %q (%v), want %q", &out, err, want)
	}
}
