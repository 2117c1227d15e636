package views

import (
	"fmt"

	"neptun/views/ui"
)

const allRepositoriesPath = "/repositories"

// Filter is the form above the list.
func (p AllRepositoriesPage) Filter() ui.FilterView {
	return ui.FilterView{Path: allRepositoriesPath, List: p.List.List, Facets: p.Facets, Orders: ui.RepositoryOrders, ByImported: true}
}

func (p AllRepositoriesPage) table() ui.Table {
	t := ui.Table{
		Frame: p.Frame, List: p.List.List, Path: allRepositoriesPath, ByAccount: true, Remove: "/removals",
		Name: ui.ByName, Pushed: ui.ByPushed, Rows: make([]ui.TableRow, 0, len(p.List.Items)),
	}
	for _, r := range p.List.Items {
		t.Rows = append(t.Rows, ui.TableRow{Repository: r.Repository, Imported: r.ImportID != 0, Permission: r.Permission, InstallationID: r.InstallationID})
	}
	return t
}

// importAll is the button that imports everything in the list.
func importAll(l ui.List) string {
	return fmt.Sprintf("Import all %s…", ui.Count(l.Total))
}
