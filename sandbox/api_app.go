package sandbox

import "time"

// getApp returns the authenticated App with the number of its installations.
func (s *api) getApp(c *call) (any, error) {
	body := s.bodies.integration(c.caller.app)
	body["installations_count"] = len(s.world.Installations.where(func(i *installation) bool { return i.app == c.caller.app }))
	return s.behavior.Load().rewrite(RowApp, c.caller.app.ID, body), nil
}

// getAppBySlug shows a private App only to itself and to its managers.
func (s *api) getAppBySlug(c *call) (any, error) {
	a := s.world.Apps.bySlug(c.PathValue("slug"))
	if a == nil {
		return nil, errNotFound
	}
	if !a.public && c.caller.app != a && (c.caller.user == nil || !c.caller.user.administers(a.owner)) {
		return nil, errNotFound
	}
	return s.behavior.Load().rewrite(RowApp, a.ID, s.bodies.integration(a)), nil
}

// listInstallations lists all of the App's installations. GitHub's description has a parameter "outdated" without an
// explanation; here it selects those that haven't accepted all permissions and events that the App requests.
func (s *api) listInstallations(c *call) (any, error) {
	query := c.URL.Query()
	var since time.Time
	if text := query.Get("since"); text != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, unprocessable("Invalid request.\n\nFor 'since', %q is not a timestamp.", text)
		}
	}
	outdated := query.Get("outdated") != "" && query.Get("outdated") != "false"
	return s.pageOfInstallations(c, s.world.Installations.where(func(i *installation) bool {
		return i.app == c.caller.app && !i.updatedAt.Before(since) && (!outdated || i.outdated())
	})), nil
}

func (s *api) getInstallation(c *call) (any, error) {
	return s.installationOrNotFound(s.installationNamed(c))
}

func (s *api) getInstallationOfOrganization(c *call) (any, error) {
	return s.getInstallationOn(c, func(a *account) bool { return a.organization })
}

func (s *api) getInstallationOfUser(c *call) (any, error) {
	return s.getInstallationOn(c, func(a *account) bool { return !a.organization })
}

func (s *api) getInstallationOn(c *call, right func(*account) bool) (any, error) {
	a := s.world.Accounts.byLogin[fold(c.PathValue("owner"))]
	if a == nil || !right(a) {
		return nil, errNotFound
	}
	return s.installationOrNotFound(a.installationOf(c.caller.app))
}

// getInstallationOfRepository redirects from an old name if the App has access to the repository that had it.
func (s *api) getInstallationOfRepository(c *call) (any, error) {
	r, moved := s.world.Repositories.find(c.PathValue("owner"), c.PathValue("repo"))
	body, err := s.installationReaching(c, r)
	if err == nil && moved {
		return nil, movedTo(s.bodies.apiURL("/repositories/", r.ID, "/installation"))
	}
	return body, err
}

// getInstallationOfRepositoryByID is the target of redirects.
func (s *api) getInstallationOfRepositoryByID(c *call) (any, error) {
	return s.installationReaching(c, s.world.Repositories.named(c.PathValue("id")))
}

func (s *api) installationReaching(c *call, r *repository) (any, error) {
	if r == nil {
		return nil, errNotFound
	}
	i := r.owner.installationOf(c.caller.app)
	if i == nil || !i.reaches(r) {
		return nil, errNotFound
	}
	return s.behavior.Load().rewrite(RowInstallation, i.id, s.bodies.installation(i)), nil
}

func (s *api) installationOrNotFound(i *installation) (any, error) {
	if i == nil {
		return nil, errNotFound
	}
	return s.behavior.Load().rewrite(RowInstallation, i.id, s.bodies.installation(i)), nil
}

// listInstallationRequests lists pending requests, oldest first.
func (s *api) listInstallationRequests(c *call) (any, error) {
	var all []*installRequest
	for _, request := range s.world.InstallationRequests.pending {
		if request.app == c.caller.app {
			all = append(all, request)
		}
	}
	items := []any{}
	for _, request := range page(s, c, all) {
		items = append(items, s.behavior.Load().rewrite(RowInstallationRequest, request.id, object{
			"id":         request.id,
			"node_id":    nodeID("IIR", request.id),
			"account":    s.bodies.simpleUser(request.account),
			"requester":  s.bodies.simpleUser(request.requester),
			"created_at": timestamp(request.createdAt),
		}))
	}
	return items, nil
}
