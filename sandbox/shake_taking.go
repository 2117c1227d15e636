package sandbox

import (
	"fmt"
	"slices"
)

// Taken is what a change took away: a repository from people, or an account's repositories from one person.
type Taken struct {
	Did          string
	RepositoryID int64 // 0: whatever the account has
	AccountID    int64
	PersonID     int64 // 0: from everybody who is concerned
}

// Takes reports whether a person's sight of a repository, which an account owned, may have ended.
func (t Taken) Takes(personID, accountID, repositoryID int64) bool {
	if t.RepositoryID != 0 {
		return t.RepositoryID == repositoryID
	}
	return t.AccountID == accountID && (t.PersonID == 0 || t.PersonID == personID)
}

// TakeAway makes a change that takes something away, and of which GitHub sends a webhook that says so. There may be
// none to make.
func (k *Shaker) TakeAway() (taken Taken, made bool) {
	for range 100 {
		on := k.placeWhere(func(p place) bool { return installed(p) && !p.suspended })
		r, of := k.repository(on)
		if of < 2 {
			continue
		}
		taken = Taken{RepositoryID: r.ID, AccountID: on.id}
		switch k.dice.IntN(6) {
		case 0:
			made = k.makePrivate(on, r)
			taken.Did = fmt.Sprintf("%s makes %s (%d) private", on.login, r.Name, r.ID)
		case 1:
			made = k.takeFromInstallation(on, r)
			taken.Did = fmt.Sprintf("%s takes %s (%d) from its installation", on.login, r.Name, r.ID)
		case 2:
			if made = !k.silentDeletions() && k.told(on, r); made {
				k.world.DeleteRepository(r.ID)
			}
			taken.Did = fmt.Sprintf("%s deletes %s (%d)", on.login, r.Name, r.ID)
		case 3, 4:
			who := k.person()
			made = k.dismiss(on, who)
			taken.RepositoryID, taken.PersonID = 0, who.id
			taken.Did = fmt.Sprintf("%s removes %s", on.login, who.login)
		default:
			if made = k.Installations && k.one(3); made {
				k.world.Uninstall(on.installation)
			}
			taken.RepositoryID = 0
			taken.Did = on.login + " uninstalls"
		}
		if made {
			return taken, true
		}
	}
	return Taken{}, false
}

func (k *Shaker) makePrivate(on place, r Repository) bool {
	if r.Private || !k.told(on, r) {
		return false
	}
	k.world.SetPrivate(r.ID, true)
	return true
}

// told reports whether GitHub sends the installation what happens to the repository.
func (k *Shaker) told(on place, r Repository) bool {
	return on.selection != SelectSome || slices.Contains(k.chosen(on), r.ID)
}

func (k *Shaker) takeFromInstallation(on place, r Repository) bool {
	if on.selection != SelectSome {
		return false
	}
	if chosen := k.chosen(on); len(chosen) < 2 || !slices.Contains(chosen, r.ID) {
		return false
	}
	k.world.RemoveFromInstallation(on.installation, r.ID)
	return true
}

func (k *Shaker) dismiss(on, who place) bool {
	if !on.organization {
		return false
	}
	if _, member, onlyOwner := k.role(on, who); !member || onlyOwner {
		return false
	}
	k.world.RemoveMember(on.login, who.login)
	return true
}

func (k *Shaker) silentDeletions() bool {
	k.world.mu.RLock()
	defer k.world.mu.RUnlock()
	return k.world.keepsDeletions
}
