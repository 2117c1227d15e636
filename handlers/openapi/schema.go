package openapi

import (
	"bytes"
	"encoding/json"
)

// Schema is a JSON Schema. Its zero value allows anything.
type Schema struct {
	// Ref names one of Schemas; the other fields are then empty.
	Ref         string
	Type        string // string, integer, boolean, array or object
	Nullable    bool
	Format      string
	Description string
	Enum        []string
	Min, Max    int     // of an integer, the length of a string or of a list; 0 for none
	Items       *Schema // of an array
	Fields      []Field // of an object, in the order that it is written
	Values      *Schema // of an object with arbitrary field names
	Example     any
}

// Field is a field of an object.
type Field struct {
	Name     string
	Schema   Schema
	Optional bool
}

func text() Schema    { return Schema{Type: "string", Example: ""} }
func integer() Schema { return Schema{Type: "integer", Format: "int64", Example: 1} }
func boolean() Schema { return Schema{Type: "boolean", Example: false} }

func (s Schema) like(example any) Schema          { s.Example = example; return s }
func (s Schema) from(minimum, maximum int) Schema { s.Min, s.Max = minimum, maximum; return s }

// of allows only the given values.
func (s Schema) of(words ...string) Schema { s.Enum, s.Example = words, words[0]; return s }

// MarshalJSON writes the schema as JSON Schema 2020-12, which is OpenAPI 3.1's.
func (s Schema) MarshalJSON() ([]byte, error) {
	if s.Ref != "" {
		reference := map[string]any{"$ref": "#/components/schemas/" + s.Ref}
		if s.Nullable {
			return json.Marshal(map[string]any{"anyOf": []any{reference, map[string]any{"type": "null"}}})
		}
		return json.Marshal(reference)
	}
	out := map[string]any{"type": s.Type}
	if s.Nullable {
		out["type"] = []string{s.Type, "null"}
	}
	set := func(name string, value any, given bool) {
		if given {
			out[name] = value
		}
	}
	set("format", s.Format, s.Format != "")
	set("description", s.Description, s.Description != "")
	bounds := map[string][2]string{"integer": {"minimum", "maximum"}, "string": {"minLength", "maxLength"}, "array": {"minItems", "maxItems"}}[s.Type]
	set(bounds[0], s.Min, s.Min != 0)
	set(bounds[1], s.Max, s.Max != 0)
	set("items", s.Items, s.Items != nil)
	set("additionalProperties", s.Values, s.Values != nil)
	if s.Enum != nil {
		allowed := make([]any, 0, len(s.Enum)+1)
		for _, word := range s.Enum {
			allowed = append(allowed, word)
		}
		if s.Nullable {
			allowed = append(allowed, nil)
		}
		out["enum"] = allowed
	}
	if s.Fields != nil {
		properties, required := map[string]Schema{}, []string{}
		for _, f := range s.Fields {
			properties[f.Name] = f.Schema
			if !f.Optional {
				required = append(required, f.Name)
			}
		}
		out["properties"] = properties
		set("required", required, len(required) > 0)
	}
	return json.Marshal(out)
}

// Resolve follows a reference to what it names.
func (s Schema) Resolve() Schema {
	if s.Ref == "" {
		return s
	}
	return named[s.Ref]
}

// References adds the names of all schemas that this one is made of.
func (s Schema) References(names map[string]bool) {
	if s.Ref != "" && !names[s.Ref] {
		names[s.Ref] = true
		s.Resolve().References(names)
	}
	for _, part := range []*Schema{s.Items, s.Values} {
		if part != nil {
			part.References(names)
		}
	}
	for _, f := range s.Fields {
		f.Schema.References(names)
	}
}

// Shape describes a value in a few words.
func (s Schema) Shape() string {
	shape := s.Type
	switch {
	case s.Ref != "":
		shape = s.Ref
	case s.Items != nil:
		shape = "list of " + s.Items.Shape()
	case s.Format == "date-time":
		shape = "time"
	}
	if s.Nullable {
		shape += " or null"
	}
	return shape
}

// example is a value that meets the schema, with the fields in their order.
func (s Schema) example() any {
	s = s.Resolve()
	switch {
	case s.Items != nil:
		return []any{s.Items.example()}
	case s.Fields != nil:
		fields := make(orderedObject, 0, len(s.Fields))
		for _, f := range s.Fields {
			fields = append(fields, orderedField{f.Name, f.Schema.example()})
		}
		return fields
	case s.Example == "" && s.Nullable:
		return nil
	}
	return s.Example
}

// ExampleJSON is an example of a value, indented.
func (s Schema) ExampleJSON() (string, error) {
	out, err := json.MarshalIndent(s.example(), "", "  ")
	return string(out), err
}

type orderedField struct {
	name  string
	value any
}

// orderedObject is an object that keeps the order of its fields.
type orderedObject []orderedField

// MarshalJSON implements json.Marshaler.
func (o orderedObject) MarshalJSON() ([]byte, error) {
	var buffer bytes.Buffer
	buffer.WriteByte('{')
	for i, field := range o {
		if i > 0 {
			buffer.WriteByte(',')
		}
		name, err := json.Marshal(field.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(field.value)
		if err != nil {
			return nil, err
		}
		buffer.Write(name)
		buffer.WriteByte(':')
		buffer.Write(value)
	}
	buffer.WriteByte('}')
	return buffer.Bytes(), nil
}
