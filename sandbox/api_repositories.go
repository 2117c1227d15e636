package sandbox

import "strconv"

// getRepository redirects from an old name, for callers that have access to it.
func (s *api) getRepository(c *call) (any, error) {
	r, moved := s.world.Repositories.find(c.PathValue("owner"), c.PathValue("repo"))
	if r == nil || !c.caller.canSee(r) {
		return nil, errNotFound
	}
	if err := s.repositoryAccess(c, r); err != nil {
		return nil, err
	}
	if moved {
		return nil, movedTo(s.bodies.apiURL("/repositories/", r.ID))
	}
	return s.fullRepository(r, c), nil
}

// getRepositoryByID is the target of redirects. GitHub doesn't describe it; it responds like getRepository.
func (s *api) getRepositoryByID(c *call) (any, error) {
	r := s.world.Repositories.named(c.PathValue("id"))
	if r == nil || !c.caller.canSee(r) {
		return nil, errNotFound
	}
	if err := s.repositoryAccess(c, r); err != nil {
		return nil, err
	}
	return s.fullRepository(r, c), nil
}

// named is the repository with the id, or nil.
func (rs *Repositories) named(id string) *repository {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	return rs.byID[number]
}
