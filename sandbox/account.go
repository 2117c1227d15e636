package sandbox

import (
	"fmt"
	"time"
)

// User is a user's account. Empty fields are empty on GitHub too, except ID and CreatedAt.
type User struct {
	ID        int64 // chosen by AddUser when zero
	Login     string
	Name      string
	Bio       string
	Company   string
	Location  string
	Blog      string
	Email     string    // the public one
	Intro     string    // shown on the sandbox's sign-in page
	CreatedAt time.Time // zero: now
}

// Organization is an account that users are members of.
type Organization struct {
	ID             int64 // chosen by AddOrganization when zero
	Login          string
	Name           string
	Description    string
	BasePermission Permission // what every member has on every repository; "" is none
	CreatedAt      time.Time  // zero: now
}

// account is a user or an organization. Both share one namespace of logins and one sequence of ids.
type account struct {
	User
	id            int64
	organization  bool
	refusal       Refusal
	base          Permission      // organizations only
	roles         map[int64]Role  // organizations only, by user id
	teams         []*team         // organizations only, oldest first
	repositories  []*repository   // by ascending id
	singleSignOn  bool            // organizations only
	signedOn      map[int64]bool  // users who have signed in with single sign-on, by id
	bot           bool            // the bot of an App
	installations []*installation // one for each App
}

// kind is the account's type in the API.
func (a *account) kind() string {
	switch {
	case a.organization:
		return "Organization"
	case a.bot:
		return "Bot"
	}
	return "User"
}

// displayName is the account's name on pages.
func (a *account) displayName() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Login
}

// AddUser adds a user and returns it with its id.
func (as *Accounts) AddUser(u User) User {
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	return as.add(&account{User: u}).User
}

// AddOrganization adds an organization without members and returns it with its id.
func (as *Accounts) AddOrganization(o Organization) Organization {
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	o.BasePermission = mustPermission(o.BasePermission)
	a := as.add(&account{
		User:         User{ID: o.ID, Login: o.Login, Name: o.Name, Bio: o.Description, CreatedAt: o.CreatedAt},
		organization: true,
		base:         o.BasePermission,
		roles:        map[int64]Role{},
	})
	o.ID, o.CreatedAt = a.id, a.CreatedAt
	return o
}

func (as *Accounts) add(a *account) *account {
	if a.Login == "" || as.byLogin[fold(a.Login)] != nil {
		panic(fmt.Sprintf("sandbox: the login %q is empty or taken", a.Login))
	}
	if a.ID == 0 {
		a.ID = as.nextID()
	}
	if a.CreatedAt.IsZero() {
		a.CreatedAt = as.world.now()
	}
	a.id = a.ID
	as.byLogin[fold(a.Login)] = a
	return a
}

func (as *Accounts) nextID() int64 {
	as.lastID += 37
	return as.lastID
}

// Rename changes an account's login. Its repositories' old URLs redirect; its own URL doesn't, since GitHub
// releases the old login ("Changing your username" in GitHub's documentation).
func (as *Accounts) Rename(login, newLogin string) {
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	a := as.must(login)
	if other := as.byLogin[fold(newLogin)]; other != nil && other != a {
		panic(fmt.Sprintf("sandbox: the login %q is taken", newLogin))
	}
	delete(as.byLogin, fold(login))
	as.byLogin[fold(newLogin)] = a
	repositories := a.repositories
	for _, r := range repositories {
		as.world.Repositories.removeName(r)
	}
	a.Login = newLogin
	for _, r := range repositories {
		as.world.Repositories.name(r)
		r.changed()
	}
	as.world.webhooks.deliverRenamed(a, login)
}
