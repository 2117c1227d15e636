package db

import (
	"database/sql/driver"
	"encoding/json"

	sqlitedriver "modernc.org/sqlite"
)

// hasPropertyFunction is hasProperty in SQL. On PostgreSQL a migration defines it.
const hasPropertyFunction = "neptun_has_property"

func init() {
	sqlitedriver.MustRegisterDeterministicScalarFunction(hasPropertyFunction, 3, func(_ *sqlitedriver.FunctionContext, args []driver.Value) (driver.Value, error) {
		properties, _ := args[0].(string)
		name, _ := args[1].(string)
		wanted, _ := args[2].(string)
		return hasProperty(properties, name, wanted), nil
	})
}

// hasProperty reports whether custom properties, a JSON object or empty, have one with
// this name and value; an empty wanted matches any value. A list matches if one of its
// elements does.
func hasProperty(properties, name, wanted string) bool {
	if properties == "" {
		return false
	}
	var all map[string]json.RawMessage
	if json.Unmarshal([]byte(properties), &all) != nil {
		return false
	}
	value := all[name]
	var elements []json.RawMessage
	switch {
	case len(value) == 0 || string(value) == "null":
		return false
	case json.Unmarshal(value, &elements) != nil:
		elements = []json.RawMessage{value}
	}
	for _, element := range elements {
		text := string(element)
		if element[0] == '"' && json.Unmarshal(element, &text) != nil {
			continue
		}
		if wanted == "" || text == wanted {
			return true
		}
	}
	return false
}
