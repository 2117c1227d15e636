package db_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"neptun/db"
)

func suspended(guid string) db.Delivery {
	return db.Delivery{GUID: guid, Event: "installation", Action: "suspend", InstallationID: 700, Body: []byte(`{"action":"suspend"}`)}
}

// Removals of access don't wait until all syncs have run.
func TestADeliveryGoesBeforeQueuedSyncs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.login(1, "ada")
		w.clock.Advance(time.Minute)
		ok(t, w.AddDelivery(ctx, db.Delivery{GUID: "one", Event: "public"}))
		w.clock.Advance(11 * time.Minute)
		ok(t, w.AddDelivery(ctx, db.Delivery{GUID: "two", Event: "public"}))
		var order []string
		for range 3 {
			order = append(order, got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t).Kind)
		}
		if !slices.Equal(order, []string{"apply_delivery", "apply_delivery", "sync_installations"}) {
			t.Errorf("in the order %v", order)
		}
	})
}

func TestADeliveryIsStoredOnceAndSealedUntilApplied(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ok(t, w.AddDelivery(ctx, suspended("one")))
		w.clock.Advance(time.Second)
		again := suspended("one")
		again.Body = []byte("{}")
		ok(t, w.AddDelivery(ctx, again))

		delivery := got(w.FindDelivery(ctx, "one"))(t)
		if string(delivery.Body) != `{"action":"suspend"}` || delivery.Outcome != db.DeliveryPending || delivery.ReceivedAt.Equal(w.clock.Now()) {
			t.Errorf("it is %+v", delivery)
		}
		body := func() (sealed []byte) {
			t.Helper()
			ok(t, w.raw().QueryRow(`SELECT body FROM deliveries WHERE guid = 'one'`).Scan(&sealed))
			return sealed
		}
		if sealed := body(); len(sealed) == 0 || bytes.Contains(sealed, []byte("suspend")) {
			t.Errorf("it is stored as %q", sealed)
		}
		job := got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t)
		if job.Kind != "apply_delivery" || job.Subject != "one" {
			t.Errorf("the job is %+v", job)
		}
		noJob(t, w)
		ok(t, w.FinishDelivery(ctx, "one", db.DeliveryApplied))
		ok(t, w.Jobs().Finish(ctx, job))
		if sealed := body(); len(sealed) != 0 {
			t.Errorf("once applied, it is stored as %q", sealed)
		}
		ok(t, w.AddDelivery(ctx, suspended("one")))
		noJob(t, w)
		if applied := got(w.FindDelivery(ctx, "one"))(t); applied.Outcome != db.DeliveryApplied || !applied.AppliedAt.Equal(w.clock.Now()) {
			t.Errorf("it is %+v", applied)
		}
		if _, err := w.FindDelivery(ctx, "two"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("one that never arrived is %v", err)
		}
	})
}

// A redelivery may arrive while the worker that failed is about to end its job.
func TestAnUnappliedDeliveryIsRetriedWhenRedelivered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ok(t, w.AddDelivery(ctx, suspended("one")))
		ending := got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t)
		ok(t, w.FailDelivery(ctx, "one"))
		if failed := got(w.FindDelivery(ctx, "one"))(t); failed.Outcome != db.DeliveryFailed || len(failed.Body) == 0 {
			t.Errorf("it is %+v", failed)
		}
		ok(t, w.AddDelivery(ctx, suspended("one")))
		ok(t, w.Jobs().Finish(ctx, ending))
		if job := got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t); job.Subject != "one" {
			t.Errorf("the job is %+v", job)
		}
		if again := got(w.FindDelivery(ctx, "one"))(t); again.Outcome != db.DeliveryPending {
			t.Errorf("it is %+v", again)
		}
	})
}

func TestOldSettledDeliveriesAreDeleted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, guid := range []string{"waits", "done"} {
			ok(t, w.AddDelivery(ctx, suspended(guid)))
		}
		ok(t, w.FinishDelivery(ctx, "done", db.DeliveryIgnored))
		w.clock.Advance(29 * day)
		ok(t, w.CleanUp(ctx))
		got(w.FindDelivery(ctx, "done"))(t)
		w.clock.Advance(2 * day)
		ok(t, w.CleanUp(ctx))
		if _, err := w.FindDelivery(ctx, "done"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("after a month it is still there: %v", err)
		}
		got(w.FindDelivery(ctx, "waits"))(t)
	})
}

func TestAResponseNeverOverwritesANewerOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		w.syncInstallations(p, installed(700, acme))
		now, before := installed(700, acme), installed(700, acme)
		before.SuspendedAt = w.clock.Now()

		recorded := func() { got(w.RecordInstallationChange(ctx, 700))(t) }
		for name, meanwhile := range map[string]func(){
			"a change was recorded": recorded,
			"another was quicker":   func() { recorded(); ok(t, w.PutInstallationAt(ctx, now, got(w.LatestRevision(ctx))(t))) },
			"it was uninstalled":    func() { ok(t, w.MarkInstallationDeleted(ctx, 700)) },
		} {
			ok(t, w.PutInstallation(ctx, now))
			recorded()
			revision := got(w.LatestRevision(ctx))(t)
			if got(w.InstallationChangedSince(ctx, 700, revision))(t) {
				t.Errorf("%s: the change before the response counts as a later one", name)
			}
			meanwhile()
			ok(t, w.PutInstallationAt(ctx, before, revision))
			if !got(w.InstallationChangedSince(ctx, 700, revision))(t) {
				t.Errorf("after a concurrent %s no change is recorded", name)
			}
			if i, err := w.FindAppInstallation(ctx, 700); err == nil && i.Suspended() {
				t.Errorf("after a concurrent %s it is shown as suspended", name)
			}
		}
		if got(w.RecordInstallationChange(ctx, 800))(t) {
			t.Error("a change of an unknown installation is recorded")
		}
	})
}
