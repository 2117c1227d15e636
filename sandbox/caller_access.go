package sandbox

// canSee reports whether the caller's token can read the repository. A private one requires that the App has access
// and, for a user's token, that the user has access too.
func (c caller) canSee(r *repository) bool {
	switch {
	case !r.Private:
		return true
	case c.personal != nil:
		return r.permission(c.user) != None
	case c.user != nil:
		i := r.owner.installationOf(c.app)
		return i != nil && c.reaches(i, r) && r.permission(c.user) != None
	case c.installation != nil:
		return c.reaches(c.installation, r)
	}
	return false
}

// permission returns the permission in the response. For an installation token GitHub returns no permissions:
// the installation has them.
func (c caller) permission(r *repository) Permission {
	if c.user == nil {
		return None
	}
	return r.permission(c.user)
}

// reaches reports whether both the installation and the token's restriction include the repository.
func (c caller) reaches(i *installation, r *repository) bool {
	return !i.suspended() && i.reaches(r) && c.restriction().includes(i, r)
}

// restriction is what the caller's token is limited to; nil for no limit.
func (c caller) restriction() *restriction {
	switch {
	case c.userToken != nil:
		return c.userToken.restriction
	case c.token != nil:
		return c.token.restriction
	}
	return nil
}

// hasPermission reports whether the caller's token has the App's permission on an account where the App is installed.
func (c caller) hasPermission(on *account, permission string) bool {
	if c.personal != nil {
		return true
	}
	i := on.installationOf(c.app)
	if i == nil || i.suspended() || c.installation != nil && c.installation != i || i.permissions[permission] == "" {
		return false
	}
	n := c.restriction()
	return n == nil || n.installation == i.id && n.permissions[permission] != ""
}

// restriction is what a scoped token is limited to.
type restriction struct {
	installation int64
	repositories map[int64]bool    // nil: all of the installation's
	permissions  map[string]string // all of them
}

func (n *restriction) includes(i *installation, r *repository) bool {
	return n == nil || n.installation == i.id && (n.repositories == nil || n.repositories[r.ID])
}
