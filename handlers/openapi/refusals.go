package openapi

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// AllRefusals are the errors of an operation: its own, and those that follow
// from what it is, by status. Texts of one status are joined.
func (o Operation) AllRefusals() []Refusal {
	var all []Refusal
	add := func(status int, text string) {
		if i := slices.IndexFunc(all, func(r Refusal) bool { return r.Status == status }); i >= 0 {
			all[i].Text += ". " + text
			return
		}
		all = append(all, Refusal{status, text})
	}
	for _, refusal := range o.Refusals {
		add(refusal.Status, refusal.Text)
	}
	if o.Needs != Nothing {
		add(http.StatusUnauthorized, "No live session, or GitHub no longer confirms your access")
	}
	if strings.HasPrefix(o.Path, "/api/users/") {
		add(http.StatusNotFound, "User not found: a user_id that isn't your own")
	}
	if o.Has("installation_id") {
		add(http.StatusNotFound, "Installation not found: no number, not there, or somebody else's")
	}
	if o.Needs != Nothing {
		add(http.StatusForbidden, "The script token is not for this")
	}
	if o.Needs == Operate {
		add(http.StatusForbidden, "You are no operator of this Neptun")
	}
	if o.Has("format") {
		add(http.StatusNotFound, "There is no such format")
	} else if o.Listed {
		add(http.StatusNotAcceptable, "Accept names no format that lists are written in")
	}
	if o.Listed {
		add(http.StatusServiceUnavailable, "Many long lists are being read just now; `Retry-After` says how many seconds to wait")
	}
	if o.Changes() {
		add(http.StatusForbidden, "The request came from another site's page")
		add(http.StatusRequestEntityTooLarge, "The body has more than 1 MB")
	}
	if o.Body != nil {
		add(http.StatusBadRequest, "The body is no JSON")
		add(http.StatusUnsupportedMediaType, "The body isn't application/json")
	}
	if o.Body != nil || slices.ContainsFunc(o.Parameters, func(p Parameter) bool { return p.In == "query" }) {
		add(http.StatusUnprocessableEntity, "Something doesn't hold together; `data.errors` names each field")
	}
	if o.AsksGitHub {
		add(http.StatusForbidden, "GitHub refuses it, or asks you to sign in to the organization first")
		add(http.StatusNotFound, "GitHub has no such thing")
		add(http.StatusConflict, "GitHub has suspended the installation")
		add(http.StatusGone, "This GitHub no longer offers it")
		add(http.StatusUnprocessableEntity, "GitHub refuses these values")
		add(http.StatusBadGateway, "GitHub doesn't accept the App's key")
		add(http.StatusServiceUnavailable, "GitHub's limit of requests is used up for now")
		add(http.StatusGatewayTimeout, "GitHub took longer than ten seconds, or is out of order")
	}
	add(http.StatusTooManyRequests, "Too many requests came at once; `Retry-After` says how many seconds to wait")
	add(http.StatusInternalServerError, "A failure of Neptun's own, which is noted in its log")
	slices.SortFunc(all, func(a, b Refusal) int { return cmp.Compare(a.Status, b.Status) })
	return all
}
