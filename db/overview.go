package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Overview has counts of a user's visible repositories and imports.
type Overview struct {
	Installations, Repositories, Imports int64
	// HiddenImports counts imports of repositories that GitHub no longer shows the user.
	HiddenImports int64
	// Languages are those of the imports, the most frequent first; "" means none.
	Languages []FacetValue
	// Weeks count the imports by the week of the last push, the oldest first.
	Weeks []Week
}

// Week is a week, from Start on, and how many imports were last pushed to in it.
type Week struct {
	Start time.Time
	Count int64
}

// GetOverview returns a user's overview with the given number of weeks, up to the current
// one. Weeks start on Monday, UTC.
func (d *DB) GetOverview(ctx context.Context, userID string, weeks int) (Overview, error) {
	totals, err := d.read.GetOverviewTotals(ctx, userID)
	if err != nil {
		return Overview{}, fmt.Errorf("db: read overview: %w", err)
	}
	overview := Overview{
		Installations: totals.Installations, Repositories: totals.Repositories,
		Imports: totals.Imports, HiddenImports: totals.HiddenImports,
	}
	languages, err := d.read.CountImportsByLanguage(ctx, userID)
	if err != nil {
		return Overview{}, fmt.Errorf("db: count imports by language: %w", err)
	}
	for _, row := range languages {
		overview.Languages = append(overview.Languages, FacetValue{row.Language, row.Imports})
	}
	since := monday(d.now()).AddDate(0, 0, -7*(weeks-1))
	rows, err := d.read.CountImportsByWeek(ctx, sqlcgen.CountImportsByWeekParams{UserID: userID, Since: millis(since)})
	if err != nil {
		return Overview{}, fmt.Errorf("db: count imports by week: %w", err)
	}
	for week := range weeks {
		overview.Weeks = append(overview.Weeks, Week{Start: since.AddDate(0, 0, 7*week)})
	}
	for _, row := range rows {
		// A push dated later than our clock counts for this week.
		overview.Weeks[min(row.Week, int64(weeks)-1)].Count += row.Imports
	}
	return overview, nil
}

// monday returns the start of a time's week, in UTC.
func monday(t time.Time) time.Time {
	day := t.UTC().Truncate(24 * time.Hour)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}
