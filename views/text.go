package views

import (
	"time"
	"unicode"

	"github.com/dustin/go-humanize"
)

// ago tells a time as people do: "3 minutes ago".
func ago(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return humanize.RelTime(t, now, "ago", "from now")
}

// stamp is a time for machines, and exact for people.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// clock is a time of day, with the day where it is another one.
func clock(now, t time.Time) string {
	now, t = now.UTC(), t.UTC()
	if now.YearDay() == t.YearDay() && now.Year() == t.Year() {
		return t.Format("15:04 UTC")
	}
	return t.Format("2 January, 15:04 UTC")
}

// count writes a number with thousands separators.
func count(n int64) string { return humanize.Comma(n) }

// counted writes a number with the word for what is counted.
func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// exact is a time to the second, for people.
func exact(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") }

// initial stands in for a missing avatar.
func initial(login string) string {
	for _, r := range login {
		return string(unicode.ToUpper(r))
	}
	return "?"
}
