package views

// account is the login of the installation that an import came through.
func (p ImportsPage) account(installationID int64) string {
	for _, i := range p.Installations {
		if i.ID == installationID {
			return i.Account.Login
		}
	}
	return ""
}
