package operators

import (
	"net/url"
	"strconv"
	"time"

	"neptun/db"
	"neptun/views/ui"
)

// Delivery is a webhook: one attempt to deliver it, as GitHub reports it, and what is stored
// about it. The payload is never shown.
type Delivery struct {
	ID             int64 // GitHub's, of the attempt; 0 until GitHub reports it
	GUID           string
	Event, Action  string
	At             time.Time
	Redelivery     bool
	Duration       time.Duration
	Status         string
	StatusCode     int
	Delivered      bool
	InstallationID int64
	URL            string
	// Here is what is stored about it; the zero value for nothing.
	Here db.Delivery
}

// OutcomeAny lists everything that is stored.
const OutcomeAny = "any"

// deliveryLists are the lists of deliveries. The first is GitHub's.
var deliveryLists = []ui.Option{
	{Value: "", Text: "Sent by GitHub"},
	{Value: string(db.DeliveryMissing), Text: "Not received"},
	{Value: string(db.DeliveryFailed), Text: "Failed"},
	{Value: OutcomeAny, Text: "Recorded"},
}

// DeliveryPath is the page of a delivery with GitHub's id.
func DeliveryPath(id int64) string { return "/app/deliveries/" + strconv.FormatInt(id, 10) }

func deliveriesPath(outcome string) string {
	if outcome == "" {
		return "/app/deliveries"
	}
	return "/app/deliveries?" + url.Values{"outcome": {outcome}}.Encode()
}

func (p DeliveriesPage) listedByGitHub() bool { return p.Outcome == "" && p.Away == "" }

// nothing says why a list is empty.
func (p DeliveriesPage) nothing() string {
	switch {
	case p.Outcome == string(db.DeliveryMissing):
		return "No deliveries were missed."
	case p.Outcome == string(db.DeliveryFailed):
		return "No deliveries failed."
	case !p.listedByGitHub():
		return "No deliveries are recorded."
	}
	return "GitHub hasn't sent any webhooks recently."
}

func (d Delivery) name() string {
	if d.Action == "" {
		return d.Event
	}
	return d.Event + ", " + d.Action
}

func (d Delivery) outcome() string {
	if d.StatusCode == 0 {
		return d.Status
	}
	return strconv.Itoa(d.StatusCode) + " " + d.Status
}

func (d Delivery) hereBadge() string {
	switch d.Here.Outcome {
	case db.DeliveryApplied:
		return "success"
	case db.DeliveryPending, db.DeliveryIgnored:
		return ""
	}
	return "error"
}

func (d Delivery) hereWord() string {
	switch d.Here.Outcome {
	case db.DeliveryApplied:
		return "Applied"
	case db.DeliveryPending:
		return "Pending"
	case db.DeliveryIgnored:
		return "Ignored"
	case db.DeliveryFailed:
		return "Failed"
	}
	return "Not received"
}

// cameAt is when it was received or fetched; zero if never.
func (d Delivery) cameAt() time.Time { return d.Here.ReceivedAt }

func (d Delivery) cameHow() string {
	if d.Here.Fetched() {
		return "recovered"
	}
	return "received"
}

// foundWords are the result of the last recovery.
func foundWords(c db.Recovery) string {
	switch {
	case c.Found == 0:
		return "No deliveries were missed."
	case c.Fetched >= c.Found:
		return ui.Counted(c.Found, "missed delivery was", "missed deliveries were") + " recovered."
	}
	return ui.Count(c.Fetched) + " of " + ui.Counted(c.Found, "missed delivery", "missed deliveries") + " recovered."
}

// missingWords say what happens to missing deliveries.
func missingWords(c db.Recovery) string {
	if c.Active() || c.State == db.SyncFailed {
		return " not received."
	}
	return " not received, and no longer available from GitHub."
}
