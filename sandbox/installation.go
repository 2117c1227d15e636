package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Selection is which of an account's repositories an installation has access to: SelectAll, including future ones, or
// SelectSome, only selected ones.
type Selection string

// The selections, by their names in the API.
const (
	SelectAll  Selection = "all"
	SelectSome Selection = "selected"
)

type installation struct {
	id             int64
	app            *app
	account        *account
	selection      Selection
	chosen         map[int64]bool    // under SelectSome
	permissions    map[string]string // as accepted; may be fewer than the App requests now
	events         []string
	createdAt      time.Time
	updatedAt      time.Time
	suspendedAt    time.Time // zero: not suspended
	suspendedBy    *account
	suspendedByApp bool
}

// Installations are the installations of a world's Apps, with their tokens.
type Installations struct {
	world  *World
	byID   map[int64]*installation
	tokens map[string]*installationToken
	lastID int64
}

func (is *Installations) must(id int64) *installation {
	i := is.byID[id]
	if i == nil {
		panic(fmt.Sprintf("sandbox: no installation %d", id))
	}
	return i
}

func (i *installation) suspended() bool { return !i.suspendedAt.IsZero() }

func (i *installation) reaches(r *repository) bool {
	return r.owner == i.account && (i.selection == SelectAll || i.chosen[r.ID])
}

// reached lists the repositories that the installation can access, by ascending id.
func (i *installation) reached() []*repository {
	return slices.DeleteFunc(slices.Clone(i.account.repositories), func(r *repository) bool { return !i.reaches(r) })
}

// installationOf is the App's installation on the account, or nil.
func (a *account) installationOf(of *app) *installation {
	for _, i := range a.installations {
		if i.app == of {
			return i
		}
	}
	return nil
}

// visibleTo follows "explicit permission (:read, :write, or :admin)" in GitHub's description of GET /user/installations:
// a user sees an installation if they administer the account or have an explicit permission on one of its repositories.
// Read access to a public repository isn't enough.
func (i *installation) visibleTo(u *account) bool {
	return u.administers(i.account) || slices.ContainsFunc(i.account.repositories, func(r *repository) bool {
		return i.reaches(r) && r.granted(u) != None
	})
}

func (is *Installations) nextID() int64 {
	is.lastID += 59
	return is.lastID
}

// Install installs the App on an account and returns the installation's id. The repositories are only for SelectSome.
func (is *Installations) Install(owner string, selection Selection, repositoryIDs ...int64) int64 {
	is.world.mu.Lock()
	defer is.world.mu.Unlock()
	a, of := is.world.Accounts.must(owner), is.world.Apps.must()
	if a.installationOf(of) != nil {
		panic(fmt.Sprintf("sandbox: already installed on %q", owner))
	}
	return is.install(of, a, selection, repositoryIDs, is.world.Accounts.ownerOf(a)).id
}

func (is *Installations) install(of *app, on *account, selection Selection, repositoryIDs []int64, by *account) *installation {
	i := &installation{id: is.nextID(), app: of, account: on, createdAt: is.world.now()}
	is.setSelection(i, selection, repositoryIDs)
	i.accept()
	on.installations = append(on.installations, i)
	is.byID[i.id] = i
	requester := is.world.InstallationRequests.close(i)
	is.world.webhooks.deliver(i, "installation", "created", by, nil, func(bs *bodies) object {
		return object{"repositories": repositorySummaries(i.reached()), "requester": bs.simpleUserOrNull(requester)}
	})
	return i
}

// Select changes which repositories an installation has access to.
func (is *Installations) Select(id int64, selection Selection, repositoryIDs ...int64) {
	is.world.mu.Lock()
	defer is.world.mu.Unlock()
	i := is.must(id)
	is.reselect(i, selection, repositoryIDs, is.world.Accounts.ownerOf(i.account))
}

// AddRepository adds a repository to an installation on selected repositories.
func (is *Installations) AddRepository(id, repositoryID int64) { is.chooseFor(id, repositoryID, true) }

// RemoveRepository removes a repository from an installation on selected repositories. It panics for the last
// one, which GitHub doesn't remove either.
func (is *Installations) RemoveRepository(id, repositoryID int64) {
	is.chooseFor(id, repositoryID, false)
}

func (is *Installations) chooseFor(id, repositoryID int64, in bool) {
	is.world.mu.Lock()
	defer is.world.mu.Unlock()
	i, r := is.must(id), is.world.Repositories.must(repositoryID)
	if i.selection != SelectSome || r.owner != i.account || !in && i.chosen[r.ID] && len(i.chosen) == 1 {
		panic(fmt.Sprintf("sandbox: repository %d can't be chosen for installation %d", r.ID, id))
	}
	if i.chosen[r.ID] != in {
		is.choose(i, r, in, is.world.Accounts.ownerOf(i.account))
	}
}

func (is *Installations) reselect(i *installation, selection Selection, repositoryIDs []int64, by *account) {
	before := map[*repository]bool{}
	for _, r := range i.reached() {
		before[r] = true
	}
	is.setSelection(i, selection, repositoryIDs)
	added := slices.DeleteFunc(i.reached(), func(r *repository) bool { return before[r] })
	removed := slices.DeleteFunc(slices.Clone(i.account.repositories), func(r *repository) bool { return !before[r] || i.reaches(r) })
	if len(added) > 0 {
		is.world.webhooks.deliverSelection(i, "added", by, added, nil)
	}
	if len(removed) > 0 {
		is.world.webhooks.deliverSelection(i, "removed", by, nil, removed)
	}
}

// deliverSelection sends the webhook for repositories added to or removed from an installation.
func (hs *webhooks) deliverSelection(i *installation, action string, by *account, added, removed []*repository) {
	hs.deliver(i, "installation_repositories", action, by, nil, func(*bodies) object {
		return object{
			"repositories_added": repositorySummaries(added), "repositories_removed": repositorySummaries(removed),
			"repository_selection": i.selection, "requester": nil,
		}
	})
}

func (is *Installations) setSelection(i *installation, selection Selection, repositoryIDs []int64) {
	if selection != SelectAll && selection != SelectSome {
		panic(fmt.Sprintf("sandbox: no selection %q", selection))
	}
	i.selection, i.chosen, i.updatedAt = selection, map[int64]bool{}, is.world.now()
	for _, id := range repositoryIDs {
		if is.world.Repositories.must(id).owner != i.account {
			panic(fmt.Sprintf("sandbox: repository %d is not of %q", id, i.account.Login))
		}
		i.chosen[id] = true
	}
}

// Uninstall removes the App from the account. Installing it again creates another id.
func (is *Installations) Uninstall(id int64) {
	is.world.mu.Lock()
	defer is.world.mu.Unlock()
	i := is.must(id)
	is.uninstall(i, is.world.Accounts.ownerOf(i.account))
}

func (is *Installations) uninstall(i *installation, by *account) {
	i.account.installations = slices.DeleteFunc(i.account.installations, func(other *installation) bool { return other == i })
	delete(is.byID, i.id)
	is.world.webhooks.deliver(i, "installation", "deleted", by, nil, withRepositories(i.reached()))
}

// where are the installations that match, by ascending id.
func (is *Installations) where(keep func(*installation) bool) []*installation {
	all := slices.SortedFunc(maps.Values(is.byID), func(a, b *installation) int { return cmp.Compare(a.id, b.id) })
	return slices.DeleteFunc(all, func(i *installation) bool { return !keep(i) })
}

// Repositories lists the ids of the repositories that an installation can access, ascending.
func (is *Installations) Repositories(id int64) []int64 {
	is.world.mu.RLock()
	defer is.world.mu.RUnlock()
	var ids []int64
	for _, r := range is.must(id).reached() {
		ids = append(ids, r.ID)
	}
	return ids
}
