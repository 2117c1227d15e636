package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
)

// named are the schemas of the struct types that have a name, by it.
var named = map[string]Schema{}

// Schemas are the named schemas.
func Schemas() map[string]Schema { return maps.Clone(named) }

// schemaOf returns the schema of a Go type as encoding/json writes it. A pointer can
// be null, unless the field is omitted when it is empty. Tags say the rest:
//
//	doc:"…"      what it means
//	example:"…"  JSON, or text
//	enum:"a,b"   the allowed values
//	min, max     bounds of a number or a length
//	null:"true"  null is allowed as well, where the field can be omitted
func schemaOf[T any]() Schema { return schemaOfType(reflect.TypeFor[T]()) }

func schemaOfType(t reflect.Type) Schema {
	switch t {
	case reflect.TypeFor[Time]():
		return Schema{Type: "string", Format: "date-time", Example: "2024-03-20T10:00:00Z"}
	case reflect.TypeFor[URL]():
		return Schema{Type: "string", Format: "uri", Example: ""}
	case reflect.TypeFor[Flag]():
		return boolean()
	case reflect.TypeFor[json.RawMessage]():
		return Schema{Type: "object", Example: map[string]any{}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		s := schemaOfType(t.Elem())
		s.Nullable = true
		return s
	case reflect.String:
		return text()
	case reflect.Int, reflect.Int64:
		return integer()
	case reflect.Bool:
		return boolean()
	case reflect.Slice:
		items := schemaOfType(t.Elem())
		return Schema{Type: "array", Items: &items}
	case reflect.Map:
		values := schemaOfType(t.Elem())
		return Schema{Type: "object", Values: &values, Example: map[string]any{}}
	case reflect.Interface:
		return Schema{}
	case reflect.Struct:
		return structSchema(t)
	default:
		panic("openapi: no schema for " + t.String())
	}
}

func structSchema(t reflect.Type) Schema {
	object := Schema{Type: "object", Fields: fieldsOf(t)}
	if t.Name() == "" {
		return object
	}
	if t.Name()[0] < 'A' || t.Name()[0] > 'Z' {
		return object // a part of another schema, without a name
	}
	named[t.Name()] = object
	return Schema{Ref: t.Name()}
}

func fieldsOf(t reflect.Type) []Field {
	fields := []Field{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			fields = append(fields, fieldsOf(f.Type)...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		field := Field{Name: name, Schema: schemaOfType(f.Type), Optional: options == "omitempty"}
		if field.Optional {
			field.Schema.Nullable = f.Tag.Get("null") == "true"
		}
		field.Schema.Description = f.Tag.Get("doc")
		describe(&field.Schema, f.Tag)
		fields = append(fields, field)
	}
	return fields
}

// describe adds what a field's tags say; for a list, to its items.
func describe(s *Schema, tag reflect.StructTag) {
	if s.Items != nil && s.Items.Ref == "" {
		s = s.Items
	}
	if words := tag.Get("enum"); words != "" {
		*s = s.of(strings.Split(words, ",")...)
	}
	s.Min, s.Max = number(tag.Get("min")), number(tag.Get("max"))
	value, ok := tag.Lookup("example")
	if !ok {
		return
	}
	var example any
	if s.Type == "string" && value != "null" {
		example = value
	} else if err := json.Unmarshal([]byte(value), &example); err != nil {
		panic(fmt.Sprintf("openapi: the example %s is no JSON: %v", value, err))
	}
	s.Example = example
}

func number(value string) int {
	if value == "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		panic("openapi: " + value + " is no number")
	}
	return n
}

// queryOf are the parameters of a query whose names and types are the fields of
// a struct.
func queryOf[T any]() []Parameter {
	var parameters []Parameter
	for _, f := range fieldsOf(reflect.TypeFor[T]()) {
		description := f.Schema.Description
		f.Schema.Description = ""
		parameters = append(parameters, Parameter{Name: f.Name, In: "query", Description: description, Schema: f.Schema, Required: !f.Optional})
	}
	return parameters
}
