package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// findField is the path, such as rules[0].fork, of the first field or item of a
// JSON document that is wanted: by its path, and by the offset at which its value, or
// the first token of it, ends. It is empty where there is none.
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
		_, err = decoder.Token() // the end
		return "", err
	}
	found, _ := walk("") // a document cut short has no such field
	return found
}
