package sandbox

import (
	"fmt"
	"slices"
)

// RenameRepository gives a repository another name; the old address redirects until another repository has it.
func (w *World) RenameRepository(id int64, name string) {
	w.change(id, func(r *repository, by *account) {
		w.mustBeFree(r.owner, name)
		w.rename(r, name, by)
	})
}

func (w *World) rename(r *repository, name string, by *account) {
	before := object{"repository": object{"name": object{"from": r.Name}}}
	w.removeName(r)
	r.Name = name
	w.name(r)
	w.touch(r)
	w.deliverForRepository(r, "repository", "renamed", by, changes(before))
}

// TransferRepository moves a repository to another account; the old address redirects. Collaborators' permissions stay,
// those of the old owner's members and teams don't. Only the new owner's installation gets a webhook for the transfer; the
// old one's gets one for the removed repository, if it was on selected repositories.
func (w *World) TransferRepository(id int64, newOwner string) {
	w.change(id, func(r *repository, _ *account) {
		from, to := r.owner, w.mustAccount(newOwner)
		w.mustBeFree(to, r.Name)
		w.removeName(r)
		w.deliverRemoved(r)
		from.removeRepository(r)
		r.owner = to
		r.Internal = r.Internal && to.organization
		to.addRepository(r)
		w.name(r)
		w.touch(r)
		w.deliverForRepository(r, "repository", "transferred", w.ownerOf(to), func(s *Server) object {
			owner := object{"user": s.simpleUser(from)}
			if from.organization {
				owner = object{"organization": s.organizationSimple(from)}
			}
			return object{"changes": object{"owner": object{"from": owner}}}
		})
	})
}

// ArchiveRepository archives or unarchives a repository.
func (w *World) ArchiveRepository(id int64, archived bool) {
	w.change(id, func(r *repository, by *account) { w.archive(r, archived, by) })
}

func (w *World) archive(r *repository, archived bool, by *account) {
	if r.Archived == archived {
		return
	}
	r.Archived = archived
	w.touch(r)
	action := map[bool]string{true: "archived", false: "unarchived"}[archived]
	w.deliverForRepository(r, "repository", action, by, nil)
}

// MakeInternal makes an organization's repository internal. GitHub documents no event for that, only for becoming private or
// public (https://docs.github.com/webhooks/webhook-events-and-payloads#repository).
func (w *World) MakeInternal(id int64) {
	w.change(id, func(r *repository, _ *account) {
		r.Internal = true
		r.normalizeVisibility()
		w.touch(r)
	})
}

// SetPrivate makes a repository private or public. The latter sends two events.
func (w *World) SetPrivate(id int64, private bool) {
	w.change(id, func(r *repository, by *account) { w.setPrivate(r, private, by) })
}

func (w *World) setPrivate(r *repository, private bool, by *account) {
	if r.Private == private && !r.Internal {
		return
	}
	r.Private, r.Internal = private, false
	w.touch(r)
	if private {
		w.deliverForRepository(r, "repository", "privatized", by, nil)
		return
	}
	w.deliverForRepository(r, "repository", "publicized", by, nil)
	w.deliverForRepository(r, "public", "", by, nil)
}

// EditRepository changes anything else about a repository; its id and name stay. GitHub sends a webhook for a few of its fields.
func (w *World) EditRepository(id int64, edit func(*Repository)) {
	w.change(id, func(r *repository, by *account) {
		old := r.Repository
		old.Topics = slices.Clone(old.Topics)
		edit(&r.Repository)
		r.ID, r.Name = id, old.Name
		r.normalizeVisibility()
		before := object{}
		if r.Description != old.Description {
			before["description"] = object{"from": orNull(old.Description)}
		}
		if r.Homepage != old.Homepage {
			before["homepage"] = object{"from": orNull(old.Homepage)}
		}
		if r.DefaultBranch != old.DefaultBranch {
			before["default_branch"] = object{"from": old.DefaultBranch}
		}
		if !slices.Equal(r.Topics, old.Topics) {
			before["topics"] = object{"from": append([]string{}, old.Topics...)}
		}
		w.touch(r)
		if len(before) > 0 {
			w.deliverForRepository(r, "repository", "edited", by, changes(before))
		}
	})
}

// DeleteRepository removes a repository for good, and every redirect to it.
func (w *World) DeleteRepository(id int64) {
	w.change(id, w.removeRepository)
}

func (w *World) removeRepository(r *repository, by *account) {
	if !w.omitsRepositoryDeleted {
		w.deliverForRepository(r, "repository", "deleted", by, nil)
	}
	w.deliverRemoved(r)
	w.delete(r)
}

// SendRepositoryDeleted sets whether Apps get repository.deleted webhooks; by default they do. GitHub's documentation
// says that they don't, others report that they do.
func (w *World) SendRepositoryDeleted(send bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.omitsRepositoryDeleted = !send
}

// deliverRemoved notifies installations on selected repositories that they no longer have access to the repository.
func (w *World) deliverRemoved(r *repository) {
	for _, i := range r.owner.installations {
		if i.selection == SelectSome && i.reaches(r) {
			w.deliverSelection(i, "removed", w.ownerOf(r.owner), nil, []*repository{r})
		}
	}
}

func (w *World) delete(r *repository) {
	delete(w.repositories, r.ID)
	delete(w.names, fold(r.fullName()))
	for name, former := range w.formerNames {
		if former == r.ID {
			delete(w.formerNames, name)
		}
	}
	r.owner.removeRepository(r)
}

// change changes a repository in an owner's name.
func (w *World) change(id int64, how func(r *repository, by *account)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.mustRepository(id)
	how(r, w.ownerOf(r.owner))
}

// touch notes that the repository has changed.
func (w *World) touch(r *repository) {
	r.UpdatedAt = w.now()
	r.changed()
}

func (w *World) mustBeFree(owner *account, name string) {
	if w.names[fold(owner.Login, name)] != nil {
		panic(fmt.Sprintf("sandbox: the name %s/%s is taken", owner.Login, name))
	}
}
