package views

import "fmt"

func (p RepositoriesPage) path() string { return InstallationPath(p.Installation.ID) }

func (p RepositoriesPage) sync() syncView {
	s := syncView{
		Sync: p.Installation.Sync, SyncedAt: p.Installation.SyncedAt,
		Action: p.path() + "/sync", Page: p.List.url(p.path(), p.List.page()),
	}
	if p.Installation.Suspended() {
		s.Action, s.Paused = "", true
	}
	return s
}

// hasFilter tells whether there is anything to look through.
func (p RepositoriesPage) hasFilter() bool {
	return p.List.Total > 0 || p.List.filtered() || p.Installation.RepositoryCount > 0
}

func (p RepositoriesPage) filter() filterView {
	return filterView{
		Path: p.path(), List: p.List.List, Facets: p.Facets, Orders: repositoryOrders, ByImported: true,
		All: p.Installation.RepositoryCount, Imported: p.Installation.ImportCount,
	}
}

func (p RepositoriesPage) importAll() string {
	if p.List.filtered() {
		return fmt.Sprintf("Import all %s matching", count(p.List.Total))
	}
	return fmt.Sprintf("Import all %s", count(p.List.Total))
}

func (p RepositoriesPage) importAllMeans() string {
	which := "all repositories of this installation"
	if p.List.filtered() {
		which = "all repositories that match your filters"
	}
	return fmt.Sprintf("This imports %s: %s on %d pages. Repositories that are already imported don't change.",
		which, counted(p.List.Total, "repository", "repositories"), p.List.pages())
}

func (p RepositoriesPage) table() table {
	t := table{
		Frame: p.Frame, List: p.List.List, Path: p.path(), Account: p.Installation.Account.Login, Remove: p.path() + "/removals",
		Name: byName, Pushed: byPushed, Suspended: p.Installation.Suspended(), Rows: make([]tableRow, 0, len(p.List.Items)),
	}
	for _, r := range p.List.Items {
		t.Rows = append(t.Rows, tableRow{Repository: r.Repository, Imported: r.ImportID != 0, Permission: r.Permission})
	}
	return t
}
