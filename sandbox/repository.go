package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// Repository has a repository's facts, besides its owner and permissions.
type Repository struct {
	ID               int64 // chosen by AddRepository when zero
	Name             string
	Description      string // "" is null in the API
	Homepage         string // "" is null in the API
	Language         string // "" is null in the API
	License          string // a key such as "mit"; "" is no licence
	Topics           []string
	Private          bool
	Internal         bool // private, but every member of the organization that owns it can read it; organizations only
	Archived         bool
	Disabled         bool // by GitHub
	Template         bool
	ForkOf           int64 // the parent's id; 0 is no fork
	Stars            int
	Forks            int
	OpenIssues       int
	Size             int            // kilobytes
	DefaultBranch    string         // "" becomes "main"
	CustomProperties map[string]any // of any JSON type; shown for organizations only
	CreatedAt        time.Time      // zero: now
	UpdatedAt        time.Time      // zero: CreatedAt
	PushedAt         time.Time      // zero: nothing was ever pushed, null in the API
}

type repository struct {
	Repository
	owner   *account
	blocked int                    // the status of requests for it; 0: not blocked
	direct  map[int64]Permission   // by user id
	encoded atomic.Pointer[[]byte] // its JSON, as long as nothing changed
}

func (r *repository) fullName() string { return r.owner.Login + "/" + r.Name }

// changed drops the JSON encoded before the change.
func (r *repository) changed() { r.encoded.Store(nil) }

// AddRepository adds a repository to an account and returns it with its id.
func (w *World) AddRepository(owner string, facts Repository) Repository {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.mustAccount(owner)
	return w.add(a, facts, w.ownerOf(a)).Repository
}

func (w *World) add(owner *account, facts Repository, by *account) *repository {
	r := &repository{Repository: facts, owner: owner}
	if r.Name == "" || w.names[fold(r.fullName())] != nil {
		panic(fmt.Sprintf("sandbox: the name %q is empty or taken", r.fullName()))
	}
	r.normalizeVisibility()
	if r.ID == 0 {
		r.ID = w.ids.nextRepository()
	}
	r.DefaultBranch = cmp.Or(r.DefaultBranch, "main")
	if r.CreatedAt.IsZero() {
		r.CreatedAt = w.now()
	}
	if r.UpdatedAt.IsZero() {
		r.UpdatedAt = r.CreatedAt
	}
	w.repositories[r.ID] = r
	w.name(r)
	r.owner.addRepository(r)
	w.deliverForRepository(r, "repository", "created", by, nil)
	return r
}

// normalizeVisibility makes an internal repository private too, as the API has it, and panics when a user owns it. On GitHub the
// members of all organizations of the enterprise read it
// (https://docs.github.com/repositories/creating-and-managing-repositories/about-repositories#about-internal-repositories).
func (r *repository) normalizeVisibility() {
	if r.Internal && !r.owner.organization {
		panic(fmt.Sprintf("sandbox: %s can't be internal: %q is not an organization", r.Name, r.owner.Login))
	}
	r.Private = r.Private || r.Internal
}

// visibility is GitHub's word for the repository's visibility.
func (r *repository) visibility() string {
	switch {
	case r.Internal:
		return "internal"
	case r.Private:
		return "private"
	}
	return "public"
}

// Repositories returns an account's repositories by ascending id, independent of a viewer.
func (w *World) Repositories(owner string) []Repository {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var all []Repository
	for _, r := range w.mustAccount(owner).repositories {
		all = append(all, r.Repository)
	}
	return all
}

// name registers the repository under its current name, which ends any redirect from there.
func (w *World) name(r *repository) {
	w.names[fold(r.fullName())] = r
	delete(w.formerNames, fold(r.fullName()))
}

// removeName leaves a redirect where the repository was found.
func (w *World) removeName(r *repository) {
	delete(w.names, fold(r.fullName()))
	w.formerNames[fold(r.fullName())] = r.ID
}

// find returns the repository with that name, and whether the name is an old one.
func (w *World) find(owner, name string) (r *repository, moved bool) {
	if r := w.names[fold(owner, name)]; r != nil {
		return r, false
	}
	return w.repositories[w.formerNames[fold(owner, name)]], true
}

func byID(r *repository, id int64) int { return cmp.Compare(r.ID, id) }

func (a *account) addRepository(r *repository) {
	at, _ := slices.BinarySearchFunc(a.repositories, r.ID, byID)
	a.repositories = slices.Insert(a.repositories, at, r)
}

func (a *account) removeRepository(r *repository) {
	a.repositories = slices.DeleteFunc(a.repositories, func(other *repository) bool { return other == r })
	for _, i := range a.installations {
		delete(i.chosen, r.ID)
	}
	for _, t := range a.teams {
		delete(t.repositories, r.ID)
	}
}
