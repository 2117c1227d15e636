package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// findField is the path, such as rules[0].fork, of the first field or item of a
// JSON document that is wanted: by its path, its name and the offset at which its
// value begins to end. It is empty where there is none.
func findField(document []byte, wanted func(name string, end int64) bool) string {
	decoder := json.NewDecoder(bytes.NewReader(document))
	var walk func(path, name string) (found string, err error)
	walk = func(path, name string) (string, error) {
		token, err := decoder.Token()
		if err != nil {
			return "", err
		}
		if path != "" && wanted(name, decoder.InputOffset()) {
			return path, nil
		}
		delim, nested := token.(json.Delim)
		if !nested {
			return "", nil
		}
		for i := 0; decoder.More(); i++ {
			inner, key := path+"["+strconv.Itoa(i)+"]", ""
			if delim == '{' {
				token, err := decoder.Token()
				if err != nil {
					return "", err
				}
				key = fmt.Sprint(token)
				if inner = path + "." + key; path == "" {
					inner = key
				}
			}
			if found, err := walk(inner, key); found != "" || err != nil {
				return found, err
			}
		}
		_, err = decoder.Token() // the end
		return "", err
	}
	found, _ := walk("", "") // a document cut short has no such field
	return found
}
