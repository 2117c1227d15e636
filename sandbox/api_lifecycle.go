package sandbox

// deleteInstallation uninstalls the App, as the App.
func (s *api) deleteInstallation(c *call) (any, error) {
	i := s.installationNamed(c)
	if i == nil {
		return nil, errNotFound
	}
	s.world.Installations.uninstall(i, i.app.bot)
	return noContent, nil
}

func (s *api) suspendInstallation(c *call) (any, error) {
	i := s.installationNamed(c)
	if i == nil {
		return nil, errNotFound
	}
	s.world.Installations.suspend(i, i.app.bot, true)
	return noContent, nil
}

// unsuspendInstallation lifts a suspension by the App itself. If the account suspended it, the response is 404, the
// only error that GitHub describes here.
func (s *api) unsuspendInstallation(c *call) (any, error) {
	i := s.installationNamed(c)
	if i == nil || i.suspended() && !i.suspendedByApp {
		return nil, errNotFound
	}
	s.world.Installations.unsuspend(i, i.app.bot)
	return noContent, nil
}

func (s *api) createInstallationToken(c *call) (any, error) {
	i := s.installationNamed(c)
	switch {
	case i == nil:
		return nil, errNotFound
	case i.suspended():
		return nil, errSuspended
	}
	sent, err := c.fields()
	if err != nil {
		return nil, err
	}
	n, err := s.restrictionFor(sent, i, func(*repository) bool { return true })
	if err != nil {
		return nil, err
	}
	secret, expires := s.world.Installations.issueToken(i, n, s.behavior.Load().InstallationTokenLifetime)
	body := object{
		"token":                secret,
		"expires_at":           timestamp(expires),
		"permissions":          n.permissions,
		"repository_selection": i.selection,
	}
	if n.repositories != nil {
		body["repository_selection"] = SelectSome
		var repositories []object
		for _, r := range i.account.repositories {
			if n.repositories[r.ID] {
				repository := s.bodies.repository(r)
				repository["permissions"] = permissions(None)
				repositories = append(repositories, repository)
			}
		}
		body["repositories"] = repositories
	}
	return response{201, body}, nil
}

// narrowable is how many repositories a token can be limited to.
const narrowable = 500

// restrictionFor returns what a new token is limited to. may limits the installation's repositories
// further.
func (s *api) restrictionFor(sent fields, i *installation, may func(*repository) bool) (*restriction, error) {
	n := &restriction{installation: i.id, permissions: i.permissions}
	wanted, err := sent.permissions("permissions")
	if err != nil {
		return nil, err
	}
	if wanted != nil {
		if !coversAll(i.permissions, wanted) {
			return nil, unprocessable("The permissions requested are not granted to this installation.")
		}
		if i.permissions["metadata"] != "" && wanted["metadata"] == "" {
			wanted["metadata"] = "read" // every other permission includes it
		}
		n.permissions = wanted
	}
	names, err := sent.texts("repositories")
	if err != nil {
		return nil, err
	}
	ids, err := sent.numbers("repository_ids")
	if err != nil {
		return nil, err
	}
	if len(names)+len(ids) == 0 {
		return n, nil
	}
	if len(names)+len(ids) > narrowable {
		return nil, unprocessable("Too many repositories: at most %d can be listed.", narrowable)
	}
	repositories := []*repository{}
	for _, name := range names {
		repositories = append(repositories, s.world.Repositories.byName[fold(i.account.Login, name)])
	}
	for _, id := range ids {
		repositories = append(repositories, s.world.Repositories.byID[id])
	}
	n.repositories = map[int64]bool{}
	for _, r := range repositories {
		if r == nil || !i.reaches(r) || !may(r) {
			return nil, unprocessable("There is at least one repository that does not exist or is not accessible to the parent installation.")
		}
		n.repositories[r.ID] = true
	}
	return n, nil
}
