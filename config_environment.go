package main

import (
	"errors"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/caarlos0/env/v11"
)

// Values that envDefault repeats in config's tags.
const (
	defaultAddr        = "127.0.0.1:8080"
	defaultDatabaseURL = "sqlite:neptun.db"
)

// clean trims blanks and line breaks around values, and a pair of quotes, which Docker's env
// files keep. Variables without a value are left out.
func clean(environment map[string]string) map[string]string {
	cleaned := make(map[string]string, len(environment))
	for name, value := range environment {
		if name != "NEPTUN_SECRET" { // see config.openSecrets
			value = unquote(value)
		}
		if value = strings.TrimSpace(value); value != "" {
			cleaned[name] = value
		}
	}
	return cleaned
}

func unquote(value string) string {
	value = strings.TrimSpace(value)
	if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		return strings.TrimSpace(value[1 : n-1])
	}
	return value
}

// parse reads the environment into a configuration. Its errors name variables,
// never values: those may be secrets.
func parse(into any, environment map[string]string) (errs configErrors) {
	options := env.Options{Environment: environment, FuncMap: map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[time.Duration]():  func(text string) (any, error) { return parseDuration(text) },
		reflect.TypeFor[[]netip.Prefix](): func(text string) (any, error) { return parsePrefixes(text) },
	}}
	err := env.ParseWithOptions(into, options)
	var all env.AggregateError
	if err != nil && !errors.As(err, &all) {
		all.Errors = []error{err}
	}
	for _, one := range all.Errors {
		var failed env.ParseError
		if !errors.As(one, &failed) {
			errs = append(errs, one.Error())
			continue
		}
		field, _ := reflect.TypeOf(into).Elem().FieldByName(failed.Name)
		errs.add(field.Tag.Get("env"), "must be %s", expected(field.Type))
	}
	trimLists(reflect.ValueOf(into).Elem())
	return errs
}

// expected describes the format of a type's values.
func expected(of reflect.Type) string {
	switch of {
	case reflect.TypeFor[time.Duration]():
		return "a duration such as 168h, 90m or 7d, up to " + strconv.Itoa(maxDays) + "d"
	case reflect.TypeFor[[]netip.Prefix]():
		return "a comma-separated list of addresses or networks such as 10.0.0.0/8, 127.0.0.1"
	case reflect.TypeFor[slog.Level]():
		return "debug, info, warn or error"
	case reflect.TypeFor[bool]():
		return "true or false"
	}
	return "a whole number"
}

const (
	day = 24 * time.Hour
	// maxDays is the longest time that can be set. A time.Duration ends at 106,751 days, and
	// products beyond that wrap around to short or negative ones.
	maxDays = 36500
)

// parseDuration accepts days in addition to Go's units: 7d, 1d12h.
func parseDuration(text string) (duration time.Duration, err error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		rest = text
	} else if duration, err = parseDays(days); err != nil || rest == "" {
		return duration, err
	}
	more, err := time.ParseDuration(rest)
	if err == nil && (more > maxDays*day || found && more < 0) {
		err = strconv.ErrRange
	}
	return duration + more, err
}

func parseDays(text string) (time.Duration, error) {
	days, err := strconv.ParseUint(text, 10, 64)
	if err == nil && days > maxDays {
		err = strconv.ErrRange
	}
	return time.Duration(min(days, maxDays)) * day, err
}

// parsePrefixes parses networks; a single address is a network too.
func parsePrefixes(list string) (prefixes []netip.Prefix, err error) {
	for text := range strings.SplitSeq(list, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if address, notOne := netip.ParseAddr(text); notOne == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil, err
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

// trimLists trims the parts of comma-separated lists.
func trimLists(config reflect.Value) {
	for i := range config.NumField() {
		list, ok := config.Field(i).Interface().([]string)
		if !ok {
			continue
		}
		for j := range list {
			list[j] = strings.TrimSpace(list[j])
		}
	}
}

// variables returns the names of all settings.
func variables() []string {
	names := []string{"DEMO_DATABASE_URL", "SANDBOX_ADDR"}
	for field := range reflect.TypeFor[config]().Fields() {
		names = append(names, field.Tag.Get("env"))
	}
	return names
}

// unknownVariables warns of unknown variables with names like Neptun's.
func unknownVariables(environment map[string]string) (warnings []string) {
	known := variables()
	for name := range environment {
		if !strings.HasPrefix(name, "NEPTUN_") || strings.HasPrefix(name, "NEPTUN_TEST_") || slices.Contains(known, name) {
			continue
		}
		if other := strings.TrimPrefix(name, "NEPTUN_"); slices.Contains(known, other) {
			warnings = append(warnings, "There is no setting "+name+"; did you mean "+other+"?")
			continue
		}
		nearest := slices.MinFunc(known, func(a, b string) int {
			return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
		})
		warnings = append(warnings, "There is no setting "+name+"; did you mean "+nearest+"?")
	}
	slices.Sort(warnings)
	return warnings
}
