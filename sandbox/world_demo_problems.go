package sandbox

import "time"

// AddDemoProblems adds problems for marin to the demo world: an organization with a suspended installation, one
// whose repositories GitHub refuses to list, and a request to install the App that no owner has approved yet.
func (w *World) AddDemoProblems() {
	organization := func(login, name, description, owner string, repositories ...string) {
		w.Accounts.AddOrganization(Organization{
			Login: login, Name: name, Description: description, CreatedAt: time.Date(2021, time.April, 11, 14, 5, 0, 0, time.UTC),
		})
		w.Accounts.AddMember(login, owner, RoleAdmin)
		for n, repository := range repositories {
			at := demoNow.AddDate(0, -n-1, 0)
			w.Repositories.Add(login, Repository{Name: repository, Private: n%2 == 0, Language: "Go", CreatedAt: at, PushedAt: at})
		}
	}
	organization("harbor-archive", "Harbor Archive", "Logbooks since 1902.", "marin", "logbooks", "index", "scans")
	w.Installations.Suspend(w.Installations.Install("harbor-archive", SelectAll), "marin")

	organization("north-quay", "North Quay", "Open to addresses on its IP allow list only.", "marin", "cranes", "berths")
	w.Installations.Install("north-quay", SelectAll)
	w.Accounts.Refuse("north-quay", IPAllowList)

	organization("lighthouse-keepers", "Lighthouse Keepers", "Keeps the lights on.", "aiko-n", "lamps", "foghorn")
	w.Accounts.AddMember("lighthouse-keepers", "marin", RoleMember)
	w.InstallationRequests.Create("lighthouse-keepers", "marin")
}
