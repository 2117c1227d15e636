package sandbox

import (
	"bytes"
	"fmt"
	"strconv"
)

// listInstallationsForUser lists suspended installations too; their repositories can't be listed.
func (s *Server) listInstallationsForUser(c *call) (any, error) {
	visible := s.world.installationsWhere(func(i *installation) bool { return i.visibleTo(c.caller.user) })
	return object{"total_count": len(visible), "installations": s.pageOfInstallations(c, visible)}, nil
}

func (s *Server) pageOfInstallations(c *call, all []*installation) []object {
	items := []object{}
	for _, i := range page(s, c, all) {
		items = append(items, s.installation(i))
	}
	return items
}

// repositorySize is some more than the bytes that an ordinary repository's JSON takes.
const repositorySize = 7 << 10

func (s *Server) listRepositoriesForUser(c *call) (any, error) {
	i := s.installationNamed(c)
	if i == nil || !i.visibleTo(c.caller.user) {
		return nil, errNotFound
	}
	if i.suspended() {
		return nil, errSuspended
	}
	visible := i.repositoriesFor(c.caller.user)
	items := page(s, c, visible)
	var b bytes.Buffer
	b.Grow(1024 + len(items)*repositorySize)
	fmt.Fprintf(&b, `{"total_count":%d,"repository_selection":"%s","repositories":[`, len(visible), i.selection)
	for n, r := range items {
		if n > 0 {
			b.WriteByte(',')
		}
		s.appendListed(&b, r, r.permission(c.caller.user))
	}
	b.WriteString("]}")
	return raw(b.Bytes()), nil
}

// installationNamed is the installation whose id is in the path, or nil.
func (s *Server) installationNamed(c *call) *installation {
	id, err := strconv.ParseInt(c.PathValue("id"), 10, 64)
	if err != nil {
		return nil
	}
	return s.world.installations[id]
}

func (s *Server) getApp(*call) (any, error) { return s.integration(), nil }

func (s *Server) listInstallations(c *call) (any, error) {
	all := s.world.installationsWhere(func(*installation) bool { return true })
	return s.pageOfInstallations(c, all), nil
}

func (s *Server) getInstallation(c *call) (any, error) {
	i := s.installationNamed(c)
	if i == nil {
		return nil, errNotFound
	}
	return s.installation(i), nil
}
