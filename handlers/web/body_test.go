package web

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// Errors name fields of a body by their path, with the indices of lists.
func TestR18FieldsInBodiesAreNamedByTheirPath(t *testing.T) {
	type rule struct {
		Name string `json:"name"`
		Fork bool   `json:"fork"`
	}
	for body, want := range map[string]string{
		`{"mode":1}`: "mode",
		`{"mode":"rules","rules":[{"name":"a"},{"name":2}]}`: "rules[1].name",
		`{"rules":[{"name":"a","fork":"yes"}]}`:              "rules[0].fork",
		`{"rules":[{"name":"a"},{"nane":"b"}]}`:              "rules[1].nane",
		`{"ids":[1,2,"3"]}`:                                  "ids[2]",
		`{"ids":{}}`:                                         "ids",
		`{"langage":"Go"}`:                                   "langage",
		`[]`:                                                 "body",
		`{"rules":[{"name":"mode"},{"name":"ids","fork":true},{"fork":0}]}`: "rules[2].fork",
	} {
		var target struct {
			Mode  string  `json:"mode"`
			IDs   []int64 `json:"ids"`
			Rules []rule  `json:"rules"`
		}
		decoder := json.NewDecoder(strings.NewReader(body))
		decoder.DisallowUnknownFields()
		var invalid *Error
		if err := decodeError(decoder.Decode(&target), []byte(body)); !errors.As(err, &invalid) || len(invalid.Fields) != 1 || invalid.Fields[0].Field != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}
