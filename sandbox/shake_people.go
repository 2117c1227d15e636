package sandbox

import "fmt"

// enoughPeople is how many a shaken world has at most.
const enoughPeople = 8

// role is the person's in the organization, and whether they are a member at all.
func (k *Shaker) role(org, person place) (role Role, member, onlyOwner bool) {
	k.world.mu.RLock()
	defer k.world.mu.RUnlock()
	if org.nowhere() || person.nowhere() {
		return "", false, false
	}
	o := k.world.mustAccount(org.login)
	role, member = o.roles[person.id]
	return role, member, role == RoleAdmin && o.owners() == 1
}

func (k *Shaker) addPerson() string {
	if len(k.places(aPerson)) >= enoughPeople {
		return ""
	}
	u := k.world.AddUser(User{Login: k.login("person")})
	return u.Login + " joins"
}

// login is one that is free.
func (k *Shaker) login(kind string) string {
	for {
		login := k.name(kind)
		k.world.mu.RLock()
		taken := k.world.accounts[fold(login)] != nil
		k.world.mu.RUnlock()
		if !taken {
			return login
		}
	}
}

func (k *Shaker) addMember() string {
	on, who := k.organized(), k.person()
	if _, member, _ := k.role(on, who); member || on.nowhere() || who.nowhere() {
		return ""
	}
	role := RoleMember
	if k.one(4) {
		role = RoleAdmin
	}
	k.world.AddMember(on.login, who.login, role)
	return fmt.Sprintf("%s makes %s its %s", on.login, who.login, role)
}

func (k *Shaker) removeMember() string {
	on, who := k.organized(), k.person()
	if _, member, onlyOwner := k.role(on, who); !member || onlyOwner {
		return ""
	}
	k.world.RemoveMember(on.login, who.login)
	return fmt.Sprintf("%s removes %s", on.login, who.login)
}

func (k *Shaker) changeRole() string {
	on, who := k.organized(), k.person()
	role, member, onlyOwner := k.role(on, who)
	if !member || onlyOwner {
		return ""
	}
	other := RoleAdmin
	if role == RoleAdmin {
		other = RoleMember
	}
	k.world.AddMember(on.login, who.login, other)
	return fmt.Sprintf("%s makes %s its %s", on.login, who.login, other)
}

func (k *Shaker) changeBasePermission() string {
	on := k.organized()
	if on.nowhere() {
		return ""
	}
	p := Permission(k.word([]string{"none", "read", "write", "admin"}))
	k.world.SetBasePermission(on.login, p)
	return fmt.Sprintf("%s gives its members %s", on.login, p)
}

// changeCollaborator gives a person a permission on a repository, another one, or none. A person's own repositories have
// collaborators who may push, and no others.
func (k *Shaker) changeCollaborator() string {
	on, who := k.place(), k.person()
	r, of := k.repository(on)
	if of == 0 || who.nowhere() || who.id == on.id {
		return ""
	}
	if had := k.shared(on, who); len(had) > 0 && k.one(2) {
		r, _ = anyOf(k, had)
	}
	k.world.mu.RLock()
	before := k.world.mustRepository(r.ID).direct[who.id]
	k.world.mu.RUnlock()
	p := k.permission(before)
	if p != None && !on.organization {
		p = Push
	}
	k.world.SetPermission(r.ID, who.login, p)
	return fmt.Sprintf("%s gives %s %q on %s (%d)", on.login, who.login, p, r.Name, r.ID)
}

// shared are the account's repositories that the person was given a permission on.
func (k *Shaker) shared(on, who place) (all []Repository) {
	k.world.mu.RLock()
	defer k.world.mu.RUnlock()
	for _, r := range k.world.mustAccount(on.login).repositories {
		if r.direct[who.id] != None {
			all = append(all, r.Repository)
		}
	}
	return all
}

// permission is another than before, now and then none.
func (k *Shaker) permission(before Permission) Permission {
	if before != None && k.one(3) {
		return None
	}
	for {
		if p := permissionOrder[1+k.dice.IntN(len(permissionOrder)-1)]; p != before {
			return p
		}
	}
}

func (k *Shaker) renameAccount() string {
	on := k.place()
	if on.nowhere() {
		return ""
	}
	login := k.login("renamed")
	k.world.RenameAccount(on.login, login)
	return fmt.Sprintf("%s is called %s", on.login, login)
}
