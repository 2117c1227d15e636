// Package sandboxtest has helpers for tests with a sandbox: a [Mutator] that changes a world at random, a browser
// without a screen ([Authorize], [RegisterApp]), random webhook delivery and worlds.
package sandboxtest

import (
	"fmt"
	"math/rand/v2"

	"neptun/sandbox"
)

// Mutator changes a world at random, as its users could: it adds, deletes, transfers and edits repositories, changes
// members, teams and permissions, renames accounts, and changes the repositories of installations. The same seed
// makes the same changes to the same world. Every organization with an owner keeps one.
type Mutator struct {
	// Installations also suspends and unsuspends, uninstalls and reinstalls, and adds organizations with their own
	// installations, which it may delete again. If false, every installation stays and works.
	Installations bool

	world      *sandbox.World
	rng        *rand.Rand
	names      int      // used for new names
	freedNames []string // names that repositories had before
	created    []int64  // of the organizations it added
}

// NewMutator creates a mutator of the world. While it is used, nothing else may delete anything in the world.
func NewMutator(world *sandbox.World, seed uint64) *Mutator {
	return &Mutator{world: world, rng: rand.New(rand.NewPCG(seed, 2026))}
}

// mutations are the kinds of change, weighted by how often they are drawn. Each returns a description; "" means that the
// kind doesn't apply to the world.
var mutations = []struct {
	weight        int
	installations bool // needs Mutator.Installations
	mutate        func(*Mutator) string
}{
	{12, false, (*Mutator).addRepository},
	{8, false, (*Mutator).renameRepository},
	{10, false, (*Mutator).editRepository},
	{5, false, (*Mutator).archiveRepository},
	{8, false, (*Mutator).changeVisibility},
	{6, false, (*Mutator).transferRepository},
	{7, false, (*Mutator).deleteRepository},
	{5, false, (*Mutator).addMember},
	{4, false, (*Mutator).removeMember},
	{3, false, (*Mutator).changeRole},
	{2, false, (*Mutator).changeBasePermission},
	{10, false, (*Mutator).changeCollaborator},
	{2, false, (*Mutator).renameAccount},
	{1, false, (*Mutator).addUser},
	{3, false, (*Mutator).addTeam},
	{2, false, (*Mutator).editTeam},
	{2, false, (*Mutator).deleteTeam},
	{7, false, (*Mutator).changeTeamMember},
	{10, false, (*Mutator).changeTeamPermission},
	{8, false, (*Mutator).toggleSelected},
	{2, false, (*Mutator).changeSelection},
	{3, true, (*Mutator).changeSuspension},
	{2, true, (*Mutator).reinstall},
	{1, true, (*Mutator).addOrganization},
	{1, true, (*Mutator).deleteOrganization},
}

// Change makes one change and describes it. It panics in a world without users.
func (m *Mutator) Change() string {
	total := 0
	for _, kind := range mutations {
		total += kind.weight
	}
	for range 10_000 {
		at := m.rng.IntN(total)
		for _, kind := range mutations {
			if at -= kind.weight; at < 0 {
				if kind.installations && !m.Installations {
					break
				}
				if did := kind.mutate(m); did != "" {
					return did
				}
				break
			}
		}
	}
	panic("sandboxtest: there is nothing in this world to change")
}

// oneIn reports true once in n times, on average.
func (m *Mutator) oneIn(n int) bool { return m.rng.IntN(n) == 0 }

// anyOf picks one element; ok is false when there is none.
func anyOf[T any](m *Mutator, all []T) (one T, ok bool) {
	if len(all) == 0 {
		return one, false
	}
	return all[m.rng.IntN(len(all))], true
}

// newName returns a new name.
func (m *Mutator) newName(kind string) string {
	m.names++
	return fmt.Sprintf("%s-%d", kind, m.names)
}

func (m *Mutator) pick(from []string) string { return from[m.rng.IntN(len(from))] }

// accounts lists the accounts that match, by id; organizations only when they have an owner.
func (m *Mutator) accounts(match func(sandbox.Account) bool) []sandbox.Account {
	var all []sandbox.Account
	for _, a := range m.world.Accounts.List() {
		if (!a.Organization || owners(a) > 0) && match(a) {
			all = append(all, a)
		}
	}
	return all
}

func owners(a sandbox.Account) (n int) {
	for _, role := range a.Members {
		if role == sandbox.RoleAdmin {
			n++
		}
	}
	return n
}

func anyAccount(sandbox.Account) bool       { return true }
func installed(a sandbox.Account) bool      { return a.InstallationID != 0 }
func notInstalled(a sandbox.Account) bool   { return a.InstallationID == 0 }
func suspended(a sandbox.Account) bool      { return a.Suspended }
func isOrganization(a sandbox.Account) bool { return a.Organization }
func isUser(a sandbox.Account) bool         { return !a.Organization }
func onSelected(a sandbox.Account) bool     { return installed(a) && a.Selection == sandbox.SelectSome }
func none(a sandbox.Account) bool           { return a.ID == 0 }

func (m *Mutator) account() sandbox.Account      { return m.accountWhere(anyAccount) }
func (m *Mutator) user() sandbox.Account         { return m.accountWhere(isUser) }
func (m *Mutator) organization() sandbox.Account { return m.accountWhere(isOrganization) }

// accountWhere picks a matching account, usually one with an installation; the zero Account if there is none.
func (m *Mutator) accountWhere(match func(sandbox.Account) bool) sandbox.Account {
	if !m.oneIn(4) {
		if a, ok := anyOf(m, m.accounts(func(a sandbox.Account) bool { return installed(a) && match(a) })); ok {
			return a
		}
	}
	a, _ := anyOf(m, m.accounts(match))
	return a
}
