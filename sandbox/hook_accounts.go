package sandbox

import "slices"

// deliverRenamed sends the webhooks for an account's new login: one to users' Apps, two to organizations'.
func (w *World) deliverRenamed(a *account, from string) {
	by := w.ownerOf(a)
	before := object{"login": object{"from": from}}
	w.deliverForAccount(a, "installation_target", "renamed", by, func(s *Server) object {
		account := s.simpleUser(a)
		delete(account, "user_view_type")
		return object{"account": account, "target_type": a.kind(), "changes": before}
	})
	if a.organization {
		w.deliverForAccount(a, "organization", "renamed", by, changes(before))
	}
}

func (w *World) deliverMembership(o, u *account, role Role, action string) {
	w.deliverForAccount(o, "organization", action, w.ownerOf(o), func(s *Server) object {
		return object{"membership": object{
			"url":              s.apiURL("/orgs/", o.Login, "/memberships/", u.Login),
			"state":            "active",
			"role":             role,
			"organization_url": s.apiURL("/orgs/", o.Login),
			"user":             s.simpleUser(u),
		}}
	})
}

// deliverCollaborator sends the webhook for a collaborator who was added, edited or removed.
func (w *World) deliverCollaborator(r *repository, u *account, action string, changes object) {
	w.deliverForRepository(r, "member", action, w.ownerOf(r.owner), func(s *Server) object {
		body := object{"member": s.simpleUser(u)}
		if changes != nil {
			body["changes"] = changes
		}
		return body
	})
}

// DeleteOrganization removes an organization with its repositories and installations. Its login is free again.
func (w *World) DeleteOrganization(login string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.mustOrganization(login)
	by := w.ownerOf(o)
	w.deliverForAccount(o, "organization", "deleted", by, nil)
	for len(o.installations) > 0 {
		w.uninstall(o.installations[0], by)
	}
	for len(o.repositories) > 0 {
		w.delete(o.repositories[0])
	}
	for _, t := range o.teams {
		delete(w.teams, t.ID)
	}
	w.requests = slices.DeleteFunc(w.requests, func(asked *installRequest) bool { return asked.account == o })
	delete(w.accounts, fold(login))
}
