package sandbox

import (
	"strings"
	"time"
)

// demoNow is the demo world's date.
var demoNow = time.Date(2026, time.October, 19, 7, 30, 0, 0, time.UTC)

// DemoWorld returns a realistic world: four users, two organizations and some 400 repositories, with every
// variation that a list has to handle. It is deterministic.
func DemoWorld() *World {
	w := NewWorld()
	w.now = func() time.Time { return demoNow }
	addDemoAccounts(w)
	addDemoRepositories(w, "tidewater-labs", 280, 11)
	addDemoRepositories(w, "kelp-and-co", 96, 12)
	addDemoRepositories(w, "marin", 14, 13)
	addDemoRepositories(w, "aiko-n", 9, 14)
	addUnusualRepositories(w)
	grantDemoPermissions(w)
	addDemoTeams(w)
	installDemoApp(w)
	w.now = time.Now
	return w
}

// addDemoAccounts adds the users and their organizations.
func addDemoAccounts(w *World) {
	joined := func(year int, month time.Month) time.Time { return time.Date(year, month, 11, 14, 5, 0, 0, time.UTC) }
	w.Accounts.AddUser(User{
		Login: "marin", Name: "Marin Okafor", Company: "@tidewater-labs", Location: "Lisbon", Blog: "https://marin.example",
		Bio: "Boats, tides and build systems.", CreatedAt: joined(2012, time.May),
		Intro: "Owns Tidewater Labs and Kelp & Co. Has access to everything and installed the app on three accounts.",
	})
	w.Accounts.AddUser(User{
		Login: "jonas-l", Name: "Jonas Lindqvist", Location: "Göteborg", Bio: "Writes the docs.", CreatedAt: joined(2019, time.February),
		Intro: "A member of Tidewater Labs with few permissions: can read about half of the repositories and write to the handbook.",
	})
	w.Accounts.AddUser(User{
		Login: "aiko-n", Name: "中村 愛子", Location: "横浜", Bio: "海図とソフトウェア。", CreatedAt: joined(2015, time.August),
		Intro: "Maintains repositories at Tidewater Labs and reads those of Kelp & Co. Her own installation is suspended.",
	})
	w.Accounts.AddUser(User{
		Login: "sena-y", Name: "Sena Yıldız", Location: "İzmir", CreatedAt: joined(2026, time.September),
		Intro: "New here: no organizations, nothing installed.",
	})
	w.Accounts.AddOrganization(Organization{
		Login: "tidewater-labs", Name: "Tidewater Labs", Description: "Tide tables, charts and the people who sail by them.",
		CreatedAt: joined(2014, time.March),
	})
	w.Accounts.AddOrganization(Organization{
		Login: "kelp-and-co", Name: "Kelp & Co.", Description: "Farming <b>below</b> the waterline.", BasePermission: Pull,
		CreatedAt: joined(2020, time.June),
	})
	w.Accounts.AddMember("tidewater-labs", "marin", RoleAdmin)
	w.Accounts.AddMember("tidewater-labs", "jonas-l", RoleMember)
	w.Accounts.AddMember("tidewater-labs", "aiko-n", RoleMember)
	w.Accounts.AddMember("kelp-and-co", "marin", RoleAdmin)
	w.Accounts.AddMember("kelp-and-co", "aiko-n", RoleMember)
}

// grantDemoPermissions gives the two members of Tidewater Labs different permissions on its private repositories.
func grantDemoPermissions(w *World) {
	for i, r := range w.Repositories.List("tidewater-labs") {
		switch {
		case r.Name == "handbook":
			w.Repositories.SetPermission(r.ID, "jonas-l", Push)
			w.Repositories.SetPermission(r.ID, "aiko-n", Pull)
		case i%4 == 0:
			w.Repositories.SetPermission(r.ID, "aiko-n", Maintain)
		case i%4 == 1:
			w.Repositories.SetPermission(r.ID, "jonas-l", Triage)
			w.Repositories.SetPermission(r.ID, "aiko-n", Push)
		case i%4 == 2:
			w.Repositories.SetPermission(r.ID, "jonas-l", Pull)
		}
	}
}

// addDemoTeams creates the harbor crew, with all members of Tidewater Labs and its repositories about boats, and a secret
// team at Kelp & Co.
func addDemoTeams(w *World) {
	crew := w.Teams.Add("tidewater-labs", Team{Name: "Harbor crew", Description: "Looks after what floats."})
	for _, login := range []string{"marin", "jonas-l", "aiko-n"} {
		w.Teams.AddMember(crew.ID, login)
	}
	for _, r := range w.Repositories.List("tidewater-labs") {
		if strings.HasPrefix(r.Name, "ferry-") || strings.HasPrefix(r.Name, "harbor-") {
			w.Teams.SetPermission(crew.ID, r.ID, Triage)
		}
	}
	growers := w.Teams.Add("kelp-and-co", Team{Name: "Growers", Secret: true})
	w.Teams.AddMember(growers.ID, "aiko-n")
	for _, r := range w.Repositories.List("kelp-and-co") {
		if r.Name == "seedlings" {
			w.Teams.SetPermission(growers.ID, r.ID, Admin)
		}
	}
}

// installDemoApp installs the App in each of the possible ways: on all repositories, on some, and suspended.
func installDemoApp(w *World) {
	w.Installations.Install("tidewater-labs", SelectAll)
	var some []int64
	for i, r := range w.Repositories.List("kelp-and-co") {
		if i%4 == 0 {
			some = append(some, r.ID)
		}
	}
	w.Installations.Install("kelp-and-co", SelectSome, some...)
	w.Installations.Install("marin", SelectAll)
	w.Installations.Suspend(w.Installations.Install("aiko-n", SelectAll), "aiko-n")
}
