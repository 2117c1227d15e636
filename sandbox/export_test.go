package sandbox

import "fmt"

// Internals for tests of the package's API.
const (
	AttachmentPreview = attachmentPreview
	DeliveryKept      = deliveryKept
	RefreshLifetime   = refreshLifetime
)

var (
	PermitsRedirect = permitsRedirect
	Signature       = signature
)

// HasApp reports whether an App is registered.
func (w *World) HasApp() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return len(w.Apps.all) > 0
}

// InvariantErrors checks the invariants of every world.
func (w *World) InvariantErrors() (errs []string) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	fail := func(format string, args ...any) { errs = append(errs, fmt.Sprintf(format, args...)) }
	owned := 0
	for _, a := range w.Accounts.byLogin {
		owners := 0
		for _, role := range a.roles {
			if role == RoleAdmin {
				owners++
			}
		}
		if a.organization && len(a.roles) > 0 && owners == 0 {
			fail("%s has no owner", a.Login)
		}
		owned += len(a.repositories)
		for _, r := range a.repositories {
			if r.owner != a || w.Repositories.byName[fold(r.fullName())] != r || w.Repositories.byID[r.ID] != r || r.Internal && !r.Private {
				fail("%s is not where it should be", r.fullName())
			}
		}
		for _, i := range a.installations {
			for id := range i.chosen {
				if r := w.Repositories.byID[id]; r == nil || r.owner != a {
					fail("the installation of %s has repository %d", a.Login, id)
				}
			}
		}
		for _, team := range a.teams {
			for id := range team.members {
				if _, member := a.roles[id]; !member {
					fail("%d is in the team %s, and not in %s", id, team.Slug, a.Login)
				}
			}
			for id := range team.repositories {
				if r := w.Repositories.byID[id]; r == nil || r.owner != a {
					fail("the team %s has repository %d", team.Slug, id)
				}
			}
		}
	}
	if owned != len(w.Repositories.byID) || owned != len(w.Repositories.byName) {
		fail("%d repositories are owned, %d exist, %d have names", owned, len(w.Repositories.byID), len(w.Repositories.byName))
	}
	return errs
}
