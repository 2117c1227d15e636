package sandbox

import "slices"

// deliverRenamed sends the webhooks for an account's new login: one for a user, two for an organization.
func (hs *webhooks) deliverRenamed(a *account, from string) {
	by := hs.world.Accounts.ownerOf(a)
	before := object{"login": object{"from": from}}
	hs.deliverForAccount(a, "installation_target", "renamed", by, func(bs *bodies) object {
		account := bs.simpleUser(a)
		delete(account, "user_view_type")
		return object{"account": account, "target_type": a.kind(), "changes": before}
	})
	if a.organization {
		hs.deliverForAccount(a, "organization", "renamed", by, changes(before))
	}
}

func (hs *webhooks) deliverMembership(o, u *account, role Role, action string) {
	hs.deliverForAccount(o, "organization", action, hs.world.Accounts.ownerOf(o), func(bs *bodies) object {
		return object{"membership": object{
			"url":              bs.apiURL("/orgs/", o.Login, "/memberships/", u.Login),
			"state":            "active",
			"role":             role,
			"organization_url": bs.apiURL("/orgs/", o.Login),
			"user":             bs.simpleUser(u),
		}}
	})
}

// deliverCollaborator sends the webhook for a collaborator who was added, edited or removed.
func (hs *webhooks) deliverCollaborator(r *repository, u *account, action string, changes object) {
	hs.deliverForRepository(r, "member", action, hs.world.Accounts.ownerOf(r.owner), func(bs *bodies) object {
		body := object{"member": bs.simpleUser(u)}
		if changes != nil {
			body["changes"] = changes
		}
		return body
	})
}

// DeleteOrganization deletes an organization with its repositories and installations. Its login becomes available again.
func (as *Accounts) DeleteOrganization(login string) {
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	o := as.mustOrganization(login)
	by := as.ownerOf(o)
	as.world.webhooks.deliverForAccount(o, "organization", "deleted", by, nil)
	for len(o.installations) > 0 {
		as.world.Installations.uninstall(o.installations[0], by)
	}
	for len(o.repositories) > 0 {
		as.world.Repositories.forget(o.repositories[0])
	}
	for _, t := range o.teams {
		delete(as.world.Teams.byID, t.ID)
	}
	as.world.InstallationRequests.pending = slices.DeleteFunc(as.world.InstallationRequests.pending, func(request *installRequest) bool { return request.account == o })
	delete(as.byLogin, fold(login))
}
