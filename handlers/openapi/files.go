package openapi

import (
	"encoding/json"
	"fmt"
	"strings"
)

// files adds to each list the files that it can be had as.
func files(operations []Operation) []Operation {
	var all []Operation
	for _, o := range operations {
		all = append(all, o)
		if !o.Listed {
			continue
		}
		file := o
		file.ID, file.Path, file.Summary = o.ID+"AsFile", o.Path+".{format}", o.Summary+", as a file"
		file.Text = "The same in the format that the path names, for browsers to save. The whole list, unless a page is asked for."
		file.Answers = []Answer{o.Answers[0]}
		file.Answers[0].Headers = append([]string{"Content-Disposition"}, o.Answers[0].Headers...)
		all = append(all, file)
	}
	return all
}

// tables are the other media types of a list, each with an example of one row.
func tables(rows Schema) map[string]any {
	row := rows.Items.Resolve()
	media := func(text, example string) map[string]any {
		return map[string]any{"schema": Schema{Type: "string", Text: text}, "example": example}
	}
	var names, cells []string
	for _, f := range row.Fields {
		names, cells = append(names, f.Name), append(cells, cell(f.Schema.example()))
	}
	line, err := json.Marshal(row.example())
	if err != nil {
		panic("openapi: an example is no JSON: " + err.Error())
	}
	return map[string]any{
		"text/csv": media("RFC 4180: the fields as columns, which the first line names. Null is empty, and lists are separated by spaces.",
			strings.Join(names, ",")+"\r\n"+strings.Join(cells, ",")+"\r\n"),
		"application/x-ndjson": media("A row on each line, as an object", string(line)+"\n"),
	}
}

// cell is an example as it stands in a table.
func cell(example any) string {
	switch example := example.(type) {
	case nil:
		return ""
	case []any:
		words := make([]string, len(example))
		for i, word := range example {
			words[i] = fmt.Sprint(word)
		}
		return strings.Join(words, " ")
	default:
		return fmt.Sprint(example)
	}
}
