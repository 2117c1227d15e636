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

// The selections, as the API names them.
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
	permissions    map[string]string // as accepted, may be fewer than the App requests now
	events         []string
	createdAt      time.Time
	updatedAt      time.Time
	suspendedAt    time.Time // zero: not suspended
	suspendedBy    *account
	suspendedByApp bool
}

func (i *installation) suspended() bool { return !i.suspendedAt.IsZero() }

func (i *installation) reaches(r *repository) bool {
	return r.owner == i.account && (i.selection == SelectAll || i.chosen[r.ID])
}

// reached lists the repositories that the installation has access to, by ascending id.
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
// a user sees the installation who administers the account or has an explicit permission on one of its repositories.
// That a repository is public is not enough.
func (i *installation) visibleTo(u *account) bool {
	return u.administers(i.account) || slices.ContainsFunc(i.account.repositories, func(r *repository) bool {
		return i.reaches(r) && r.granted(u) != None
	})
}

// Install installs the App on an account and returns the installation's id. Repositories are named for SelectSome only.
func (w *World) Install(owner string, selection Selection, repositoryIDs ...int64) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, of := w.mustAccount(owner), w.mustApp()
	if a.installationOf(of) != nil {
		panic(fmt.Sprintf("sandbox: already installed on %q", owner))
	}
	return w.install(of, a, selection, repositoryIDs, w.ownerOf(a)).id
}

func (w *World) install(of *app, on *account, selection Selection, repositoryIDs []int64, by *account) *installation {
	i := &installation{id: w.ids.nextInstallation(), app: of, account: on, createdAt: w.now()}
	w.setSelection(i, selection, repositoryIDs)
	i.accept()
	on.installations = append(on.installations, i)
	w.installations[i.id] = i
	requester := w.closeRequests(i)
	w.deliver(i, "installation", "created", by, nil, func(s *Server) object {
		return object{"repositories": repositorySummaries(i.reached()), "requester": s.simpleUserOrNull(requester)}
	})
	return i
}

// SelectRepositories changes which repositories an installation has access to.
func (w *World) SelectRepositories(id int64, selection Selection, repositoryIDs ...int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.mustInstallation(id)
	w.reselect(i, selection, repositoryIDs, w.ownerOf(i.account))
}

// AddToInstallation adds a repository to an installation that is on selected repositories.
func (w *World) AddToInstallation(id, repositoryID int64) { w.chooseFor(id, repositoryID, true) }

// RemoveFromInstallation removes a repository from an installation on selected repositories. It panics at the last
// one, which GitHub doesn't let go either.
func (w *World) RemoveFromInstallation(id, repositoryID int64) { w.chooseFor(id, repositoryID, false) }

func (w *World) chooseFor(id, repositoryID int64, in bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, r := w.mustInstallation(id), w.mustRepository(repositoryID)
	if i.selection != SelectSome || r.owner != i.account || !in && i.chosen[r.ID] && len(i.chosen) == 1 {
		panic(fmt.Sprintf("sandbox: repository %d can't be chosen for installation %d", r.ID, id))
	}
	if i.chosen[r.ID] != in {
		w.choose(i, r, in, w.ownerOf(i.account))
	}
}

func (w *World) reselect(i *installation, selection Selection, repositoryIDs []int64, by *account) {
	before := map[*repository]bool{}
	for _, r := range i.reached() {
		before[r] = true
	}
	w.setSelection(i, selection, repositoryIDs)
	added := slices.DeleteFunc(i.reached(), func(r *repository) bool { return before[r] })
	removed := slices.DeleteFunc(slices.Clone(i.account.repositories), func(r *repository) bool { return !before[r] || i.reaches(r) })
	if len(added) > 0 {
		w.deliverSelection(i, "added", by, added, nil)
	}
	if len(removed) > 0 {
		w.deliverSelection(i, "removed", by, nil, removed)
	}
}

// deliverSelection sends the webhook for repositories added to or removed from an installation.
func (w *World) deliverSelection(i *installation, action string, by *account, added, removed []*repository) {
	w.deliver(i, "installation_repositories", action, by, nil, func(*Server) object {
		return object{
			"repositories_added": repositorySummaries(added), "repositories_removed": repositorySummaries(removed),
			"repository_selection": i.selection, "requester": nil,
		}
	})
}

func (w *World) setSelection(i *installation, selection Selection, repositoryIDs []int64) {
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
	i := w.mustInstallation(id)
	w.uninstall(i, w.ownerOf(i.account))
}

func (w *World) uninstall(i *installation, by *account) {
	i.account.installations = slices.DeleteFunc(i.account.installations, func(other *installation) bool { return other == i })
	delete(w.installations, i.id)
	w.deliver(i, "installation", "deleted", by, nil, withRepositories(i.reached()))
}

// installationsWhere are the installations that keep matches, by ascending id.
func (w *World) installationsWhere(keep func(*installation) bool) []*installation {
	all := slices.SortedFunc(maps.Values(w.installations), func(a, b *installation) int { return cmp.Compare(a.id, b.id) })
	return slices.DeleteFunc(all, func(i *installation) bool { return !keep(i) })
}

// ownerOf is the user in whose name a test changes an account: its own user, its oldest administrator, or else the bot of
// the App.
func (w *World) ownerOf(a *account) *account {
	if !a.organization {
		return a
	}
	for _, u := range w.users() {
		if u.administers(a) {
			return u
		}
	}
	if len(w.apps) > 0 {
		return w.mustApp().bot
	}
	return a
}
