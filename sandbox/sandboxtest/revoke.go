package sandboxtest

import (
	"fmt"
	"slices"

	"neptun/sandbox"
)

// Revocation is the access that a change revoked: users' access to a repository, or one user's access to an account's repositories.
type Revocation struct {
	Description  string
	RepositoryID int64 // 0: all of the account's
	AccountID    int64
	UserID       int64 // 0: everybody's
}

// Affects reports whether the change may have ended a user's access to a repository that an account owned.
func (r Revocation) Affects(userID, accountID, repositoryID int64) bool {
	if r.RepositoryID != 0 {
		return r.RepositoryID == repositoryID
	}
	return r.AccountID == accountID && (r.UserID == 0 || r.UserID == userID)
}

// Revoke makes a change that revokes access and for which GitHub sends a webhook. It returns false if none applies.
func (m *Mutator) Revoke() (revoked Revocation, ok bool) {
	for range 100 {
		on := m.accountWhere(func(a sandbox.Account) bool { return installed(a) && !a.Suspended })
		r, of := m.repository(on)
		if of < 2 {
			continue
		}
		revoked = Revocation{RepositoryID: r.ID, AccountID: on.ID}
		switch m.rng.IntN(6) {
		case 0:
			ok = m.makePrivate(on, r)
			revoked.Description = fmt.Sprintf("%s makes %s (%d) private", on.Login, r.Name, r.ID)
		case 1:
			ok = m.removeFromInstallation(on, r)
			revoked.Description = fmt.Sprintf("%s removes %s (%d) from its installation", on.Login, r.Name, r.ID)
		case 2:
			if ok = m.delivers(on, r); ok {
				m.world.Repositories.Delete(r.ID)
			}
			revoked.Description = fmt.Sprintf("%s deletes %s (%d)", on.Login, r.Name, r.ID)
		case 3, 4:
			user := m.user()
			ok = m.removeFrom(on, user)
			revoked.RepositoryID, revoked.UserID = 0, user.ID
			revoked.Description = fmt.Sprintf("%s removes %s", on.Login, user.Login)
		default:
			if ok = m.Installations && m.oneIn(3); ok {
				m.world.Installations.Uninstall(on.InstallationID)
			}
			revoked.RepositoryID = 0
			revoked.Description = on.Login + " uninstalls"
		}
		if ok {
			return revoked, true
		}
	}
	return Revocation{}, false
}

func (m *Mutator) makePrivate(on sandbox.Account, r sandbox.Repository) bool {
	if r.Private || !m.delivers(on, r) {
		return false
	}
	m.world.Repositories.SetPrivate(r.ID, true)
	return true
}

// delivers reports whether GitHub sends the installation webhooks about the repository.
func (m *Mutator) delivers(on sandbox.Account, r sandbox.Repository) bool {
	return on.Selection != sandbox.SelectSome || slices.Contains(m.world.Installations.Repositories(on.InstallationID), r.ID)
}

func (m *Mutator) removeFromInstallation(on sandbox.Account, r sandbox.Repository) bool {
	if on.Selection != sandbox.SelectSome {
		return false
	}
	if selected := m.world.Installations.Repositories(on.InstallationID); len(selected) < 2 || !slices.Contains(selected, r.ID) {
		return false
	}
	m.world.Installations.RemoveRepository(on.InstallationID, r.ID)
	return true
}

func (m *Mutator) removeFrom(on, user sandbox.Account) bool {
	if _, member, onlyOwner := role(on, user); !on.Organization || !member || onlyOwner {
		return false
	}
	m.world.Accounts.RemoveMember(on.Login, user.Login)
	return true
}
