package sandboxtest

import (
	"fmt"
	"time"

	"neptun/sandbox"
)

// EmptyWorld returns a world with one user, ada, and no installations.
func EmptyWorld() *sandbox.World {
	w := sandbox.NewWorld()
	w.Accounts.AddUser(sandbox.User{Login: "ada", Name: "Ada Winter", Intro: "Has nothing installed."})
	return w
}

// LargeWorld returns a world for measurements: ada owns the organization atlas, where the App has access to all of its n
// repositories.
func LargeWorld(n int) *sandbox.World {
	w := sandbox.NewWorld()
	start := time.Date(2021, time.January, 4, 8, 0, 0, 0, time.UTC)
	w.Accounts.AddUser(sandbox.User{Login: "ada", Name: "Ada Winter", Intro: fmt.Sprintf("Owns atlas, an organization with %d repositories.", n)})
	w.Accounts.AddOrganization(sandbox.Organization{Login: "atlas", Name: "Atlas", BasePermission: sandbox.Pull})
	w.Accounts.AddMember("atlas", "ada", sandbox.RoleAdmin)
	languages := []string{"Go", "TypeScript", "Rust", "Python", ""}
	for i := range n {
		at := start.Add(time.Duration(i) * time.Hour)
		w.Repositories.Add("atlas", sandbox.Repository{
			Name:        fmt.Sprintf("service-%05d", i+1),
			Description: fmt.Sprintf("Service number %d.", i+1),
			Language:    languages[i%len(languages)],
			Private:     i%3 == 0,
			Archived:    i%17 == 0,
			Size:        i * 3 % 9000,
			CreatedAt:   at,
			PushedAt:    at.AddDate(0, 1, 0),
		})
	}
	w.Installations.Install("atlas", sandbox.SelectAll)
	return w
}
