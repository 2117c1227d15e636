package views

import "neptun/views/ui"

// Filter is the form above the list.
func (p ImportsPage) Filter() ui.FilterView {
	return ui.FilterView{Path: "/imports", List: p.List.List, Facets: p.Facets, Orders: ui.ImportOrders}
}

func (p ImportsPage) table() ui.Table {
	t := ui.Table{
		Frame: p.Frame, List: p.List.List, Path: "/imports", ByAccount: true,
		Name: ui.ByNameOf, Pushed: ui.ByPushed, Rows: make([]ui.TableRow, 0, len(p.List.Items)),
	}
	for _, i := range p.List.Items {
		t.Rows = append(t.Rows, ui.TableRow{Repository: i.Repository, Imported: true, InstallationID: i.InstallationID, ImportedAt: i.CreatedAt})
	}
	return t
}
