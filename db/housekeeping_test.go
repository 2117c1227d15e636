package db_test

import (
	"fmt"
	"testing"

	"neptun/db"
)

// O9: what is recorded along the way is kept for a stated time: after a year there
// is no more of it than after the longest of those times.
func TestO9AYearsRecordsStayBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme)
		count := func(table string) (n int) {
			t.Helper()
			ok(t, w.raw().QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&n))
			return n
		}
		for today := range 365 {
			w.clock.pass(day)
			guid := fmt.Sprint("delivery-", today)
			ok(t, w.AddDelivery(ctx, db.Delivery{GUID: guid, Event: "repository", Action: "edited", Subject: "repository/1"}))
			ok(t, w.FinishDelivery(ctx, guid, db.DeliveryApplied))
			ok(t, w.RecordRepositoryChange(ctx, 1))
			ok(t, w.PutSession(ctx, fmt.Sprint("session-", today), through.UserID, []byte("{}"), w.clock.Now().Add(20*day)))
			w.reaches(through, repos(1, 1+today%2, acme)...) // one comes and goes: history
			drain(t, w)
			ok(t, w.CleanUp(ctx))
		}
		for table, most := range map[string]int{
			"deliveries": 31, "changes": 3 * 8, "sync_runs": 4 * 31, "history": 2 * 91, "sessions": 50, "jobs": 1, "access_checks": 0,
		} {
			if n := count(table); n > most {
				t.Errorf("%s has %d rows, want at most %d", table, n, most)
			}
		}
	})
}
