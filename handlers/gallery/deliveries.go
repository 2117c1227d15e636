package gallery

import (
	"slices"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/present"
	"neptun/views/operators"
	"neptun/views/ui"
)

func (g gallery) appDeliveries(frame ui.Frame) []State {
	const address = "https://neptun.example.com/webhooks/github"
	recovery := db.Recovery{SyncStatus: db.SyncStatus{SyncedAt: g.ago(4 * time.Minute)}}
	in := func(sync db.Sync) db.SyncStatus { return db.SyncStatus{Sync: sync} }
	applied := db.Delivery{Outcome: db.DeliveryApplied, ReceivedAt: g.ago(3 * time.Minute)}
	fine := present.DeliveryView(github.Delivery{
		ID: 42, GUID: "58474f00-b361-11eb-836d-0e4f3503ccbe", Event: "installation", Action: "created", DeliveredAt: g.ago(3 * time.Minute),
		Duration: 310 * time.Millisecond, Status: "OK", StatusCode: 202, InstallationID: 40_000_002, URL: address,
	}, applied)
	lost := present.DeliveryView(github.Delivery{
		ID: 41, GUID: fine.GUID, Event: "ping", DeliveredAt: g.ago(5 * time.Hour), Redelivery: true, Status: "failed to connect to host",
	}, db.Delivery{})
	recorded := func(d operators.Delivery, id int64, h db.Delivery) operators.Delivery {
		d.ID, d.Here = id, h
		return d
	}
	fetched := applied
	fetched.CaughtUpAt = fetched.ReceivedAt
	failed, waits, useless := applied, applied, applied
	failed.Outcome, waits.Outcome, useless.Outcome = db.DeliveryFailed, db.DeliveryPending, db.DeliveryIgnored
	all := []operators.Delivery{
		recorded(fine, 46, waits), recorded(fine, 45, failed), recorded(fine, 44, useless), recorded(fine, 43, fetched), fine,
		recorded(lost, 41, db.Delivery{Outcome: db.DeliveryMissing}),
	}
	page := operators.DeliveriesPage{Frame: frame, Items: all, Older: "/app/deliveries?cursor=v1_41", CatchUp: recovery}
	with := func(change func(*operators.DeliveriesPage)) operators.DeliveriesPage {
		p := page
		change(&p)
		return p
	}
	catchUp := func(c db.Recovery, missing int64) operators.DeliveriesPage {
		return with(func(p *operators.DeliveriesPage) { p.CatchUp, p.Missing, p.Newest = c, missing, true })
	}
	return []State{
		{"app-deliveries", operators.Deliveries(page)},
		{"app-deliveries-missing", operators.Deliveries(with(func(p *operators.DeliveriesPage) {
			p.Outcome, p.Items, p.Newest, p.Older, p.Missing = string(db.DeliveryMissing), all[5:], true, "", 1
			p.CatchUp.Found, p.CatchUp.Fetched = 3, 2
		}))},
		{"app-deliveries-none-missing", operators.Deliveries(operators.DeliveriesPage{Frame: frame, Newest: true, Outcome: string(db.DeliveryMissing), CatchUp: recovery})},
		{"app-deliveries-away", operators.Deliveries(with(func(p *operators.DeliveriesPage) {
			p.Away, p.Items, p.Newest, p.Older = "GitHub isn't responding properly. Try again later.", slices.Concat(all[:4], []operators.Delivery{recorded(fine, 0, applied)}), true, ""
		}))},
		{"app-deliveries-first", operators.Deliveries(catchUp(db.Recovery{}, 0))},
		{"app-deliveries-looking", operators.Deliveries(catchUp(db.Recovery{SyncStatus: in(db.Sync{State: db.SyncRunning}), Found: 1_204, Fetched: 17}, 1_187))},
		{"app-deliveries-waiting", operators.Deliveries(catchUp(db.Recovery{SyncStatus: in(db.Sync{
			State: db.SyncWaiting, RetryAt: g.now.Add(20 * time.Minute), Message: "GitHub's hourly limit of requests is used up until 15:29 UTC. Neptun then continues automatically.",
		})}, 12))},
		{"app-deliveries-look-failed", operators.Deliveries(catchUp(db.Recovery{SyncStatus: in(db.Sync{State: db.SyncFailed, Message: "GitHub isn't responding properly. Try again later."})}, 1))},
		{"app-deliveries-empty", operators.Deliveries(operators.DeliveriesPage{Frame: frame, Newest: true, CatchUp: recovery})},
		{"app-deliveries-none", operators.Deliveries(operators.DeliveriesPage{Frame: frame, Newest: true, NoHook: true, WebhookURL: address, CatchUp: recovery})},
		{"app-delivery", operators.DeliveryDetails(operators.DeliveryPage{Frame: frame, Delivery: fine})},
		{"app-delivery-failed", operators.DeliveryDetails(operators.DeliveryPage{Frame: frame, Delivery: lost})},
	}
}
