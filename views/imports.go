package views

func (p ImportsPage) table() table {
	t := table{
		Frame: p.Frame, List: p.List.List, Path: "/imports", ByAccount: true,
		Name: byNameOf, Pushed: byPushed, Rows: make([]tableRow, 0, len(p.List.Items)),
	}
	for _, i := range p.List.Items {
		t.Rows = append(t.Rows, tableRow{Repository: i.Repository, Imported: true, InstallationID: i.InstallationID, ImportedAt: i.CreatedAt})
	}
	return t
}
