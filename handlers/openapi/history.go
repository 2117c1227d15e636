package openapi

import (
	"net/http"

	"neptun/db"
)

var history = Group{"History", "What syncs, webhooks and users changed."}

// ListHistory lists what changed in what a user sees of an installation.
var ListHistory = Operation{
	Group: history, Method: http.MethodGet, Path: record + "/history", ID: "listHistory", Summary: "List an installation's history",
	Description: "Returns what changed in the last 90 days, newest first, in pages of 100 unless `per_page` says otherwise. Follow `Link` for the next page, since new entries are added at the front.",
	Caching:     Stored,
	Parameters: []Parameter{
		query("before", "Only entries older than the one with this id", integer().from(1, 1<<53).like(99)),
		query("per_page", "The number of results on a page", integer().from(1, 100).like(100)),
	},
	Responses: returns[[]HistoryEntry](http.StatusOK, "A page of entries", "Link"),
}

// HistoryEntry is a change.
type HistoryEntry struct {
	ID           int64               `json:"id" doc:"The id of the entry" example:"99"`
	At           Time                `json:"at" doc:"When it happened"`
	Cause        db.CauseKind        `json:"cause" doc:"How Neptun found out" enum:"sync,webhook,person"`
	Event        *string             `json:"event" doc:"The webhook's event and action" example:"repository.renamed"`
	Change       db.Change           `json:"change" doc:"What changed" enum:"appeared,disappeared,imported,renamed,transferred,archived,unarchived,visibility_changed,reinstalled,suspended,unsuspended,permissions_changed,selection_changed"`
	Count        int64               `json:"count" doc:"How many repositories the user sees are affected; 0 if it is the installation"`
	Repositories []historyRepository `json:"repositories" doc:"The first of the affected repositories"`
}

type historyRepository struct {
	ID int64 `json:"id" doc:"GitHub's id of the repository" example:"1296269"`
	RepositoryName
	Formerly *string `json:"formerly" doc:"The former name, owner or visibility" example:"hello"`
}

// ToHistoryEntry converts a change.
func ToHistoryEntry(e db.HistoryEntry) HistoryEntry {
	return HistoryEntry{
		ID:     e.ID,
		At:     TimeOf(e.At),
		Cause:  e.Cause.Kind,
		Event:  OrNull(e.Cause.Event),
		Change: e.Change,
		Count:  e.Count,
		Repositories: Each(e.Repositories, func(r db.HistoryRepository) historyRepository {
			return historyRepository{ID: r.Repository.ID, RepositoryName: ToRepositoryName(r.Repository), Formerly: OrNull(r.Previous)}
		}),
	}
}
