package sandbox

import (
	"crypto/sha256"
	"fmt"
)

// authorizationAPI serves the operations on the tokens that were issued to an App for users.
type authorizationAPI struct {
	*site
	api *api
}

// The operations below follow https://docs.github.com/rest/apps/oauth-applications. They respond 404 to a token that
// is invalid or belongs to another App, or 422 where GitHub describes no 404.

// tokenSent is the access token in the body, nil if it wasn't issued to the App.
func (s *authorizationAPI) tokenSent(c *call) (*userAccessToken, fields, error) {
	sent, err := c.fields()
	if err != nil {
		return nil, nil, err
	}
	secret, err := sent.requiredText("access_token")
	if err != nil {
		return nil, nil, err
	}
	token := s.auth.byAccessToken(secret, c.now)
	if token != nil && (token.app != c.caller.app || s.world.Accounts.byID(token.user) == nil) {
		token = nil
	}
	return token, sent, nil
}

func (s *authorizationAPI) checkToken(c *call) (any, error) {
	token, _, err := s.tokenSent(c)
	if err != nil {
		return nil, err
	}
	if token == nil {
		return nil, errNotFound
	}
	return s.authorization(token), nil
}

// resetToken replaces the access token. The response has no refresh token: it doesn't change.
func (s *authorizationAPI) resetToken(c *call) (any, error) {
	token, _, err := s.tokenSent(c)
	if err != nil {
		return nil, err
	}
	if token == nil {
		return nil, errNotFound
	}
	return s.authorization(s.auth.reset(token, s.world.Apps.resetEndsRefresh, c.now)), nil
}

func (s *authorizationAPI) deleteToken(c *call) (any, error) {
	token, _, err := s.tokenSent(c)
	if err != nil {
		return nil, err
	}
	if token == nil {
		return nil, errNoSuchToken
	}
	s.auth.revoke(token)
	return noContent, nil
}

// deleteGrant revokes the authorization of the token's user, with all of their tokens.
func (s *authorizationAPI) deleteGrant(c *call) (any, error) {
	token, _, err := s.tokenSent(c)
	if err != nil {
		return nil, err
	}
	if token == nil {
		return nil, errNoSuchToken
	}
	s.revoke(token.app, s.world.Accounts.byID(token.user))
	return noContent, nil
}

// scopeToken creates a token limited to some repositories and permissions on one account.
func (s *authorizationAPI) scopeToken(c *call) (any, error) {
	token, sent, err := s.tokenSent(c)
	if err != nil {
		return nil, err
	}
	if token == nil {
		return nil, errNotFound
	}
	if token.restriction != nil {
		return nil, unprocessable("The access token is scoped already.")
	}
	if sent["repositories"] != nil && sent["repository_ids"] != nil {
		return nil, unprocessable("repositories may not be specified if repository_ids is specified.")
	}
	target, err := s.target(sent)
	if err != nil {
		return nil, err
	}
	u := s.world.Accounts.byID(token.user)
	if target == nil || target.installationOf(token.app) == nil || !target.installationOf(token.app).visibleTo(u) {
		return nil, errNotFound
	}
	if (caller{user: u, userToken: token}).blockedBySSO(target) {
		return nil, s.api.requireSSO(c, target)
	}
	i := target.installationOf(token.app)
	if i.suspended() {
		return nil, errSuspended
	}
	n, err := s.api.restrictionFor(sent, i, func(r *repository) bool { return r.permission(u) != None })
	if err != nil {
		return nil, err
	}
	return s.authorization(s.auth.issueRestricted(token, n, c.now)), nil
}

// target is the account that a scoped token is for, by name or by id; one of them is required.
func (s *authorizationAPI) target(sent fields) (*account, error) {
	name, err := sent.text("target")
	if err != nil {
		return nil, err
	}
	id, err := sent.number("target_id")
	if err != nil {
		return nil, err
	}
	switch {
	case name != "":
		return s.world.Accounts.byLogin[fold(name)], nil
	case id != 0:
		return s.world.Accounts.byID(id), nil
	}
	return nil, unprocessable("Either target or target_id must be specified.")
}

// authorization is GitHub's description of a token ("authorization").
func (s *authorizationAPI) authorization(t *userAccessToken) object {
	body := object{
		"id":               t.id,
		"url":              s.bodies.apiURL("/authorizations/", t.id),
		"app":              object{"name": t.app.Name, "url": s.url + "/apps/" + t.app.Slug, "client_id": t.app.ClientID},
		"token":            t.access,
		"hashed_token":     fmt.Sprintf("%x", sha256.Sum256([]byte(t.access))),
		"token_last_eight": t.access[len(t.access)-8:],
		"note":             nil,
		"note_url":         nil,
		"fingerprint":      nil,
		"scopes":           []string{},
		"created_at":       timestamp(t.createdAt),
		"updated_at":       timestamp(t.updatedAt),
		"expires_at":       timestamp(t.expires),
		"user":             s.bodies.simpleUser(s.world.Accounts.byID(t.user)),
		"installation":     nil,
	}
	if t.restriction != nil {
		if i := s.world.Installations.byID[t.restriction.installation]; i != nil {
			body["installation"] = s.bodies.scopedInstallation(i, t.restriction)
		}
	}
	return body
}

// scopedInstallation is what a scoped token has access to ("nullable-scoped-installation").
func (bs *bodies) scopedInstallation(i *installation, n *restriction) object {
	selection := i.selection
	if n.repositories != nil {
		selection = SelectSome
	}
	return object{
		"permissions":               n.permissions,
		"repository_selection":      selection,
		"single_file_name":          nil,
		"has_multiple_single_files": false,
		"single_file_paths":         []string{},
		"repositories_url":          bs.apiURL("/user/repos"),
		"account":                   bs.simpleUser(i.account),
	}
}
