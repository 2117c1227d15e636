package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// Repository is a repository without its owner and permissions.
type Repository struct {
	ID               int64 // chosen by AddRepository when zero
	Name             string
	Description      string // "" is null in the API
	Homepage         string // "" is null in the API
	Language         string // "" is null in the API
	License          string // a key such as "mit"; "": none
	Topics           []string
	Private          bool
	Internal         bool // private, but every member of the organization that owns it can read it; organizations only
	Archived         bool
	Disabled         bool // by GitHub
	Template         bool
	ForkOf           int64 // the parent's id; 0: not a fork
	Stars            int
	Forks            int
	OpenIssues       int
	Size             int            // kilobytes
	DefaultBranch    string         // "" becomes "main"
	CustomProperties map[string]any // of any JSON type; shown for organizations only
	CreatedAt        time.Time      // zero: now
	UpdatedAt        time.Time      // zero: nothing was pushed; null in the API
	PushedAt         time.Time      // zero: nothing was ever pushed, null in the API
}

type repository struct {
	Repository
	owner   *account
	blocked int                    // the status of requests for it; 0: not blocked
	direct  map[int64]Permission   // by user id
	encoded atomic.Pointer[[]byte] // its JSON, until it changes
}

// Repositories are the repositories of a world, with the permissions of users on them.
type Repositories struct {
	world       *World
	byID        map[int64]*repository
	byName      map[string]*repository // by lower-case owner/name
	formerNames map[string]int64       // lower-case owner/name to the id of a repository that had it
	omitDeleted bool                   // Apps get no webhook for deleted repositories
	lastID      int64
}

func (rs *Repositories) must(id int64) *repository {
	r := rs.byID[id]
	if r == nil {
		panic(fmt.Sprintf("sandbox: no repository %d", id))
	}
	return r
}

func (r *repository) fullName() string { return r.owner.Login + "/" + r.Name }

// changed discards the JSON encoded before the change.
func (r *repository) changed() { r.encoded.Store(nil) }

// Add adds a repository to an account and returns it with its id.
func (rs *Repositories) Add(owner string, facts Repository) Repository {
	rs.world.mu.Lock()
	defer rs.world.mu.Unlock()
	a := rs.world.Accounts.must(owner)
	return rs.add(a, facts, rs.world.Accounts.ownerOf(a)).Repository
}

func (rs *Repositories) add(owner *account, facts Repository, by *account) *repository {
	r := &repository{Repository: facts, owner: owner}
	if r.Name == "" || rs.byName[fold(r.fullName())] != nil {
		panic(fmt.Sprintf("sandbox: the name %q is empty or taken", r.fullName()))
	}
	r.normalizeVisibility()
	if r.ID == 0 {
		r.ID = rs.nextID()
	}
	r.DefaultBranch = cmp.Or(r.DefaultBranch, "main")
	if r.CreatedAt.IsZero() {
		r.CreatedAt = rs.world.now()
	}
	if r.UpdatedAt.IsZero() {
		r.UpdatedAt = r.CreatedAt
	}
	rs.byID[r.ID] = r
	rs.name(r)
	r.owner.addRepository(r)
	rs.world.webhooks.deliverForRepository(r, "repository", "created", by, nil)
	return r
}

func (rs *Repositories) nextID() int64 {
	rs.lastID += 101
	return rs.lastID
}

// normalizeVisibility makes an internal repository private too, as in the API, and panics if a user owns it. On GitHub,
// members of all organizations of the enterprise can read it
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

// List returns an account's repositories by ascending id, independent of the caller.
func (rs *Repositories) List(owner string) []Repository {
	rs.world.mu.RLock()
	defer rs.world.mu.RUnlock()
	var all []Repository
	for _, r := range rs.world.Accounts.must(owner).repositories {
		all = append(all, r.Repository)
	}
	return all
}

// name registers the repository under its current name, which ends redirects from that name.
func (rs *Repositories) name(r *repository) {
	rs.byName[fold(r.fullName())] = r
	delete(rs.formerNames, fold(r.fullName()))
}

// removeName redirects from the repository's current name.
func (rs *Repositories) removeName(r *repository) {
	delete(rs.byName, fold(r.fullName()))
	rs.formerNames[fold(r.fullName())] = r.ID
}

// find returns the repository with that name, and whether it is a former name.
func (rs *Repositories) find(owner, name string) (r *repository, moved bool) {
	if r := rs.byName[fold(owner, name)]; r != nil {
		return r, false
	}
	return rs.byID[rs.formerNames[fold(owner, name)]], true
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

// Has reports whether an account has a repository of that name.
func (rs *Repositories) Has(owner, name string) bool {
	rs.world.mu.RLock()
	defer rs.world.mu.RUnlock()
	return rs.byName[fold(owner, name)] != nil
}
