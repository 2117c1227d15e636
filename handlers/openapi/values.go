package openapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"

	"neptun/weburl"
)

// Nullable values are pointers: encoding/json writes one at half the cost of a type
// with a MarshalJSON method, whose output it validates again.

// Time is a time as the contract writes it: RFC 3339, UTC, whole seconds.
type Time string

// URL is an absolute address.
type URL string

// TimeOf is a time that is known.
func TimeOf(t time.Time) Time { return Time(t.UTC().Format(time.RFC3339)) }

// TimeOrNull is a time; the zero time is null.
func TimeOrNull(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	written := TimeOf(t)
	return &written
}

// OrNull is a value whose absence is null.
func OrNull[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// URLOrNull is an address that may be linked to; null for any other.
func URLOrNull(address string) *URL { return OrNull(WebURL(address)) }

// WebURL is URLOrNull for a field that is never null.
func WebURL(address string) URL { return URL(weburl.Safe(address)) }

// Each converts a list. The result is never null in JSON.
func Each[From, To any](list []From, convert func(From) To) []To {
	converted := make([]To, 0, len(list))
	for _, item := range list {
		converted = append(converted, convert(item))
	}
	return converted
}

// NotNil is a list that is never null in JSON.
func NotNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Permissions is GitHub's object of permissions, never null in JSON.
func Permissions(permissions map[string]string) map[string]string {
	if permissions == nil {
		return map[string]string{}
	}
	return permissions
}

// Flag is a boolean in a body, written as in JSON or as text as in a query; empty
// for neither.
type Flag string

// UnmarshalJSON implements json.Unmarshaler.
func (f *Flag) UnmarshalJSON(data []byte) error {
	if string(data) == "true" || string(data) == "false" {
		*f = Flag(data)
		return nil
	}
	return json.Unmarshal(data, (*string)(f))
}

// Values returns the fields of a body as parameters of a query, without empty ones.
func Values[T any](body T) url.Values {
	values, v := url.Values{}, reflect.ValueOf(body)
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if !v.Field(i).IsZero() {
			values.Set(name, fmt.Sprint(v.Field(i).Interface()))
		}
	}
	return values
}

// PropertiesOrNull is a JSON object; none is null.
func PropertiesOrNull(object json.RawMessage) *json.RawMessage {
	if len(object) == 0 {
		return nil
	}
	return &object
}
