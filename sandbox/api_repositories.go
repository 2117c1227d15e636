package sandbox

import "strconv"

// getRepository redirects from a former name, for those who may see what is there now.
func (s *Server) getRepository(c *call) (any, error) {
	r, moved := s.world.find(c.PathValue("owner"), c.PathValue("repo"))
	if r == nil || !r.readableThroughApp(c.caller.user) {
		return nil, errNotFound
	}
	if moved {
		return nil, movedTo(s.apiURL("/repositories/", r.ID))
	}
	return s.fullRepository(r, c.caller.user), nil
}

// getRepositoryByID is where redirects lead. GitHub's description does not have it; it answers like getRepository.
func (s *Server) getRepositoryByID(c *call) (any, error) {
	id, err := strconv.ParseInt(c.PathValue("id"), 10, 64)
	if err != nil {
		return nil, errNotFound
	}
	r := s.world.repositories[id]
	if r == nil || !r.readableThroughApp(c.caller.user) {
		return nil, errNotFound
	}
	return s.fullRepository(r, c.caller.user), nil
}

// readableThroughApp: a token that the App got for a person opens a private repository only where both may look.
func (r *repository) readableThroughApp(u *account) bool {
	if !r.Private {
		return true
	}
	i := r.owner.installation
	return i != nil && !i.suspended() && i.reaches(r) && r.permission(u) != None
}
