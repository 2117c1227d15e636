package views

import "neptun/views/ui"

func (p RepositoriesPage) path() string { return ui.InstallationPath(p.Installation.ID) }

func (p RepositoriesPage) sync() ui.SyncView {
	s := ui.SyncView{
		Sync: p.Installation.Sync, SyncedAt: p.Installation.SyncedAt,
		Action: p.path() + "/sync", Page: p.List.URL(p.path(), p.List.PageNumber()),
	}
	if p.Installation.Suspended() {
		s.Action, s.Paused = "", true
	}
	return s
}

// hasFilter is true if there is anything to filter.
func (p RepositoriesPage) hasFilter() bool {
	return p.List.Total > 0 || p.List.Filtered() || p.Installation.RepositoryCount > 0
}

// Filter is the form above the list.
func (p RepositoriesPage) Filter() ui.FilterView {
	return ui.FilterView{
		Path: p.path(), List: p.List.List, Facets: p.Facets, Orders: ui.RepositoryOrders, ByImported: true,
		All: p.Installation.RepositoryCount, Imported: p.Installation.ImportCount,
	}
}

func (p RepositoriesPage) table() ui.Table {
	t := ui.Table{
		Frame: p.Frame, List: p.List.List, Path: p.path(), Account: p.Installation.Account.Login, Remove: p.path() + "/removals",
		Name: ui.ByName, Pushed: ui.ByPushed, Suspended: p.Installation.Suspended(), Rows: make([]ui.TableRow, 0, len(p.List.Items)),
	}
	for _, r := range p.List.Items {
		t.Rows = append(t.Rows, ui.TableRow{Repository: r.Repository, Imported: r.ImportID != 0, Permission: r.Permission})
	}
	return t
}
