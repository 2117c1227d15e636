package sandbox

import (
	"fmt"
	"slices"
	"time"
)

// installRequest is a member's request that an owner of the organization install the App.
type installRequest struct {
	id        int64
	app       *app
	account   *account
	requester *account
	createdAt time.Time
}

// InstallationRequests are the pending requests of a world to install an App.
type InstallationRequests struct {
	world   *World
	pending []*installRequest // oldest first
	lastID  int64
}

// Create sends a member's request to the organization's owners to install the App, and returns the
// request's id.
func (irs *InstallationRequests) Create(org, login string) int64 {
	irs.world.mu.Lock()
	defer irs.world.mu.Unlock()
	return irs.create(irs.world.Apps.must(), irs.world.Accounts.mustOrganization(org), irs.world.Accounts.must(login)).id
}

// create returns the pending request if one exists.
func (irs *InstallationRequests) create(of *app, on, requester *account) *installRequest {
	if request := irs.find(of, on, requester); request != nil {
		return request
	}
	irs.lastID += 7
	request := &installRequest{irs.lastID, of, on, requester, irs.world.now()}
	irs.pending = append(irs.pending, request)
	return request
}

// find is the user's pending request, or nil.
func (irs *InstallationRequests) find(of *app, on, requester *account) *installRequest {
	return irs.where(func(request *installRequest) bool {
		return request.app == of && request.account == on && request.requester == requester
	})
}

func (irs *InstallationRequests) where(is func(*installRequest) bool) *installRequest {
	if at := slices.IndexFunc(irs.pending, is); at >= 0 {
		return irs.pending[at]
	}
	return nil
}

// Approve approves a request and returns the installation's id.
func (irs *InstallationRequests) Approve(id int64, by string, selection Selection, repositoryIDs ...int64) int64 {
	irs.world.mu.Lock()
	defer irs.world.mu.Unlock()
	request := irs.must(id)
	return irs.world.Installations.install(request.app, request.account, selection, repositoryIDs, irs.world.Accounts.must(by)).id
}

// Deny deletes a request without installing anything.
func (irs *InstallationRequests) Deny(id int64) {
	irs.world.mu.Lock()
	defer irs.world.mu.Unlock()
	irs.remove(irs.must(id))
}

func (irs *InstallationRequests) must(id int64) *installRequest {
	request := irs.where(func(request *installRequest) bool { return request.id == id })
	if request == nil {
		panic(fmt.Sprintf("sandbox: no installation request %d", id))
	}
	return request
}

func (irs *InstallationRequests) remove(request *installRequest) {
	irs.pending = slices.DeleteFunc(irs.pending, func(other *installRequest) bool { return other == request })
}

// close deletes all requests that the new installation fulfills and returns the first requester, or nil.
func (irs *InstallationRequests) close(i *installation) (requester *account) {
	for _, request := range slices.Clone(irs.pending) {
		if request.app == i.app && request.account == i.account {
			if requester == nil {
				requester = request.requester
			}
			irs.remove(request)
		}
	}
	return requester
}
