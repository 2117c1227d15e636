package db

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"neptun/db/sqlcgen"
)

// Skipped counts the rows of GitHub's lists that could not be used, by the reason.
type Skipped map[string]int64

// The reasons why a row could not be used.
const (
	SkippedNull      = "null"       // the row is null
	SkippedNoID      = "no_id"      // it has no id
	SkippedNoName    = "no_name"    // a repository has no name
	SkippedOwnerType = "owner_type" // a repository has an owner without a type
	SkippedNoAccount = "no_account" // an installation whose account GitHub has deleted
	SkippedUnknown   = "unknown"    // skipped before reasons were stored
)

// skippedWords describe the reasons for users, after a count.
var skippedWords = map[string]string{
	SkippedNull:      "empty",
	SkippedNoID:      "without an id",
	SkippedNoName:    "without a name",
	SkippedOwnerType: "with an owner of unknown type",
	SkippedNoAccount: "without an account",
	SkippedUnknown:   "for an unknown reason",
}

// Words describes the counts and their reasons for users, the highest count first.
func (s Skipped) Words() string {
	var parts []string
	byCount := func(a, b string) int { return cmp.Or(cmp.Compare(s[b], s[a]), cmp.Compare(a, b)) }
	for _, reason := range slices.SortedFunc(maps.Keys(s), byCount) {
		parts = append(parts, fmt.Sprint(s[reason], " ", skippedWords[reason]))
	}
	return strings.Join(parts, ", ")
}

// Total is the sum of all counts.
func (s Skipped) Total() int64 {
	var n int64
	for _, count := range s {
		n += count
	}
	return n
}

// Plus returns the sum of two Skipped. Neither is changed.
func (s Skipped) Plus(others Skipped) Skipped {
	sum := maps.Clone(s)
	if sum == nil {
		sum = Skipped{}
	}
	for reason, count := range others {
		sum[reason] += count
	}
	return sum
}

func (s Skipped) String() string {
	if len(s) == 0 {
		return "{}"
	}
	encoded, err := json.Marshal(map[string]int64(s))
	if err != nil {
		panic(err) // words and numbers
	}
	return string(encoded)
}

// parseSkipped parses the stored reasons of a total.
func parseSkipped(stored string, total int64) (Skipped, error) {
	var s Skipped
	if stored != "{}" {
		if err := json.Unmarshal([]byte(stored), &s); err != nil {
			return nil, fmt.Errorf("db: read reasons: %w", err)
		}
	}
	if rest := total - s.Total(); rest > 0 {
		s = s.Plus(Skipped{SkippedUnknown: rest})
	}
	return s, nil
}

// AnnotateSync records what a run that is about to finish skipped and couldn't prove, for
// users.
func (d *DB) AnnotateSync(ctx context.Context, run int64, skipped Skipped, note string) error {
	return d.fencedStep(ctx, "annotate sync", func(q *sqlcgen.Queries) error {
		return q.AnnotateRun(ctx, sqlcgen.AnnotateRunParams{Skipped: skipped.Total(), SkippedReasons: skipped.String(), Note: note, ID: run})
	})
}

// Findings sum up, for operators, what the latest finished syncs skipped or couldn't prove.
type Findings struct {
	// Users are the syncs of users' installations and repositories.
	Users Skipped
	// Syncs counts those that skipped rows or couldn't prove something.
	Syncs int64
	// App is the latest sync of all installations of the App.
	App Skipped
}

// ListFindings returns the findings over all users' latest finished syncs.
func (d *DB) ListFindings(ctx context.Context) (Findings, error) {
	rows, err := d.read.ListFindings(ctx)
	if err != nil {
		return Findings{}, fmt.Errorf("db: list findings: %w", err)
	}
	found := Findings{Users: Skipped{}, App: Skipped{}}
	for _, row := range rows {
		skipped, err := parseSkipped(row.SkippedReasons, row.Skipped)
		if err != nil {
			return Findings{}, err
		}
		if row.Kind == (SyncAppInstallations{}).Kind() {
			found.App = found.App.Plus(skipped)
			continue
		}
		found.Users = found.Users.Plus(skipped)
		found.Syncs++
	}
	return found, nil
}
