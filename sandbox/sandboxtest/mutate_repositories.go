package sandboxtest

import (
	"fmt"

	"neptun/sandbox"
)

// repository picks one of the account's repositories, and returns their number, which may be 0.
func (m *Mutator) repository(on sandbox.Account) (r sandbox.Repository, of int) {
	if none(on) {
		return sandbox.Repository{}, 0
	}
	all := m.world.Repositories.List(on.Login)
	r, _ = anyOf(m, all)
	return r, len(all)
}

// newRepositoryName returns a name that is unused on the account: a new one, or occasionally a former name of another
// repository.
func (m *Mutator) newRepositoryName(on sandbox.Account) string {
	if name, ok := anyOf(m, m.freedNames); ok && m.oneIn(3) && !m.world.Repositories.Has(on.Login, name) {
		return name
	}
	for {
		if name := m.newName("mutated"); !m.world.Repositories.Has(on.Login, name) {
			return name
		}
	}
}

var (
	languages    = []string{"Go", "TypeScript", "Python", "Rust", "Shell", ""}
	descriptions = []string{"Small, few dependencies", "Kept simple", "Data and scripts", ""}
)

func (m *Mutator) addRepository() string {
	on := m.account()
	if none(on) {
		return ""
	}
	r := sandbox.Repository{
		Name: m.newRepositoryName(on), Private: m.oneIn(2), Language: m.pick(languages), Description: m.pick(descriptions),
	}
	r.Internal = r.Private && on.Organization && m.oneIn(4)
	if !m.oneIn(4) {
		r.PushedAt = m.world.Now()
	}
	r = m.world.Repositories.Add(on.Login, r)
	return fmt.Sprintf("%s adds %s (%d)", on.Login, r.Name, r.ID)
}

func (m *Mutator) renameRepository() string {
	on := m.account()
	r, of := m.repository(on)
	if of == 0 {
		return ""
	}
	name := m.newRepositoryName(on)
	m.world.Repositories.Rename(r.ID, name)
	m.freedNames = append(m.freedNames, r.Name)
	return fmt.Sprintf("%s renames %s (%d) to %s", on.Login, r.Name, r.ID, name)
}

// editRepository changes a field that GitHub sends a webhook for, or one that it doesn't.
func (m *Mutator) editRepository() string {
	on := m.account()
	r, of := m.repository(on)
	if of == 0 {
		return ""
	}
	what := m.pick([]string{"description", "homepage", "topics", "default branch", "stars", "language and push"})
	value := m.newName("value")
	now := m.world.Now()
	m.world.Repositories.Edit(r.ID, func(r *sandbox.Repository) {
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
	return fmt.Sprintf("%s edits the %s of %s (%d)", on.Login, what, r.Name, r.ID)
}

func (m *Mutator) archiveRepository() string {
	on := m.account()
	r, of := m.repository(on)
	if of == 0 {
		return ""
	}
	m.world.Repositories.Archive(r.ID, !r.Archived)
	return fmt.Sprintf("%s archives %s (%d): %t", on.Login, r.Name, r.ID, !r.Archived)
}

func (m *Mutator) changeVisibility() string {
	on := m.account()
	r, of := m.repository(on)
	switch {
	case of == 0:
		return ""
	case on.Organization && !r.Internal && m.oneIn(4):
		m.world.Repositories.MakeInternal(r.ID)
		return fmt.Sprintf("%s makes %s (%d) internal", on.Login, r.Name, r.ID)
	}
	private := !r.Private || r.Internal && m.oneIn(2)
	m.world.Repositories.SetPrivate(r.ID, private)
	return fmt.Sprintf("%s makes %s (%d) private: %t", on.Login, r.Name, r.ID, private)
}

func (m *Mutator) transferRepository() string {
	on := m.account()
	r, of := m.repository(on)
	if of < 2 {
		return ""
	}
	to := m.accountWhere(func(a sandbox.Account) bool { return a.ID != on.ID })
	if none(to) || m.world.Repositories.Has(to.Login, r.Name) {
		return ""
	}
	m.world.Repositories.Transfer(r.ID, to.Login)
	return fmt.Sprintf("%s transfers %s (%d) to %s", on.Login, r.Name, r.ID, to.Login)
}

func (m *Mutator) deleteRepository() string {
	on := m.account()
	r, of := m.repository(on)
	if of < 2 {
		return ""
	}
	m.world.Repositories.Delete(r.ID)
	m.freedNames = append(m.freedNames, r.Name)
	return fmt.Sprintf("%s deletes %s (%d)", on.Login, r.Name, r.ID)
}
