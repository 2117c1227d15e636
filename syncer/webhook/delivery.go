package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"neptun/db"
	"neptun/github"
)

// ErrNotADelivery means that a request isn't a webhook as GitHub sends them.
var ErrNotADelivery = errors.New("webhook: not a delivery")

// The formats of X-GitHub-Delivery and X-GitHub-Event.
var (
	deliveryGUID  = regexp.MustCompile(`^[0-9A-Za-z-]{1,100}$`)
	deliveryEvent = regexp.MustCompile(`^[0-9a-z_]{1,100}$`)
)

// maxAction is the maximum length of an action.
const maxAction = 100

// Valid reports whether a delivery's id, event and action look like GitHub's.
func Valid(guid, event, action string) bool {
	return deliveryGUID.MatchString(guid) && deliveryEvent.MatchString(event) && len(action) <= maxAction
}

// identified is an object that a payload identifies by an id, zero if it has none.
type identified struct{ ID int64 }

// UnmarshalJSON never fails.
func (t *identified) UnmarshalJSON(data []byte) error {
	var named struct {
		ID int64 `json:"id"`
	}
	if json.Unmarshal(data, &named) != nil {
		named.ID = 0
	}
	t.ID = named.ID
	return nil
}

// ReadDelivery reads what all events have in common: X-GitHub-Delivery,
// X-GitHub-Event, and the payload's action and installation
// (https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers).
// It returns ErrNotADelivery if they are missing or malformed.
func ReadDelivery(guid, event string, payload []byte) (db.Delivery, error) {
	if !deliveryGUID.MatchString(guid) || !deliveryEvent.MatchString(event) {
		return db.Delivery{}, fmt.Errorf("%w: the id or the event is missing", ErrNotADelivery)
	}
	var common *struct {
		Action       string `json:"action"`
		Installation struct {
			ID int64 `json:"id"`
		} `json:"installation"`
		Repository   identified `json:"repository"`
		Organization identified `json:"organization"`
		Sender       identified `json:"sender"`
	}
	if err := json.Unmarshal(payload, &common); err != nil || common == nil || len(common.Action) > maxAction {
		return db.Delivery{}, fmt.Errorf("%w: the payload is not GitHub's JSON", ErrNotADelivery)
	}
	subject := "delivery/" + guid
	switch {
	case common.Repository.ID > 0:
		subject = fmt.Sprint("repository/", common.Repository.ID)
	case event == "installation", event == "installation_repositories", event == "installation_target":
		subject = fmt.Sprint("installation/", common.Installation.ID)
	case common.Organization.ID > 0:
		subject = fmt.Sprint("organization/", common.Organization.ID)
	case common.Sender.ID > 0:
		subject = fmt.Sprint("user/", common.Sender.ID)
	}
	return db.Delivery{
		Subject: subject, Revokes: eventHandlers[event][common.Action].revoke != nil,
		GUID: guid, Event: event, Action: github.Clean(common.Action), InstallationID: common.Installation.ID, Body: payload,
	}, nil
}
