package sandbox

import (
	"fmt"
	"slices"
	"time"
)

// installRequest is a member's wish that an owner of the organization install the App.
type installRequest struct {
	id        int64
	app       *app
	account   *account
	requester *account
	createdAt time.Time
}

// RequestInstallation sends a member's request to the organization's owners to install the App, and returns the
// request's id.
func (w *World) RequestInstallation(org, login string) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.request(w.mustApp(), w.mustOrganization(org), w.mustAccount(login)).id
}

// request returns the pending request if there is one.
func (w *World) request(of *app, on, requester *account) *installRequest {
	if asked := w.requestOf(of, on, requester); asked != nil {
		return asked
	}
	w.ids.request += 7
	asked := &installRequest{25_381 + w.ids.request, of, on, requester, w.now()}
	w.requests = append(w.requests, asked)
	return asked
}

// requestOf is the user's pending request, or nil.
func (w *World) requestOf(of *app, on, requester *account) *installRequest {
	return w.requestWhere(func(asked *installRequest) bool {
		return asked.app == of && asked.account == on && asked.requester == requester
	})
}

func (w *World) requestWhere(is func(*installRequest) bool) *installRequest {
	if at := slices.IndexFunc(w.requests, is); at >= 0 {
		return w.requests[at]
	}
	return nil
}

// ApproveRequest approves a request and returns the installation's id.
func (w *World) ApproveRequest(id int64, by string, selection Selection, repositoryIDs ...int64) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.mustRequest(id)
	return w.install(asked.app, asked.account, selection, repositoryIDs, w.mustAccount(by)).id
}

// DenyRequest ends a request without installing anything.
func (w *World) DenyRequest(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.removeRequest(w.mustRequest(id))
}

func (w *World) mustRequest(id int64) *installRequest {
	asked := w.requestWhere(func(asked *installRequest) bool { return asked.id == id })
	if asked == nil {
		panic(fmt.Sprintf("sandbox: no installation request %d", id))
	}
	return asked
}

func (w *World) removeRequest(asked *installRequest) {
	w.requests = slices.DeleteFunc(w.requests, func(other *installRequest) bool { return other == asked })
}

// closeRequests removes all requests for what is installed now and returns the first requester, or nil.
func (w *World) closeRequests(i *installation) (requester *account) {
	for _, asked := range slices.Clone(w.requests) {
		if asked.app == i.app && asked.account == i.account {
			if requester == nil {
				requester = asked.requester
			}
			w.removeRequest(asked)
		}
	}
	return requester
}
