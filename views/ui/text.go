package ui

import (
	"time"
	"unicode"

	"github.com/dustin/go-humanize"
)

// Ago writes a time relative to now: "3 minutes ago".
func Ago(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return humanize.RelTime(t, now, "ago", "from now")
}

// The time formats for machines, and for exact times on pages.
const (
	stampLayout = time.RFC3339
	exactLayout = "2 January 2006, 15:04:05 UTC"
)

// Stamp is a time for machines, and exact for people.
func Stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// Clock is a time of day, with the date if it isn't today.
func Clock(now, t time.Time) string {
	now, t = now.UTC(), t.UTC()
	if now.YearDay() == t.YearDay() && now.Year() == t.Year() {
		return t.Format("15:04 UTC")
	}
	return t.Format("2 January, 15:04 UTC")
}

// Count writes a number with thousands separators.
func Count(n int64) string { return humanize.Comma(n) }

// Counted writes a number with its noun, singular or plural.
func Counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Exact is a time to the second, for people.
func Exact(t time.Time) string { return t.UTC().Format(exactLayout) }

// initial is shown instead of a missing avatar.
func initial(login string) string {
	for _, r := range login {
		return string(unicode.ToUpper(r))
	}
	return "?"
}

// Plural returns the singular or plural form for a number.
func Plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
