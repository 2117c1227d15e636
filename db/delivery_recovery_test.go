package db_test

import (
	"errors"
	"testing"
	"time"

	"neptun/db"
)

// sent is GitHub's word that it sent a webhook at a time.
func sent(guid string, attempt int64, at time.Time) db.SentDelivery {
	return db.SentDelivery{GUID: guid, Event: "installation", Action: "suspend", InstallationID: 700, AttemptID: attempt, SentAt: at, LastSentAt: at}
}

func TestSentDeliveriesAreRecordedWithReceivedOnes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		start := w.clock.Now()
		ok(t, w.AddDelivery(ctx, suspended("came")))
		useless := sent("useless", 30, start.Add(2*time.Second))
		useless.Event, useless.Ignored = "push", true
		page := []db.SentDelivery{sent("came", 10, start.Add(-time.Second)), sent("lost", 40, start.Add(3*time.Second)), useless, sent("first", 20, start.Add(time.Second))}
		for range 2 {
			ok(t, w.RecordSentDeliveries(ctx, page))
		}
		// A later attempt moves nothing but its own time.
		ok(t, w.RecordSentDeliveries(ctx, []db.SentDelivery{sent("first", 50, start.Add(time.Minute))}))
		missing := got(w.ListMissingDeliveries(ctx, 10))(t)
		if len(missing) != 2 || missing[0] != (db.MissingDelivery{GUID: "first", AttemptID: 50}) || missing[1].GUID != "lost" {
			t.Errorf("missing are %+v", missing)
		}
		list := got(w.ListDeliveries(ctx, "", db.Page{Limit: 10}))(t)
		var guids []string
		for _, d := range list {
			guids = append(guids, d.GUID+" "+string(d.Outcome))
		}
		if len(list) != 4 || guids[0] != "lost missing" || guids[1] != "useless ignored" || guids[2] != "first missing" || guids[3] != "came pending" {
			t.Errorf("recorded are %q", guids)
		}
		if received := list[3]; received.AttemptID != 10 || !received.SentAt.Equal(start.Add(-time.Second)) || !received.ReceivedAt.Equal(start) {
			t.Errorf("the delivery is %+v", received)
		}
		if only := got(w.ListDeliveries(ctx, db.DeliveryMissing, db.Page{Limit: 1, Offset: 1}))(t); len(only) != 1 || only[0].GUID != "first" {
			t.Errorf("the second missing one is %+v", only)
		}
		known := got(w.ListDeliveriesByGUID(ctx, []string{"came", "came", "first", "unknown"}))(t)
		if len(known) != 2 || known["first"].Outcome != db.DeliveryMissing || !known["first"].ReceivedAt.IsZero() {
			t.Errorf("known are %+v", known)
		}
		if first := got(w.FindDelivery(ctx, "first"))(t); first.Outcome != db.DeliveryMissing || len(first.Body) != 0 || !first.ReceivedAt.IsZero() {
			t.Errorf("the first missing one is %+v", first)
		}
		// A missing one arrives later.
		ok(t, w.AddDelivery(ctx, suspended("lost")))
		if n := got(w.CountMissing(ctx))(t); n != 1 {
			t.Errorf("%d are missing", n)
		}
		if d := got(w.FindDelivery(ctx, "lost"))(t); d.Outcome != db.DeliveryPending || len(d.Body) == 0 || !d.CaughtUpAt.IsZero() {
			t.Errorf("it is %+v", d)
		}
	})
}

// A delivery that GitHub still lists would look missing.
func TestADeliveryRecordIsKeptWhileGitHubMayListIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, guid := range []string{"again", "done"} {
			ok(t, w.AddDelivery(ctx, suspended(guid)))
			ok(t, w.FinishDelivery(ctx, guid, db.DeliveryApplied))
		}
		ok(t, w.RecordSentDeliveries(ctx, []db.SentDelivery{sent("missed", 10, w.clock.Now())}))
		w.clock.Advance(29 * day)
		ok(t, w.RecordSentDeliveries(ctx, []db.SentDelivery{sent("again", 20, w.clock.Now())}))
		w.clock.Advance(2 * day)
		ok(t, w.CleanUp(ctx))
		got(w.FindDelivery(ctx, "again"))(t)
		for _, guid := range []string{"done", "missed"} {
			if _, err := w.FindDelivery(ctx, guid); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("after a month %s is still there: %v", guid, err)
			}
		}
	})
}

func TestARecoveryIsSharedAndKeepsItsPosition(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		other := newWorld(t, w.url)
		if state := got(w.GetRecovery(ctx))(t); state.State != db.SyncIdle || !state.SyncedAt.IsZero() {
			t.Errorf("before the first sync it is %+v", state)
		}
		ok(t, w.QueueSync(ctx, db.RecoverDeliveries{}))
		ok(t, other.QueueSync(ctx, db.RecoverDeliveries{}))
		job := got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t)
		if job.Kind != "recover_deliveries" {
			t.Fatalf("the job is %+v", job)
		}
		noJob(t, other)
		run := got(w.StartSync(ctx, db.RecoverDeliveries{}))(t)
		newest := w.clock.Now().Add(-time.Minute)
		ok(t, w.SetDeliveryCursor(ctx, "v1_7", newest))
		ok(t, w.Jobs().Release(ctx, job, w.clock.Now()))
		if resumed := got(other.StartSync(ctx, db.RecoverDeliveries{}))(t); resumed != run {
			t.Errorf("resumed elsewhere it is run %d, want %d", resumed, run)
		}
		if at := got(other.GetDeliveryCursor(ctx))(t); at.Cursor != "v1_7" || !at.Newest.Equal(newest) || !at.Watermark.IsZero() {
			t.Errorf("resumed elsewhere it is at %+v", at)
		}
		ok(t, other.RecordSentDeliveries(ctx, []db.SentDelivery{sent("lost", 10, newest)}))
		ok(t, other.AdvanceDeliveryWatermark(ctx))
		ok(t, other.AddFetchedDelivery(ctx, suspended("lost")))
		ok(t, other.FinishRecovery(ctx, run))
		if state := got(w.GetRecovery(ctx))(t); state.State != db.SyncIdle || state.Found != 1 || state.Fetched != 1 {
			t.Errorf("in the end it is %+v", state)
		}
		if at := got(w.GetDeliveryCursor(ctx))(t); !at.Watermark.Equal(newest) || at.Cursor != "" {
			t.Errorf("in the end it is at %+v", at)
		}
		if d := got(w.FindDelivery(ctx, "lost"))(t); !d.CaughtUpAt.Equal(w.clock.Now()) {
			t.Errorf("the delivery is %+v", d)
		}
		// The watermark never goes back.
		got(w.StartSync(ctx, db.RecoverDeliveries{}))(t)
		ok(t, w.SetDeliveryCursor(ctx, "", newest.Add(-time.Hour)))
		ok(t, w.AdvanceDeliveryWatermark(ctx))
		if state := got(w.GetRecovery(ctx))(t); state.Found != 0 {
			t.Errorf("the next is %+v", state)
		}
		if at := got(w.GetDeliveryCursor(ctx))(t); !at.Watermark.Equal(newest) {
			t.Errorf("the next is at %+v", at)
		}
	})
}
