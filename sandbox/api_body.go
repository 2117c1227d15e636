package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// fields are the properties of the JSON object in a request's body.
type fields map[string]any

// fields decodes the request's body. An empty one is an object without properties.
func (c *call) fields() (fields, error) {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return fields{}, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(c.body))
	decoder.UseNumber()
	var body any
	if err := decoder.Decode(&body); err != nil || decoder.More() {
		return nil, &apiError{status: http.StatusBadRequest, message: "Problems parsing JSON"}
	}
	object, ok := body.(object)
	if !ok {
		return nil, &apiError{status: http.StatusBadRequest, message: "Body should be a JSON object"}
	}
	return object, nil
}

// unprocessable is the error for a body that is valid JSON but invalid input.
func unprocessable(format string, args ...any) *apiError {
	return &apiError{status: http.StatusUnprocessableEntity, message: fmt.Sprintf(format, args...)}
}

func mistyped(name string, value any, kind string) *apiError {
	return unprocessable("Invalid request.\n\nFor 'properties/%s', %s is not %s.", name, encode(value), kind)
}

// text is a string property, "" if it is absent.
func (f fields) text(name string) (string, error) {
	switch value := f[name].(type) {
	case nil:
		return "", nil
	case string:
		return value, nil
	default:
		return "", mistyped(name, value, "a string")
	}
}

// requiredText is a string property that must be present.
func (f fields) requiredText(name string) (string, error) {
	if f[name] == nil {
		return "", unprocessable("Invalid request.\n\n%q wasn't supplied.", name)
	}
	return f.text(name)
}

// number is an integer property, 0 if it is absent.
func (f fields) number(name string) (int64, error) {
	value, present := f[name]
	if !present || value == nil {
		return 0, nil
	}
	number, ok := wholeNumber(value)
	if !ok {
		return 0, mistyped(name, value, "an integer")
	}
	return number, nil
}

// texts is a property that is a list of strings.
func (f fields) texts(name string) ([]string, error) {
	items, err := f.list(name)
	texts := make([]string, len(items))
	for n, item := range items {
		text, ok := item.(string)
		if !ok {
			return nil, mistyped(fmt.Sprint(name, "/", n), item, "a string")
		}
		texts[n] = text
	}
	return texts, err
}

// numbers is a property that is a list of integers.
func (f fields) numbers(name string) ([]int64, error) {
	items, err := f.list(name)
	numbers := make([]int64, len(items))
	for n, item := range items {
		number, ok := wholeNumber(item)
		if !ok {
			return nil, mistyped(fmt.Sprint(name, "/", n), item, "an integer")
		}
		numbers[n] = number
	}
	return numbers, err
}

func (f fields) list(name string) ([]any, error) {
	value, present := f[name]
	if !present || value == nil {
		return nil, nil
	}
	items, ok := value.([]any)
	if !ok {
		return nil, mistyped(name, value, "an array")
	}
	return items, nil
}

// permissions is a property that maps permissions to access levels; nil if it is absent.
func (f fields) permissions(name string) (map[string]string, error) {
	value, present := f[name]
	if !present || value == nil {
		return nil, nil
	}
	named, ok := value.(object)
	if !ok {
		return nil, mistyped(name, value, "an object")
	}
	permissions := map[string]string{}
	for permission, level := range named {
		text, _ := level.(string)
		levels := permissionLevels[permission]
		if levels == nil {
			return nil, unprocessable("Invalid request.\n\n%q is not a permitted key.", permission)
		}
		if !slices.Contains(levels, text) {
			return nil, unprocessable("Invalid request.\n\n%s is not a member of [%s].", encode(level), strings.Join(levels, ", "))
		}
		permissions[permission] = text
	}
	return permissions, nil
}
