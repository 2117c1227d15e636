package views

import "neptun/views/ui"

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
