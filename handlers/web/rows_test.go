package web

import (
	"bytes"
	"encoding/csv"
	"iter"
	"testing"
)

type cells struct {
	ID   int64    `json:"id"`
	Name string   `json:"name"`
	Note *string  `json:"note"`
	Tags []string `json:"tags"`
	Fork bool     `json:"fork"`
}

func rowsOf(list ...cells) iter.Seq2[cells, error] {
	return func(yield func(cells, error) bool) {
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// A spreadsheet that takes ; or a tab for the separator would otherwise find cells
// of its own, with formulas, within a text.
func TestS11EveryTextInATableIsQuoted(t *testing.T) {
	evil := "x;=HYPERLINK(\"https://evil.example\")\t=1+1"
	formula := "=1+1"
	var out bytes.Buffer
	same := func(c cells) cells { return c }
	if err := writeCSV(&out, rowsOf(cells{1, evil, nil, []string{"a", "b"}, true}, cells{2, "", &formula, nil, false}), same); err != nil {
		t.Fatal(err)
	}
	want := "id,name,note,tags,fork\r\n" +
		"1,\"x;=HYPERLINK(\"\"https://evil.example\"\")\t=1+1\",,\"a b\",true\r\n" +
		"2,\"\",\"'=1+1\",\"\",false\r\n"
	if out.String() != want {
		t.Errorf("written: %q\nwant     %q", out.String(), want)
	}
	table, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(table) != 3 || table[1][1] != evil {
		t.Errorf("read back: %q, %v", table, err)
	}
	out.Reset()
	if err := writeCSV(&out, rowsOf(), same); err != nil || out.String() != "id,name,note,tags,fork\r\n" {
		t.Errorf("an empty table: %q, %v", out.String(), err)
	}
}
