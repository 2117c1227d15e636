package views

import "neptun/views/ui"

func (p NewInstallationPage) sync() ui.SyncView {
	return ui.SyncView{
		Sync: p.Sync, SyncedAt: p.SyncedAt, Action: "/installations/sync",
		ReturnTo: NewInstallationPath(p.GitHubID), Page: NewInstallationPath(p.GitHubID),
	}
}
