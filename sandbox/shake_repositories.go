package sandbox

import (
	"fmt"
	"time"
)

// repository is one of those on the place, as it is now, with how many there are. There may be none.
func (k *Shaker) repository(on place) (r Repository, of int) {
	k.world.mu.RLock()
	defer k.world.mu.RUnlock()
	if on.nowhere() {
		return Repository{}, 0
	}
	all := k.world.mustAccount(on.login).repositories
	if found, some := anyOf(k, all); some {
		r = found.Repository
	}
	return r, len(all)
}

// repositoryName is one that is free on the account: a new one, or now and then one that another repository had before.
func (k *Shaker) repositoryName(on place) string {
	if name, some := anyOf(k, k.freed); some && k.one(3) && k.free(on, name) {
		return name
	}
	for {
		if name := k.name("shaken"); k.free(on, name) {
			return name
		}
	}
}

func (k *Shaker) free(on place, name string) bool {
	k.world.mu.RLock()
	defer k.world.mu.RUnlock()
	return k.world.names[fold(on.login, name)] == nil
}

func (k *Shaker) addRepository() string {
	on := k.place()
	if on.nowhere() {
		return ""
	}
	r := Repository{Name: k.repositoryName(on), Private: k.one(2), Language: k.word(demoLanguages), Description: k.word(demoTells)}
	r.Internal = r.Private && on.organization && k.one(4)
	if !k.one(4) {
		r.PushedAt = k.now()
	}
	r = k.world.AddRepository(on.login, r)
	return fmt.Sprintf("%s adds %s (%d)", on.login, r.Name, r.ID)
}

func (k *Shaker) word(of []string) string { return of[k.dice.IntN(len(of))] }

func (k *Shaker) now() time.Time {
	k.world.mu.RLock()
	defer k.world.mu.RUnlock()
	return k.world.now()
}

func (k *Shaker) renameRepository() string {
	on := k.place()
	r, of := k.repository(on)
	if of == 0 {
		return ""
	}
	name := k.repositoryName(on)
	k.world.RenameRepository(r.ID, name)
	k.freed = append(k.freed, r.Name)
	return fmt.Sprintf("%s renames %s (%d) to %s", on.login, r.Name, r.ID, name)
}

// editRepository changes what GitHub tells of, or what it doesn't.
func (k *Shaker) editRepository() string {
	on := k.place()
	r, of := k.repository(on)
	if of == 0 {
		return ""
	}
	what := k.word([]string{"description", "homepage", "topics", "default branch", "stars", "language and push"})
	value := k.name("value")
	now := k.now()
	k.world.EditRepository(r.ID, func(r *Repository) {
		switch what {
		case "description":
			r.Description = value
		case "homepage":
			r.Homepage = "https://" + value + ".example"
		case "topics":
			r.Topics = []string{value}
		case "default branch":
			r.DefaultBranch = value
		case "stars":
			r.Stars++
		default:
			r.Language, r.PushedAt, r.Size = "Go", now, r.Size+1
		}
	})
	return fmt.Sprintf("%s edits the %s of %s (%d)", on.login, what, r.Name, r.ID)
}

func (k *Shaker) archiveRepository() string {
	on := k.place()
	r, of := k.repository(on)
	if of == 0 {
		return ""
	}
	k.world.ArchiveRepository(r.ID, !r.Archived)
	return fmt.Sprintf("%s archives %s (%d): %t", on.login, r.Name, r.ID, !r.Archived)
}

func (k *Shaker) changeVisibility() string {
	on := k.place()
	r, of := k.repository(on)
	switch {
	case of == 0:
		return ""
	case on.organization && !r.Internal && k.one(4):
		k.world.MakeInternal(r.ID)
		return fmt.Sprintf("%s makes %s (%d) internal", on.login, r.Name, r.ID)
	}
	private := !r.Private || r.Internal && k.one(2)
	k.world.SetPrivate(r.ID, private)
	return fmt.Sprintf("%s makes %s (%d) private: %t", on.login, r.Name, r.ID, private)
}

func (k *Shaker) transferRepository() string {
	on := k.place()
	r, of := k.repository(on)
	if of < 2 {
		return ""
	}
	to := k.placeWhere(func(p place) bool { return p.id != on.id })
	if to.nowhere() || !k.free(to, r.Name) {
		return ""
	}
	k.world.TransferRepository(r.ID, to.login)
	return fmt.Sprintf("%s transfers %s (%d) to %s", on.login, r.Name, r.ID, to.login)
}

func (k *Shaker) deleteRepository() string {
	on := k.place()
	r, of := k.repository(on)
	if of < 2 {
		return ""
	}
	k.world.DeleteRepository(r.ID)
	k.freed = append(k.freed, r.Name)
	return fmt.Sprintf("%s deletes %s (%d)", on.login, r.Name, r.ID)
}
