package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"neptun/db"

	"github.com/google/go-github/v60/github"
)

// deliveriesPerPage is the number of deliveries on a page.
const deliveriesPerPage = 50

// Delivery is one attempt to deliver a webhook, without the payload, which can name
// repositories that the reader must not see.
type Delivery struct {
	ID          int64
	GUID        string // the same for all attempts
	Event       string
	Action      string // empty for events without one
	DeliveredAt time.Time
	Redelivery  bool
	Duration    time.Duration
	// Status is GitHub's description of the outcome: "OK", "Invalid HTTP Response: 502".
	Status string
	// StatusCode is this server's response; 0 if there was none.
	StatusCode     int
	InstallationID int64  // 0 for none
	URL            string // where it was sent; empty in lists
}

// Delivered reports whether GitHub counts it as delivered.
func (d Delivery) Delivered() bool { return d.StatusCode >= 200 && d.StatusCode < 400 }

// DeliveryPage is a page of the list of deliveries.
type DeliveryPage struct {
	Items []Delivery
	// Next is GitHub's cursor of the next page, empty at the end.
	Next    string
	Skipped []Skipped
}

type delivery struct {
	ID             int64   `json:"id"`
	GUID           string  `json:"guid"`
	Event          string  `json:"event"`
	Action         string  `json:"action"`
	DeliveredAt    moment  `json:"delivered_at"`
	Redelivery     bool    `json:"redelivery"`
	Duration       float64 `json:"duration"` // seconds
	Status         string  `json:"status"`
	StatusCode     int     `json:"status_code"`
	InstallationID int64   `json:"installation_id"`
	URL            string  `json:"url"`
}

func convertDelivery(d delivery) Delivery {
	return Delivery{
		ID:             d.ID,
		GUID:           Clean(d.GUID),
		Event:          Clean(d.Event),
		Action:         Clean(d.Action),
		DeliveredAt:    d.DeliveredAt.Time,
		Redelivery:     d.Redelivery,
		Duration:       time.Duration(d.Duration * float64(time.Second)),
		Status:         Clean(d.Status),
		StatusCode:     d.StatusCode,
		InstallationID: d.InstallationID,
		URL:            link(d.URL),
	}
}

// Deliveries requests the latest deliveries, or those from a cursor on
// (https://docs.github.com/rest/apps/webhooks#list-deliveries-for-an-app-webhook).
// The errors are ErrNoHook, and ErrRefused for an invalid cursor.
func (a *AppClient) Deliveries(ctx context.Context, cursor string) (DeliveryPage, error) {
	page, err := a.DeliveriesPage(ctx, cursor, deliveriesPerPage)
	if err == nil && len(page.Items) == 0 && cursor == "" {
		// An app without a webhook has no deliveries either.
		_, err = a.Hook(ctx)
	}
	return page, err
}

// DeliveriesPage is Deliveries with a page size.
func (a *AppClient) DeliveriesPage(ctx context.Context, cursor string, size int) (DeliveryPage, error) {
	app, err := a.client() // for each page: a long list outlives a token
	if err != nil {
		return DeliveryPage{}, err
	}
	path := fmt.Sprintf("app/hook/deliveries?per_page=%d", size)
	if cursor != "" {
		path += "&cursor=" + url.QueryEscape(cursor)
	}
	var answer rows[delivery]
	response, err := app.send(ctx, http.MethodGet, path, nil, &answer)
	if err != nil {
		return DeliveryPage{}, hookError(err)
	}
	page := DeliveryPage{Items: make([]Delivery, 0, len(answer.items)), Next: response.Cursor}
	for place, item := range answer.items {
		if item == nil || item.ID <= 0 {
			page.Skipped = append(page.Skipped, skipped(place, 0, db.SkippedNoID))
			continue
		}
		page.Items = append(page.Items, convertDelivery(*item))
	}
	return page, nil
}

// Delivery requests one delivery
// (https://docs.github.com/rest/apps/webhooks#get-a-delivery-for-an-app-webhook).
// The error is ErrNotFound if GitHub doesn't have it (any more).
func (a *AppClient) Delivery(ctx context.Context, id int64) (Delivery, error) {
	app, err := a.client()
	if err != nil {
		return Delivery{}, err
	}
	var answer delivery
	if _, err := app.get(ctx, fmt.Sprintf("app/hook/deliveries/%d", id), &answer); err != nil {
		return Delivery{}, deliveryError(err)
	}
	if answer.ID != id {
		return Delivery{}, malformed("the delivery")
	}
	return convertDelivery(answer), nil
}

// DeliveryPayload requests the payload of a delivery. It is for Neptun itself and must
// not be shown to users. The error is ErrNotFound if GitHub no longer has it.
func (a *AppClient) DeliveryPayload(ctx context.Context, id int64) (payload []byte, of Delivery, err error) {
	app, err := a.client()
	if err != nil {
		return nil, Delivery{}, err
	}
	var answer struct {
		delivery
		Request struct {
			Payload json.RawMessage `json:"payload"`
		} `json:"request"`
	}
	if _, err := app.get(ctx, fmt.Sprintf("app/hook/deliveries/%d", id), &answer); err != nil {
		return nil, Delivery{}, err
	}
	return answer.Request.Payload, convertDelivery(answer.delivery), nil
}

// Redeliver asks GitHub to send a delivery again. It does so a little later
// (https://docs.github.com/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook).
// The error is ErrNotFound if GitHub doesn't have it (any more).
func (a *AppClient) Redeliver(ctx context.Context, id int64) error {
	app, err := a.client()
	if err != nil {
		return err
	}
	_, err = app.send(ctx, http.MethodPost, fmt.Sprintf("app/hook/deliveries/%d/attempts", id), nil, nil)
	// go-github reports 202 as an error of this type.
	var accepted *github.AcceptedError
	if errors.As(err, &accepted) {
		return nil
	}
	return deliveryError(err)
}

// deliveryError is hookError for requests of one delivery: a 404 is about the
// delivery.
func deliveryError(err error) error {
	if err == nil || errors.Is(err, ErrNotFound) {
		return err
	}
	return hookError(err)
}
