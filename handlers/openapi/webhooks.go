package openapi

import (
	"net/http"
	"slices"

	"neptun/db"
)

var webhooks = Group{"Webhooks", "How GitHub sends webhooks to this server, for operators. Responses never contain payloads."}

const (
	hookPath       = appPath + "/hook"
	deliveriesPath = appPath + "/deliveries"
	catchUpsPath   = appPath + "/catch-ups"
)

var (
	noHook           = Error{http.StatusNotFound, "The app has no webhook"}
	deliveryNotFound = Error{http.StatusNotFound, "GitHub has no such delivery, or no longer has it"}
)

// GetHook returns the app's webhook.
var GetHook = Operation{
	Group: webhooks, Method: http.MethodGet, Path: hookPath, ID: "getHook", Summary: "Get the webhook",
	Description: "Returns the configuration of the app's webhook on GitHub.",
	AsksGitHub:  true,
	Responses:   returns[Hook](http.StatusOK, "The webhook", "ETag"),
	Errors:      []Error{noHook},
}

// UpdateHook changes the app's webhook.
var UpdateHook = Operation{
	Group: webhooks, Method: http.MethodPatch, Path: hookPath, ID: "updateHook", Summary: "Update the webhook",
	Description: "Changes the configuration of the app's webhook on GitHub. Fields that are left out stay as they are. GitHub is asked for the webhook before an `If-Match` is compared; a change on GitHub itself in that moment isn't seen.",
	Guarded:     true,
	AsksGitHub:  true,
	Body:        body[HookBody](`{"content_type":"json"}`),
	Responses:   returns[Hook](http.StatusOK, "The webhook", "ETag"),
	Errors:      []Error{noHook},
}

// Hook is the app's webhook, without its secret.
type Hook struct {
	URL         string  `json:"url" doc:"The payload URL" example:"https://neptun.example/webhooks/github"`
	ContentType *string `json:"content_type" doc:"The content type" example:"json"`
	InsecureSSL bool    `json:"insecure_ssl" doc:"Whether SSL verification is disabled"`
	HasSecret   bool    `json:"has_secret" doc:"Whether it has a secret" example:"true"`
}

// HookBody is what to change of the app's webhook.
type HookBody struct {
	URL         *URL    `json:"url,omitempty" doc:"The payload URL" example:"https://neptun.example/webhooks/github"`
	ContentType *string `json:"content_type,omitempty" doc:"The content type" enum:"json,form"`
	InsecureSSL *bool   `json:"insecure_ssl,omitempty" doc:"Whether to disable SSL verification"`
	Secret      *string `json:"secret,omitempty" doc:"The secret, which responses never contain" min:"16" example:"0123456789abcdef"`
}

// ListDeliveries lists deliveries.
var ListDeliveries = Operation{
	Group: webhooks, Method: http.MethodGet, Path: deliveriesPath, ID: "listDeliveries", Summary: "List deliveries",
	Description: "Returns GitHub's deliveries and their outcome on this server, newest first. With `outcome`, returns what this server has recorded, in pages and with an ETag.",
	AsksGitHub:  true,
	Parameters: append([]Parameter{
		query("cursor", "The cursor in the `Link` header of the page before", text().from(0, 256).like("v1_17323292984")),
		query("outcome", "Only what this server has recorded, with any outcome or this one", text().of("any", "missing", "failed", "pending", "applied", "ignored")),
		ifNoneMatch,
	}, paging()...),
	Responses: slices.Concat(returns[[]Delivery](http.StatusOK, "The deliveries", "ETag", "Link", "X-Total-Count"), []Response{notModified}),
	Errors:    []Error{noHook},
}

// GetDelivery returns one delivery.
var GetDelivery = Operation{
	Group: webhooks, Method: http.MethodGet, Path: deliveriesPath + "/{delivery_id}", ID: "getDelivery", Summary: "Get a delivery",
	Description: "Returns one delivery and its outcome on this server.",
	AsksGitHub:  true,
	Responses:   returns[Delivery](http.StatusOK, "The delivery"),
	Errors:      []Error{deliveryNotFound},
}

// Redeliver has GitHub send a delivery again.
var Redeliver = Operation{
	Group: webhooks, Method: http.MethodPost, Path: deliveriesPath + "/{delivery_id}/attempts", ID: "redeliver", Summary: "Redeliver a delivery",
	Description: "Asks GitHub to send a delivery again. It is listed as another delivery.",
	AsksGitHub:  true,
	Responses:   returns[Redelivery](http.StatusAccepted, "GitHub will redeliver it"),
	Errors:      []Error{deliveryNotFound},
}

// Redelivery is a delivery that GitHub sends again.
type Redelivery struct {
	ID int64 `json:"id" doc:"GitHub's id of the delivery"`
}

// Delivery is what GitHub says about an attempt to deliver a webhook, null where
// it wasn't asked, and what this server recorded.
type Delivery struct {
	ID                   *int64     `json:"id" doc:"GitHub's id of the attempt" example:"1"`
	GUID                 string     `json:"guid" doc:"The value of X-GitHub-Delivery" example:"0b989ba4-242f-11e5-81e1-c7b6966d2516"`
	Event                string     `json:"event" doc:"The event" example:"repository"`
	Action               *string    `json:"action" doc:"The event's action" example:"renamed"`
	Status               *string    `json:"status" doc:"The status in GitHub's words" example:"OK"`
	StatusCode           *int64     `json:"status_code" doc:"This server's response; null if there was none" example:"202"`
	DeliveredAt          *Time      `json:"delivered_at" doc:"When GitHub sent it"`
	DurationMS           *int64     `json:"duration_ms" doc:"How long the response took, in milliseconds" example:"20"`
	Redelivery           *bool      `json:"redelivery" doc:"Whether it is a redelivery"`
	GitHubInstallationID *string    `json:"github_installation_id" doc:"GitHub's id of the installation, as a string" example:"12345678"`
	Outcome              db.Outcome `json:"outcome" doc:"The outcome on this server" enum:"applied,pending,failed,ignored,missing"`
	ReceivedAt           *Time      `json:"received_at" doc:"When it was received; null if it wasn't"`
	AppliedAt            *Time      `json:"applied_at" doc:"When it was applied"`
	CaughtUpAt           *Time      `json:"caught_up_at" doc:"When it was recovered from GitHub after being missed" example:"null"`
}

// GetCatchUp returns the state of the recovery of missed deliveries.
var GetCatchUp = Operation{
	Group: webhooks, Method: http.MethodGet, Path: catchUpsPath, ID: "getCatchUp", Summary: "Get recovery status",
	Description: "Returns the state of the current or last recovery of missed deliveries.",
	Caching:     Stored,
	Responses:   returns[CatchUp](http.StatusOK, "The recovery"),
}

// StartCatchUp starts a recovery of missed deliveries.
var StartCatchUp = Operation{
	Group: webhooks, Method: http.MethodPost, Path: catchUpsPath, ID: "startCatchUp", Summary: "Recover missed deliveries",
	Description: "Starts a recovery of missed deliveries, or joins the one that is running.",
	Responses:   returns[CatchUp](http.StatusAccepted, "The recovery"),
	Errors:      []Error{noHook},
}

// CatchUp is the state of a recovery of missed deliveries.
type CatchUp struct {
	State        db.SyncState `json:"state" doc:"The state" enum:"idle,queued,running,waiting,failed"`
	Message      *string      `json:"message" doc:"Why the recovery waits or failed"`
	FoundCount   int64        `json:"found_count" doc:"Missed deliveries that the last recovery found" example:"0"`
	FetchedCount int64        `json:"fetched_count" doc:"Missed deliveries that the last recovery fetched" example:"0"`
	MissingCount int64        `json:"missing_count" doc:"All deliveries that were never received" example:"0"`
	StartedAt    *Time        `json:"started_at" doc:"When the recovery started"`
	FinishedAt   *Time        `json:"finished_at" doc:"When the last complete recovery ended"`
	RetryAt      *Time        `json:"retry_at" doc:"When a waiting recovery continues" example:"null"`
	Note         *string      `json:"note" doc:"What the recovery could not bring back, while everything is synced instead" example:"null"`
}

// ToCatchUp converts a recovery of missed deliveries.
func ToCatchUp(c db.Recovery, missing int64) CatchUp {
	return CatchUp{
		State:        c.State,
		Message:      OrNull(c.Message),
		FoundCount:   c.Found,
		FetchedCount: c.Fetched,
		MissingCount: missing,
		StartedAt:    TimeOrNull(c.StartedAt),
		FinishedAt:   TimeOrNull(c.SyncedAt),
		RetryAt:      TimeOrNull(c.RetryAt),
		Note:         OrNull(c.Note),
	}
}
