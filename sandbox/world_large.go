package sandbox

import (
	"fmt"
	"time"
)

// LargeWorld is a world for measuring: ada administers the organization atlas, where the App reaches all n repositories.
func LargeWorld(n int) *World {
	w := NewWorld()
	start := time.Date(2021, time.January, 4, 8, 0, 0, 0, time.UTC)
	w.AddUser(User{Login: "ada", Name: "Ada Winter", Intro: fmt.Sprintf("Owns atlas, an organization with %d repositories.", n)})
	w.AddOrganization(Organization{Login: "atlas", Name: "Atlas", BasePermission: Pull})
	w.AddMember("atlas", "ada", RoleAdmin)
	languages := []string{"Go", "TypeScript", "Rust", "Python", ""}
	for i := range n {
		at := start.Add(time.Duration(i) * time.Hour)
		w.AddRepository("atlas", Repository{
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
	w.Install("atlas", SelectAll)
	return w
}
