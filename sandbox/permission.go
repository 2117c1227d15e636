package sandbox

import (
	"fmt"
	"maps"
	"slices"
)

// Permission is what a user may do with a repository. Each includes the weaker ones.
type Permission string

// The permissions, weakest first, by their names in the API's "permissions" object.
const (
	None     Permission = ""
	Pull     Permission = "pull"
	Triage   Permission = "triage"
	Push     Permission = "push"
	Maintain Permission = "maintain"
	Admin    Permission = "admin"
)

var permissionOrder = []Permission{None, Pull, Triage, Push, Maintain, Admin}

// includes reports whether p includes q.
func (p Permission) includes(q Permission) bool {
	return slices.Index(permissionOrder, p) >= slices.Index(permissionOrder, q)
}

func strongest(p, q Permission) Permission {
	if p.includes(q) {
		return p
	}
	return q
}

// mustPermission also accepts the names of an organization's base permission: "none", "read" and "write".
func mustPermission(p Permission) Permission {
	switch p {
	case "none":
		return None
	case "read":
		return Pull
	case "write":
		return Push
	}
	if !slices.Contains(permissionOrder, p) {
		panic(fmt.Sprintf("sandbox: no permission %q", p))
	}
	return p
}

// SetPermission gives a user a permission on one repository, in addition to those from their role and their teams; None
// removes it.
func (rs *Repositories) SetPermission(repositoryID int64, login string, p Permission) {
	p = mustPermission(p)
	rs.world.mu.Lock()
	defer rs.world.mu.Unlock()
	r, u := rs.must(repositoryID), rs.world.Accounts.must(login)
	before := r.direct[u.id]
	if p == None {
		delete(r.direct, u.id)
		if before != None {
			rs.world.webhooks.deliverCollaborator(r, u, "removed", nil)
		}
		return
	}
	if r.direct == nil {
		r.direct = map[int64]Permission{}
	}
	r.direct[u.id] = p
	switch before {
	case p:
	case None:
		rs.world.webhooks.deliverCollaborator(r, u, "added", object{"permission": object{"to": p.legacy()}, "role_name": object{"to": p.roleName()}})
	default:
		rs.world.webhooks.deliverCollaborator(r, u, "edited", object{
			"old_permission": object{"from": before.legacy()},
			"permission":     object{"from": before.legacy(), "to": p.legacy()},
		})
	}
}

// roleName is GitHub's name for the role that gives the permission.
func (p Permission) roleName() string {
	switch p {
	case Pull:
		return "read"
	case Push:
		return "write"
	}
	return string(p)
}

// legacy is the nearest of the former three permissions.
func (p Permission) legacy() string {
	switch p {
	case Triage:
		return "read"
	case Maintain:
		return "write"
	}
	return p.roleName()
}

// granted is the user's explicit permission. A public repository gives none.
func (r *repository) granted(u *account) Permission {
	switch {
	case u == nil:
		return None
	case u.administers(r.owner):
		return Admin
	}
	granted := strongest(r.direct[u.id], r.byTeams(u))
	if _, member := r.owner.roles[u.id]; member {
		granted = strongest(granted, r.owner.base)
		if r.Internal {
			granted = strongest(granted, Pull)
		}
	}
	return granted
}

// permission is the user's permission on the repository; nil is an anonymous user. None means they can't see it.
func (r *repository) permission(u *account) Permission {
	if !r.Private {
		return strongest(Pull, r.granted(u))
	}
	return r.granted(u)
}

// Collaborators returns the permissions given to users on one repository directly, by user id.
func (rs *Repositories) Collaborators(repositoryID int64) map[int64]Permission {
	rs.world.mu.RLock()
	defer rs.world.mu.RUnlock()
	return maps.Clone(rs.must(repositoryID).direct)
}
