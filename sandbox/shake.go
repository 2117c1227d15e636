package sandbox

import (
	"fmt"
	"math/rand/v2"
)

// Shaker changes a world at random, as the people in it might: repositories come, go, move and change, so do members,
// teams and permissions, accounts get other names, and installations reach other repositories. From the same seed and
// the same world the same changes follow. Every organization that has an owner keeps one.
type Shaker struct {
	// Installations lets it also suspend and lift, uninstall and install again, and add organizations with an
	// installation of their own, which it may delete again. False keeps every installation there, and working.
	Installations bool

	world *World
	dice  *rand.Rand
	count int      // of the names it made up
	freed []string // names that repositories had before
	made  []int64  // the organizations that it added, by id
}

// NewShaker makes a shaker of the world. While it is at work nobody else may delete what is there.
func NewShaker(world *World, seed uint64) *Shaker {
	return &Shaker{world: world, dice: rand.New(rand.NewPCG(seed, 2026))}
}

// shakes are the kinds of change, each with how often it is drawn in comparison. They say what they did; "" is nothing,
// where the world has nothing of the kind.
var shakes = []struct {
	weight        int
	installations bool // of the installations themselves
	shake         func(*Shaker) string
}{
	{12, false, (*Shaker).addRepository},
	{8, false, (*Shaker).renameRepository},
	{10, false, (*Shaker).editRepository},
	{5, false, (*Shaker).archiveRepository},
	{8, false, (*Shaker).changeVisibility},
	{6, false, (*Shaker).transferRepository},
	{7, false, (*Shaker).deleteRepository},

	{5, false, (*Shaker).addMember},
	{4, false, (*Shaker).removeMember},
	{3, false, (*Shaker).changeRole},
	{2, false, (*Shaker).changeBasePermission},
	{10, false, (*Shaker).changeCollaborator},
	{2, false, (*Shaker).renameAccount},
	{1, false, (*Shaker).addPerson},

	{3, false, (*Shaker).addTeam},
	{2, false, (*Shaker).editTeam},
	{2, false, (*Shaker).deleteTeam},
	{7, false, (*Shaker).changeTeamMember},
	{10, false, (*Shaker).changeTeamPermission},

	{8, false, (*Shaker).changeChoice},
	{2, false, (*Shaker).changeSelection},
	{3, true, (*Shaker).changeSuspension},
	{2, true, (*Shaker).reinstall},
	{1, true, (*Shaker).addOrganization},
	{1, true, (*Shaker).deleteOrganization},
}

// Change makes one change and says what it was. It panics in a world without people.
func (k *Shaker) Change() string {
	total := 0
	for _, kind := range shakes {
		total += kind.weight
	}
	for range 10_000 {
		at := k.dice.IntN(total)
		for _, kind := range shakes {
			if at -= kind.weight; at < 0 {
				if kind.installations && !k.Installations {
					break
				}
				if did := kind.shake(k); did != "" {
					return did
				}
				break
			}
		}
	}
	panic("sandbox: there is nothing in this world to change")
}

// one reports true once in so many times.
func (k *Shaker) one(in int) bool { return k.dice.IntN(in) == 0 }

// anyOf is one of all, or nothing's zero value.
func anyOf[T any](k *Shaker, all []T) (one T, some bool) {
	if len(all) == 0 {
		return one, false
	}
	return all[k.dice.IntN(len(all))], true
}

// name is a new name.
func (k *Shaker) name(kind string) string {
	k.count++
	return fmt.Sprintf("%s-%d", kind, k.count)
}

// place is an account as it was when it was drawn.
type place struct {
	id           int64
	login        string
	organization bool
	installation int64 // 0: none
	selection    Selection
	suspended    bool
	made         bool // by the shaker
}

// places are the accounts that is accepts, oldest first: organizations only where they have an owner. The world is held while
// is looks.
func (k *Shaker) places(is func(place) bool) []place {
	k.world.mu.RLock()
	defer k.world.mu.RUnlock()
	var all []place
	for _, a := range k.world.accountsWhere(func(a *account) bool { return !a.organization || a.owners() > 0 }) {
		p := place{id: a.id, login: a.Login, organization: a.organization}
		for _, made := range k.made {
			p.made = p.made || made == a.id
		}
		if len(k.world.apps) > 0 {
			if i := a.installationOf(k.world.mustApp()); i != nil {
				p.installation, p.selection, p.suspended = i.id, i.selection, i.suspended()
			}
		}
		if is(p) {
			all = append(all, p)
		}
	}
	return all
}

func (a *account) owners() (n int) {
	for _, role := range a.roles {
		if role == RoleAdmin {
			n++
		}
	}
	return n
}

func anywhere(place) bool          { return true }
func installed(p place) bool       { return p.installation != 0 }
func bare(p place) bool            { return p.installation == 0 }
func suspended(p place) bool       { return p.suspended }
func anOrganization(p place) bool  { return p.organization }
func aPerson(p place) bool         { return !p.organization }
func chosenByHand(p place) bool    { return p.installation != 0 && p.selection == SelectSome }
func (k *Shaker) place() place     { return k.placeWhere(anywhere) }
func (p place) nowhere() bool      { return p.id == 0 }
func (k *Shaker) person() place    { return k.placeWhere(aPerson) }
func (k *Shaker) organized() place { return k.placeWhere(anOrganization) }

// placeWhere is one of those, mostly where the App is installed; nowhere if there is none.
func (k *Shaker) placeWhere(is func(place) bool) place {
	if !k.one(4) {
		if p, some := anyOf(k, k.places(func(p place) bool { return installed(p) && is(p) })); some {
			return p
		}
	}
	p, _ := anyOf(k, k.places(is))
	return p
}
