package openapi

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// Failure is the one shape of every error.
type Failure struct {
	StatusCode    int         `json:"statusCode" doc:"The status code" example:"404"`
	StatusMessage string      `json:"statusMessage" doc:"The status in words" example:"Not Found"`
	Data          failureData `json:"data" doc:"What happened"`
}

type failureData struct {
	Message          string         `json:"message" doc:"What happened and what to do" example:"Installation not found"`
	Code             string         `json:"code" doc:"The error's name for programs, which stays the same" example:"installation_not_found"`
	DocumentationURL URL            `json:"documentation_url" doc:"Where errors are documented" example:"https://neptun.example/docs#conventions"`
	URL              URL            `json:"url,omitempty" doc:"Where to continue, at code reauthentication_required" example:"https://neptun.example/auth/github?return_to=%2Ftokens"`
	Errors           []fieldFailure `json:"errors,omitempty" doc:"What is wrong with each field, at status 422"`
}

type fieldFailure struct {
	Field   string `json:"field" doc:"The field or parameter" example:"per_page"`
	Message string `json:"message" doc:"What is wrong with it" example:"must be a whole number from 1 to 100"`
}

var failure = schemaOf[Failure]()

// AllErrors are the errors of an operation: its own, and those that follow from
// what it is, by status. Descriptions of one status are joined.
func (o Operation) AllErrors() []Error {
	var all []Error
	add := func(status int, description string) {
		if i := slices.IndexFunc(all, func(e Error) bool { return e.Status == status }); i >= 0 {
			all[i].Description += ". " + description
			return
		}
		all = append(all, Error{status, description})
	}
	for _, e := range o.Errors {
		add(e.Status, e.Description)
	}
	if o.Right != Anyone {
		add(http.StatusUnauthorized, "The credential is missing, expired or revoked, or GitHub no longer confirms the user's access")
		add(http.StatusForbidden, "The API token doesn't allow this")
	}
	if o.Right == Operator {
		add(http.StatusForbidden, "The user isn't an operator of this server")
	}
	if o.Has("user_id") {
		add(http.StatusNotFound, "User not found: the user_id isn't the user's own")
	}
	if o.Has("installation_id") {
		add(http.StatusNotFound, "Installation not found: not a number, no such installation, or another user's")
	}
	o.addFormatErrors(add)
	if o.Writes() {
		add(http.StatusForbidden, "The request came from another site's page")
		add(http.StatusRequestEntityTooLarge, "The body is larger than 1 MB")
	}
	if o.Guarded {
		add(http.StatusPreconditionFailed, "The resource has changed since the response that `If-Match` names; nothing is changed")
	}
	if o.Body != nil {
		add(http.StatusBadRequest, "The body isn't JSON")
		add(http.StatusUnsupportedMediaType, "The body isn't application/json")
	}
	if o.Body != nil || o.Method == http.MethodGet {
		add(http.StatusUnprocessableEntity, "A parameter or field isn't valid or isn't known; `data.errors` names each")
	}
	if o.AsksGitHub {
		add(http.StatusForbidden, "GitHub refuses it, or requires single sign-on first")
		add(http.StatusNotFound, "Not found on GitHub")
		add(http.StatusConflict, "The installation is suspended on GitHub")
		add(http.StatusGone, "This GitHub no longer offers it")
		add(http.StatusUnprocessableEntity, "GitHub doesn't accept these values")
		add(http.StatusNotImplemented, "This GitHub server is too old for it")
		add(http.StatusBadGateway, "GitHub doesn't accept the app's credentials")
		add(http.StatusServiceUnavailable, "GitHub's rate limit is exceeded")
		add(http.StatusGatewayTimeout, "GitHub took longer than ten seconds, or is unavailable")
	}
	add(http.StatusTooManyRequests, "Too many requests; `Retry-After` is the number of seconds to wait")
	add(http.StatusInternalServerError, "Internal error; the cause is in the server's log")
	slices.SortFunc(all, func(a, b Error) int { return cmp.Compare(a.Status, b.Status) })
	return all
}

// addFormatErrors adds those of a list that is written in several formats.
func (o Operation) addFormatErrors(add func(status int, description string)) {
	if !o.Table {
		return
	}
	if strings.Contains(o.Path, "{format}") {
		add(http.StatusNotFound, "No such format")
	} else {
		add(http.StatusNotAcceptable, "`Accept` names no available format")
	}
	add(http.StatusServiceUnavailable, "Too many long lists are being read; `Retry-After` is the number of seconds to wait")
}
