package present

import (
	"strconv"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/views/operators"
)

// ToDelivery is a delivery attempt as GitHub reports it, with what is recorded here;
// the zero value of recorded stands for nothing.
func ToDelivery(d github.Delivery, here db.Delivery) openapi.Delivery {
	duration := d.Duration.Milliseconds()
	converted := openapi.Delivery{
		ID:          openapi.OrNull(d.ID),
		GUID:        d.GUID,
		Event:       d.Event,
		Action:      openapi.OrNull(d.Action),
		Status:      &d.Status,
		StatusCode:  openapi.OrNull(int64(d.StatusCode)),
		DeliveredAt: openapi.TimeOrNull(d.DeliveredAt),
		DurationMS:  &duration,
		Redelivery:  &d.Redelivery,
	}
	if d.InstallationID != 0 {
		converted.GitHubInstallationID = openapi.OrNull(strconv.FormatInt(d.InstallationID, 10))
	}
	return beside(converted, here)
}

// ToRecordedDelivery is what is recorded here.
func ToRecordedDelivery(here db.Delivery) openapi.Delivery {
	converted := openapi.Delivery{
		ID:          openapi.OrNull(here.AttemptID),
		GUID:        here.GUID,
		Event:       here.Event,
		Action:      openapi.OrNull(here.Action),
		DeliveredAt: openapi.TimeOrNull(here.SentAt),
	}
	if here.InstallationID != 0 {
		converted.GitHubInstallationID = openapi.OrNull(strconv.FormatInt(here.InstallationID, 10))
	}
	return beside(converted, here)
}

// beside adds what this server recorded.
func beside(j openapi.Delivery, here db.Delivery) openapi.Delivery {
	j.Outcome, j.ReceivedAt, j.AppliedAt, j.CaughtUpAt = here.Outcome, openapi.TimeOrNull(here.ReceivedAt), openapi.TimeOrNull(here.AppliedAt), openapi.TimeOrNull(here.CaughtUpAt)
	if j.Outcome == "" {
		j.Outcome = db.DeliveryMissing
	}
	return j
}

// DeliveryView is a delivery attempt on a page, with what is recorded here.
func DeliveryView(d github.Delivery, here db.Delivery) operators.Delivery {
	return operators.Delivery{
		ID:             d.ID,
		GUID:           d.GUID,
		Event:          d.Event,
		Action:         d.Action,
		At:             d.DeliveredAt,
		Redelivery:     d.Redelivery,
		Duration:       d.Duration,
		Status:         d.Status,
		StatusCode:     d.StatusCode,
		Delivered:      d.Delivered(),
		InstallationID: d.InstallationID,
		URL:            d.URL,
		Here:           here,
	}
}

// RecordedDeliveryView is a recorded delivery on a page.
func RecordedDeliveryView(d db.Delivery) operators.Delivery {
	return operators.Delivery{ID: d.AttemptID, GUID: d.GUID, Event: d.Event, Action: d.Action, At: d.SentAt, InstallationID: d.InstallationID, Here: d}
}
