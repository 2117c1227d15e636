package sandbox

func (s *api) getUser(c *call) (any, error) {
	return s.behavior.Load().rewrite(RowUser, c.caller.user.id, s.bodies.publicUser(c.caller.user)), nil
}

func (s *api) getUserByName(c *call) (any, error) {
	login := fold(c.PathValue("username"))
	if a := s.world.Accounts.byLogin[login]; a != nil {
		return s.bodies.publicUser(a), nil
	}
	if app := s.world.Apps.where(func(app *app) bool { return fold(app.bot.Login) == login }); app != nil {
		return s.bodies.publicUser(app.bot), nil
	}
	return nil, errNotFound
}

// getMembership returns the user's own membership. A token from the App has access only to organizations with the App
// installed, with the permission to read members.
func (s *api) getMembership(c *call) (any, error) {
	u := c.caller.user
	org := s.world.Accounts.byLogin[fold(c.PathValue("org"))]
	if org == nil || !org.organization {
		return nil, errNotFound
	}
	role, member := org.roles[u.id]
	if !member {
		return nil, errNotFound
	}
	if err := s.access(c, org); err != nil {
		return nil, err
	}
	if !c.caller.hasPermission(org, "members") {
		return nil, errIntegration
	}
	return s.bodies.membership(org, u, role), nil
}

// getMembershipOf returns any member's membership, to an installation or another member.
func (s *api) getMembershipOf(c *call) (any, error) {
	org, u := s.world.Accounts.byLogin[fold(c.PathValue("org"))], s.world.Accounts.byLogin[fold(c.PathValue("username"))]
	if org == nil || !org.organization || u == nil {
		return nil, errNotFound
	}
	if err := s.access(c, org); err != nil {
		return nil, err
	}
	if !c.caller.hasPermission(org, "members") || c.caller.user != nil && !c.caller.user.belongsTo(org) {
		return nil, errIntegration
	}
	role, member := org.roles[u.id]
	if !member {
		return nil, errNotFound
	}
	return s.bodies.membership(org, u, role), nil
}

// membership is a user's membership of an organization ("org-membership").
func (bs *bodies) membership(org, u *account, role Role) object {
	return object{
		"url":               bs.apiURL("/orgs/", org.Login, "/memberships/", u.Login),
		"state":             "active",
		"role":              role,
		"direct_membership": true,
		"organization_url":  bs.apiURL("/orgs/", org.Login),
		"organization":      bs.organizationSimple(org),
		"user":              bs.simpleUser(u),
		"permissions":       object{"can_create_repository": role == RoleAdmin},
	}
}
