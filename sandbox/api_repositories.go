package sandbox

import "strconv"

// getRepository redirects from a former name, for those who may see what is there now.
func (s *Server) getRepository(c *call) (any, error) {
	r, moved := s.world.find(c.PathValue("owner"), c.PathValue("repo"))
	if r == nil || !c.caller.canSee(r) {
		return nil, errNotFound
	}
	if r.Private && c.caller.blockedBySSO(r.owner) {
		return nil, s.requireSSO(c, r.owner)
	}
	if moved {
		return nil, movedTo(s.apiURL("/repositories/", r.ID))
	}
	return s.fullRepository(r, c.caller), nil
}

// getRepositoryByID is where redirects lead. GitHub's description does not have it; it answers like getRepository.
func (s *Server) getRepositoryByID(c *call) (any, error) {
	r := s.world.repositoryNamed(c.PathValue("id"))
	if r == nil || !c.caller.canSee(r) {
		return nil, errNotFound
	}
	if r.Private && c.caller.blockedBySSO(r.owner) {
		return nil, s.requireSSO(c, r.owner)
	}
	return s.fullRepository(r, c.caller), nil
}

// repositoryNamed is the repository with the id, or nil.
func (w *World) repositoryNamed(id string) *repository {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	return w.repositories[number]
}
