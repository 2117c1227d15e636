package sandbox

// addToInstallation adds a repository to an installation on selected repositories.
func (s *api) addToInstallation(c *call) (any, error) {
	i, r, err := s.selectable(c)
	if err != nil {
		return nil, err
	}
	if !i.chosen[r.ID] {
		s.world.Installations.choose(i, r, true, c.caller.user)
	}
	return noContent, nil
}

// removeFromInstallation never removes the last repository; that requires uninstalling the App.
func (s *api) removeFromInstallation(c *call) (any, error) {
	i, r, err := s.selectable(c)
	if err != nil {
		return nil, err
	}
	if !i.chosen[r.ID] {
		return nil, errNotFound
	}
	if len(i.chosen) == 1 {
		return nil, unprocessable("Cannot remove the last repository from an installation.")
	}
	s.world.Installations.choose(i, r, false, c.caller.user)
	return noContent, nil
}

// selectable returns the installation and the repository in the path, if the user is an admin of the repository
// and the installation is on selected repositories.
func (s *api) selectable(c *call) (*installation, *repository, error) {
	i, r := s.installationNamed(c), s.world.Repositories.named(c.PathValue("repository"))
	if i == nil || r == nil || r.owner != i.account || !i.visibleTo(c.caller.user) || r.permission(c.caller.user) == None {
		return nil, nil, errNotFound
	}
	if err := s.access(c, i.account); err != nil {
		return nil, nil, err
	}
	if r.permission(c.caller.user) != Admin {
		return nil, nil, errNotAdmin
	}
	if i.selection != SelectSome {
		return nil, nil, unprocessable("The installation is on all repositories of the account.")
	}
	return i, r, nil
}

// choose adds a repository to an installation on selected repositories, or removes it.
func (is *Installations) choose(i *installation, r *repository, in bool, by *account) {
	var ids []int64
	for id := range i.chosen {
		if id != r.ID {
			ids = append(ids, id)
		}
	}
	if in {
		ids = append(ids, r.ID)
	}
	is.reselect(i, SelectSome, ids, by)
}
