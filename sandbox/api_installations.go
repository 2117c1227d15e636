package sandbox

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// listInstallationsForUser includes suspended installations; their repositories can't be listed. With a scoped token
// it lists only the installation that the token is limited to.
func (s *api) listInstallationsForUser(c *call) (any, error) {
	n := c.caller.restriction()
	visible := s.world.Installations.where(func(i *installation) bool {
		return i.app == c.caller.app && i.visibleTo(c.caller.user) && !c.caller.blockedBySSO(i.account) && (n == nil || n.installation == i.id)
	})
	var missing []string
	for _, a := range s.world.Accounts.where(func(a *account) bool { return c.caller.user.belongsTo(a) && c.caller.blockedBySSO(a) }) {
		missing = append(missing, strconv.FormatInt(a.id, 10))
	}
	if len(missing) > 0 {
		c.header.Set("X-GitHub-SSO", "partial-results; organizations="+strings.Join(missing, ","))
	}
	total := s.behavior.Load().total(c, len(visible))
	return object{"total_count": total, "installations": s.pageOfInstallations(c, visible)}, nil
}

func (s *api) pageOfInstallations(c *call, all []*installation) []any {
	items := []any{}
	for _, i := range page(s, c, all) {
		items = append(items, s.behavior.Load().rewrite(RowInstallation, i.id, s.bodies.installation(i)))
	}
	return items
}

func (s *api) listRepositoriesForUser(c *call) (any, error) {
	i := s.installationNamed(c)
	if i == nil || !i.visibleTo(c.caller.user) {
		return nil, errNotFound
	}
	if n := c.caller.restriction(); n != nil && n.installation != i.id {
		return nil, errNotFound
	}
	if err := s.access(c, i.account); err != nil {
		return nil, err
	}
	if i.suspended() {
		return nil, errSuspended
	}
	var visible []*repository
	for _, r := range i.account.repositories {
		if c.caller.reaches(i, r) && r.permission(c.caller.user) != None {
			visible = append(visible, r)
		}
	}
	return s.listOfRepositories(c, i, visible), nil
}

// listRepositoriesForInstallation lists the repositories that the installation's token can access.
func (s *api) listRepositoriesForInstallation(c *call) (any, error) {
	i := c.caller.installation
	var visible []*repository
	for _, r := range i.account.repositories {
		if c.caller.reaches(i, r) {
			visible = append(visible, r)
		}
	}
	return s.listOfRepositories(c, i, visible), nil
}

// repositorySize is slightly more than the JSON of an average repository.
const repositorySize = 7 << 10

func (s *api) listOfRepositories(c *call, i *installation, all []*repository) raw {
	items, behavior := page(s, c, all), s.behavior.Load()
	var b bytes.Buffer
	b.Grow(1024 + len(items)*repositorySize)
	fmt.Fprintf(&b, `{"total_count":%s,"repository_selection":"%s","repositories":[`, encode(behavior.total(c, len(all))), c.caller.selection(i))
	for n, r := range items {
		if n > 0 {
			b.WriteByte(',')
		}
		if behavior.Rewrite == nil && !behavior.RequirePreviews {
			s.bodies.appendListed(&b, r, c.caller.permission(r))
			continue
		}
		row := s.bodies.repository(r)
		row["permissions"] = permissions(c.caller.permission(r))
		behavior.hidePreviews(c, row)
		b.Write(encode(behavior.rewrite(RowRepository, r.ID, row)))
	}
	b.WriteString("]}")
	return b.Bytes()
}

// selection is the installation's repository selection, as limited by the caller's token.
func (c caller) selection(i *installation) Selection {
	if n := c.restriction(); n != nil && n.repositories != nil {
		return SelectSome
	}
	return i.selection
}

// installationNamed is the caller's App's installation whose id is in the path, or nil.
func (s *api) installationNamed(c *call) *installation {
	id, err := strconv.ParseInt(c.PathValue("id"), 10, 64)
	if err != nil {
		return nil
	}
	i := s.world.Installations.byID[id]
	if i == nil || c.caller.app != nil && i.app != c.caller.app {
		return nil
	}
	return i
}

func (s *api) revokeInstallationToken(c *call) (any, error) {
	for secret, token := range s.world.Installations.tokens {
		if token == c.caller.token {
			delete(s.world.Installations.tokens, secret)
		}
	}
	return noContent, nil
}
