package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Selection says which of an account's repositories an installation reaches: SelectAll, also those to come, or
// SelectSome, those that were named.
type Selection string

// The selections, as the API names them.
const (
	SelectAll  Selection = "all"
	SelectSome Selection = "selected"
)

type installation struct {
	id          int64
	account     *account
	selection   Selection
	chosen      map[int64]bool // under SelectSome
	createdAt   time.Time
	updatedAt   time.Time
	suspendedAt time.Time // zero: not suspended
	suspendedBy *account
}

func (i *installation) suspended() bool { return !i.suspendedAt.IsZero() }

func (i *installation) reaches(r *repository) bool {
	return r.owner == i.account && (i.selection == SelectAll || i.chosen[r.ID])
}

// visibleTo follows "explicit permission (:read, :write, or :admin)" in GitHub's description of GET /user/installations:
// who administers the account sees the installation, and who was given a permission on a repository that it reaches.
// That a repository is public is not enough.
func (i *installation) visibleTo(u *account) bool {
	return u.administers(i.account) || slices.ContainsFunc(i.account.repositories, func(r *repository) bool {
		return i.reaches(r) && r.granted(u) != None
	})
}

// repositoriesFor are those that both the installation reaches and the person may see, by ascending id.
func (i *installation) repositoriesFor(u *account) []*repository {
	seen := make([]*repository, 0, len(i.account.repositories))
	for _, r := range i.account.repositories {
		if i.reaches(r) && r.permission(u) != None {
			seen = append(seen, r)
		}
	}
	return seen
}

// Install installs the App on an account and returns the installation's id. Repositories are named for SelectSome only.
func (w *World) Install(owner string, selection Selection, repositoryIDs ...int64) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.mustAccount(owner)
	if a.installation != nil {
		panic(fmt.Sprintf("sandbox: already installed on %q", owner))
	}
	return w.install(a, selection, repositoryIDs).id
}

func (w *World) install(a *account, selection Selection, repositoryIDs []int64) *installation {
	i := &installation{id: w.ids.nextInstallation(), account: a, createdAt: w.now()}
	a.installation = i
	w.installations[i.id] = i
	w.reselect(i, selection, repositoryIDs)
	return i
}

// SelectRepositories changes which repositories an installation reaches.
func (w *World) SelectRepositories(id int64, selection Selection, repositoryIDs ...int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reselect(w.mustInstallation(id), selection, repositoryIDs)
}

func (w *World) reselect(i *installation, selection Selection, repositoryIDs []int64) {
	if selection != SelectAll && selection != SelectSome {
		panic(fmt.Sprintf("sandbox: no selection %q", selection))
	}
	i.selection, i.chosen, i.updatedAt = selection, map[int64]bool{}, w.now()
	for _, id := range repositoryIDs {
		if w.mustRepository(id).owner != i.account {
			panic(fmt.Sprintf("sandbox: repository %d is not of %q", id, i.account.Login))
		}
		i.chosen[id] = true
	}
}

// Uninstall removes the App from the account. Installing it again gives another id.
func (w *World) Uninstall(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.uninstall(w.mustInstallation(id))
}

func (w *World) uninstall(i *installation) {
	i.account.installation = nil
	delete(w.installations, i.id)
}

// Suspend blocks the installation, as the person who does so may on GitHub's page.
func (w *World) Suspend(id int64, by string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.suspend(w.mustInstallation(id), w.mustAccount(by))
}

func (w *World) suspend(i *installation, by *account) {
	i.suspendedAt, i.suspendedBy, i.updatedAt = w.now(), by, w.now()
}

// Unsuspend lifts a suspension.
func (w *World) Unsuspend(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unsuspend(w.mustInstallation(id))
}

func (w *World) unsuspend(i *installation) {
	i.suspendedAt, i.suspendedBy, i.updatedAt = time.Time{}, nil, w.now()
}

// installationsWhere are the installations that keep accepts, by ascending id.
func (w *World) installationsWhere(keep func(*installation) bool) []*installation {
	all := slices.SortedFunc(maps.Values(w.installations), func(a, b *installation) int { return cmp.Compare(a.id, b.id) })
	return slices.DeleteFunc(all, func(i *installation) bool { return !keep(i) })
}
