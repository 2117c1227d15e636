package jobs

import (
	"fmt"
	"reflect"
	"strings"
)

// Subject is what arguments are stored as: the values of their fields, one space
// between two.
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
		return args, fmt.Errorf("jobs: %q is no subject of %s", subject, args.Kind())
	}
	for i, field := range fields {
		if _, err := fmt.Sscan(field, value.Field(i).Addr().Interface()); err != nil {
			return args, fmt.Errorf("jobs: the subject %q of %s: %w", subject, args.Kind(), err)
		}
	}
	return args, nil
}
