package sandbox

import (
	"fmt"
	"slices"
)

// Rename changes a repository's name; the old URL redirects until another repository has that name.
func (rs *Repositories) Rename(id int64, name string) {
	rs.change(id, func(r *repository, by *account) {
		rs.mustBeFree(r.owner, name)
		rs.rename(r, name, by)
	})
}

func (rs *Repositories) rename(r *repository, name string, by *account) {
	before := object{"repository": object{"name": object{"from": r.Name}}}
	rs.removeName(r)
	r.Name = name
	rs.name(r)
	rs.touch(r)
	rs.world.webhooks.deliverForRepository(r, "repository", "renamed", by, changes(before))
}

// Transfer moves a repository to another account; the old URL redirects. Collaborators' permissions stay,
// those of the old owner's members and teams don't. Only the new owner's installation gets a webhook for the transfer; the
// old one's gets one for the removed repository if it was on selected repositories.
func (rs *Repositories) Transfer(id int64, newOwner string) {
	rs.change(id, func(r *repository, _ *account) {
		from, to := r.owner, rs.world.Accounts.must(newOwner)
		rs.mustBeFree(to, r.Name)
		rs.removeName(r)
		rs.world.webhooks.deliverRemoved(r)
		from.removeRepository(r)
		r.owner = to
		r.Internal = r.Internal && to.organization
		to.addRepository(r)
		rs.name(r)
		rs.touch(r)
		rs.world.webhooks.deliverForRepository(r, "repository", "transferred", rs.world.Accounts.ownerOf(to), func(bs *bodies) object {
			owner := object{"user": bs.simpleUser(from)}
			if from.organization {
				owner = object{"organization": bs.organizationSimple(from)}
			}
			return object{"changes": object{"owner": object{"from": owner}}}
		})
	})
}

// Archive archives or unarchives a repository.
func (rs *Repositories) Archive(id int64, archived bool) {
	rs.change(id, func(r *repository, by *account) { rs.archive(r, archived, by) })
}

func (rs *Repositories) archive(r *repository, archived bool, by *account) {
	if r.Archived == archived {
		return
	}
	r.Archived = archived
	rs.touch(r)
	action := map[bool]string{true: "archived", false: "unarchived"}[archived]
	rs.world.webhooks.deliverForRepository(r, "repository", action, by, nil)
}

// MakeInternal makes an organization's repository internal. GitHub documents no event for that, only for becoming private or
// public (https://docs.github.com/webhooks/webhook-events-and-payloads#repository).
func (rs *Repositories) MakeInternal(id int64) {
	rs.change(id, func(r *repository, _ *account) {
		r.Internal = true
		r.normalizeVisibility()
		rs.touch(r)
	})
}

// SetPrivate makes a repository private or public. The latter sends two events.
func (rs *Repositories) SetPrivate(id int64, private bool) {
	rs.change(id, func(r *repository, by *account) { rs.setPrivate(r, private, by) })
}

func (rs *Repositories) setPrivate(r *repository, private bool, by *account) {
	if r.Private == private && !r.Internal {
		return
	}
	r.Private, r.Internal = private, false
	rs.touch(r)
	if private {
		rs.world.webhooks.deliverForRepository(r, "repository", "privatized", by, nil)
		return
	}
	rs.world.webhooks.deliverForRepository(r, "repository", "publicized", by, nil)
	rs.world.webhooks.deliverForRepository(r, "public", "", by, nil)
}

// Edit changes other fields of a repository; its id and name stay. GitHub sends a webhook for some of its fields.
func (rs *Repositories) Edit(id int64, edit func(*Repository)) {
	rs.change(id, func(r *repository, by *account) {
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
		rs.touch(r)
		if len(before) > 0 {
			rs.world.webhooks.deliverForRepository(r, "repository", "edited", by, changes(before))
		}
	})
}

// Delete deletes a repository, and every redirect to it.
func (rs *Repositories) Delete(id int64) {
	rs.change(id, rs.remove)
}

func (rs *Repositories) remove(r *repository, by *account) {
	if !rs.omitDeleted {
		rs.world.webhooks.deliverForRepository(r, "repository", "deleted", by, nil)
	}
	rs.world.webhooks.deliverRemoved(r)
	rs.forget(r)
}

// SendDeleted sets whether Apps get repository.deleted webhooks; by default they do. GitHub's documentation
// says that they don't, others report that they do.
func (rs *Repositories) SendDeleted(send bool) {
	rs.world.mu.Lock()
	defer rs.world.mu.Unlock()
	rs.omitDeleted = !send
}

// deliverRemoved notifies installations on selected repositories that they no longer have access to the repository.
func (hs *webhooks) deliverRemoved(r *repository) {
	for _, i := range r.owner.installations {
		if i.selection == SelectSome && i.reaches(r) {
			hs.deliverSelection(i, "removed", hs.world.Accounts.ownerOf(r.owner), nil, []*repository{r})
		}
	}
}

func (rs *Repositories) forget(r *repository) {
	delete(rs.byID, r.ID)
	delete(rs.byName, fold(r.fullName()))
	for name, former := range rs.formerNames {
		if former == r.ID {
			delete(rs.formerNames, name)
		}
	}
	r.owner.removeRepository(r)
}

// change changes a repository, as an owner.
func (rs *Repositories) change(id int64, how func(r *repository, by *account)) {
	rs.world.mu.Lock()
	defer rs.world.mu.Unlock()
	r := rs.must(id)
	how(r, rs.world.Accounts.ownerOf(r.owner))
}

// touch sets the repository's time of change.
func (rs *Repositories) touch(r *repository) {
	r.UpdatedAt = rs.world.now()
	r.changed()
}

func (rs *Repositories) mustBeFree(owner *account, name string) {
	if rs.byName[fold(owner.Login, name)] != nil {
		panic(fmt.Sprintf("sandbox: the name %s/%s is taken", owner.Login, name))
	}
}
