package openapi

import (
	"net/http"

	"neptun/db"
)

var actions = Group{"Actions", "What the user did to their imports, which can be undone for 24 hours."}

// ListActions lists what a user did to their imports.
var ListActions = Operation{
	Group: actions, Method: http.MethodGet, Path: user + "/actions", ID: "listActions", Summary: "List actions",
	Description: "Returns imports, removals and changes of auto-import, newest first, in pages of 100 unless `per_page` says otherwise. Follow `Link` for the next page. Actions are kept for 90 days.",
	Caching:     Stored,
	Parameters: []Parameter{
		query("before", "Only actions older than the one with this id", integer().from(1, 1<<53).like(99)),
		query("per_page", "The number of results on a page", integer().from(1, 100).like(100)),
	},
	Responses: returns[[]Action](http.StatusOK, "A page of actions", "Link"),
}

// UndoAction undoes an action.
var UndoAction = Operation{
	Group: actions, Method: http.MethodPost, Path: user + "/actions/{action_id}/undo", ID: "undoAction", Summary: "Undo an action",
	Description: "Restores removed imports under the same ids, and removes created ones. What was changed since stays as it is. Requires access to all installations.",
	Responses:   returns[UndoResults](http.StatusOK, "One result for each repository of the action"),
	Errors: []Error{
		{http.StatusNotFound, "Action not found"},
		{http.StatusConflict, "More than 24 hours have passed"},
	},
}

// Action is something a user did to their imports.
type Action struct {
	ID             int64         `json:"id" doc:"The id of the action" example:"99"`
	Kind           db.ActionKind `json:"kind" doc:"The kind of action" enum:"import,remove,auto_import"`
	At             Time          `json:"at" doc:"When it was done"`
	InstallationID *int64        `json:"installation_id" doc:"The id of the installation record; null if there were several, or it isn't accessible"`
	Count          int64         `json:"count" doc:"How many imports it created or removed" example:"12"`
	UndoableUntil  *Time         `json:"undoable_until" doc:"Until when it can be undone; null if it can't"`
	UndoneAt       *Time         `json:"undone_at" doc:"When it was undone"`
}

// ToAction converts an action.
func ToAction(a db.Action) Action {
	action := Action{ID: a.ID, Kind: a.Kind, At: TimeOf(a.At), Count: a.Count, UndoableUntil: TimeOrNull(a.UndoableUntil), UndoneAt: TimeOrNull(a.UndoneAt)}
	if a.InstallationID != 0 {
		action.InstallationID = &a.InstallationID
	}
	return action
}

// UndoResults are the results of an undo.
type UndoResults struct {
	Results []UndoResult `json:"results" doc:"One for each repository of the action"`
}

// UndoResult is the result of an undo for one repository.
type UndoResult struct {
	RepositoryID int64         `json:"repository_id" doc:"GitHub's id of the repository" example:"1296269"`
	Status       db.UndoStatus `json:"status" doc:"The result for this repository" enum:"restored,removed,changed_since,not_found"`
}

// ToUndoResults converts the results of an undo.
func ToUndoResults(results []db.UndoResult) UndoResults {
	return UndoResults{Each(results, func(r db.UndoResult) UndoResult { return UndoResult{r.RepositoryID, r.Status} })}
}
