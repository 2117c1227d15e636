package handlers

import (
	"strconv"

	"neptun/db"
	"neptun/github"
)

// deliveryJSON is a webhook: what GitHub says of an attempt to deliver it, null
// where GitHub wasn't asked, and what is recorded here.
type deliveryJSON struct {
	ID                   *int64     `json:"id"` // GitHub's, of the attempt
	GUID                 string     `json:"guid"`
	Event                string     `json:"event"`
	Action               *string    `json:"action"`
	Status               *string    `json:"status"`
	StatusCode           *int64     `json:"status_code"` // null where this Neptun didn't answer
	DeliveredAt          *string    `json:"delivered_at"`
	DurationMS           *int64     `json:"duration_ms"`
	Redelivery           *bool      `json:"redelivery"`
	GitHubInstallationID *string    `json:"github_installation_id"`
	Outcome              db.Outcome `json:"outcome"`
	ReceivedAt           *string    `json:"received_at"` // null where it never came
	AppliedAt            *string    `json:"applied_at"`
	CaughtUpAt           *string    `json:"caught_up_at"`
}

// toDeliveryJSON is an attempt of GitHub's beside what is recorded here, the
// zero value for nothing.
func toDeliveryJSON(d github.Delivery, here db.Delivery) deliveryJSON {
	duration := d.Duration.Milliseconds()
	converted := deliveryJSON{
		ID:          id(d.ID),
		GUID:        d.GUID,
		Event:       d.Event,
		Action:      text(d.Action),
		Status:      &d.Status,
		StatusCode:  id(int64(d.StatusCode)),
		DeliveredAt: moment(d.DeliveredAt),
		DurationMS:  &duration,
		Redelivery:  &d.Redelivery,
	}
	if d.InstallationID != 0 {
		converted.GitHubInstallationID = text(strconv.FormatInt(d.InstallationID, 10))
	}
	return converted.beside(here)
}

// toRecordedDeliveryJSON is what is recorded here.
func toRecordedDeliveryJSON(here db.Delivery) deliveryJSON {
	converted := deliveryJSON{
		ID:          id(here.AttemptID),
		GUID:        here.GUID,
		Event:       here.Event,
		Action:      text(here.Action),
		DeliveredAt: moment(here.SentAt),
	}
	if here.InstallationID != 0 {
		converted.GitHubInstallationID = text(strconv.FormatInt(here.InstallationID, 10))
	}
	return converted.beside(here)
}

func (j deliveryJSON) beside(here db.Delivery) deliveryJSON {
	j.Outcome, j.ReceivedAt, j.AppliedAt, j.CaughtUpAt = here.Outcome, moment(here.ReceivedAt), moment(here.AppliedAt), moment(here.CaughtUpAt)
	if j.Outcome == "" {
		j.Outcome = db.DeliveryMissing
	}
	return j
}

// catchUpJSON tells how the looking for missed deliveries stands.
type catchUpJSON struct {
	State        db.SyncState `json:"state"`
	Message      *string      `json:"message"`
	FoundCount   int64        `json:"found_count"`   // missing ones that the latest look met
	FetchedCount int64        `json:"fetched_count"` // and those of them that it got
	MissingCount int64        `json:"missing_count"` // all that never came
	StartedAt    *string      `json:"started_at"`
	FinishedAt   *string      `json:"finished_at"` // the end of the last whole look
	RetryAt      *string      `json:"retry_at"`
}

func toCatchUpJSON(c db.CatchUp, missing int64) catchUpJSON {
	return catchUpJSON{
		State:        c.State,
		Message:      text(c.Message),
		FoundCount:   c.Found,
		FetchedCount: c.Fetched,
		MissingCount: missing,
		StartedAt:    moment(c.StartedAt),
		FinishedAt:   moment(c.FinishedAt),
		RetryAt:      moment(c.RetryAt),
	}
}
