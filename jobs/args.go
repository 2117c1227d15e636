package jobs

import (
	"fmt"
	"reflect"
	"strings"
)

// Subject encodes arguments as they are stored: the values of their fields,
// separated by spaces.
func Subject(args Args) string {
	value := reflect.ValueOf(args)
	fields := make([]string, value.NumField())
	for i := range fields {
		fields[i] = fmt.Sprint(value.Field(i).Interface())
	}
	return strings.Join(fields, " ")
}

func parse[A Args](subject string) (args A, err error) {
	value := reflect.ValueOf(&args).Elem()
	fields := strings.Fields(subject)
	if len(fields) != value.NumField() {
		return args, fmt.Errorf("jobs: %q isn't a subject of %s", subject, args.Kind())
	}
	for i, field := range fields {
		if _, err := fmt.Sscan(field, value.Field(i).Addr().Interface()); err != nil {
			return args, fmt.Errorf("jobs: the subject %q of %s: %w", subject, args.Kind(), err)
		}
	}
	return args, nil
}
