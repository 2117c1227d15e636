package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// findField returns the path, such as rules[0].fork, of the first field or item of a JSON
// document for which wanted returns true. wanted gets the path and the offset at which the
// value, or its first token, ends. The result is empty if there is none.
func findField(document []byte, wanted func(path string, end int64) bool) string {
	decoder := json.NewDecoder(bytes.NewReader(document))
	var walk func(path string) (found string, err error)
	walk = func(path string) (string, error) {
		token, err := decoder.Token()
		if err != nil {
			return "", err
		}
		if path != "" && wanted(path, decoder.InputOffset()) {
			return path, nil
		}
		delim, nested := token.(json.Delim)
		if !nested {
			return "", nil
		}
		for i := 0; decoder.More(); i++ {
			inner := path + "[" + strconv.Itoa(i) + "]"
			if delim == '{' {
				token, err := decoder.Token()
				if err != nil {
					return "", err
				}
				if inner = fmt.Sprint(token); path != "" {
					inner = path + "." + inner
				}
			}
			if found, err := walk(inner); found != "" || err != nil {
				return found, err
			}
		}
		_, err = decoder.Token() // the closing bracket
		return "", err
	}
	found, _ := walk("") // an incomplete document has no such field
	return found
}
