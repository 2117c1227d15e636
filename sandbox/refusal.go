package sandbox

import (
	"fmt"
	"net/http"
)

// Refusal is why GitHub rejects requests of a user, or about an organization, with an otherwise valid token. The status
// is 403.
type Refusal string

// The refusals; AccountSuspended is about a user, the others about an organization.
const (
	AccountSuspended Refusal = "account suspended"
	IPAllowList      Refusal = "IP allow list"
	ManagedUsersOnly Refusal = "enterprise managed users"
)

// Refuse makes GitHub reject all requests of a user, or about an organization and its repositories; "" stops that.
func (as *Accounts) Refuse(login string, reason Refusal) {
	as.world.mu.Lock()
	defer as.world.mu.Unlock()
	a := as.must(login)
	if reason != "" && (reason == AccountSuspended) == a.organization {
		panic(fmt.Sprintf("sandbox: %q can't be refused for %q", login, reason))
	}
	a.refusal = reason
}

// Block makes GitHub respond 451 (for legal reasons) or 403 (for its terms of service) to requests for a repository; 0
// stops that. Lists still contain it.
func (rs *Repositories) Block(id int64, status int) {
	rs.world.mu.Lock()
	defer rs.world.mu.Unlock()
	rs.must(id).blocked = status
}

// refusal returns GitHub's error for requests about the account, nil if it accepts them.
func (s *api) refusal(c *call, about *account) error {
	switch about.refusal {
	case AccountSuspended:
		return &apiError{status: http.StatusForbidden, message: "Sorry. Your account was suspended."}
	case IPAllowList:
		if c.caller.rateLimitName() == "" {
			return nil // without a token the list doesn't apply
		}
		return &apiError{
			status: http.StatusForbidden,
			message: fmt.Sprintf("Although you appear to have the correct authorization credentials, the `%s` organization has an IP allow list enabled, "+
				"and your IP address is not permitted to access this resource.", about.Login),
		}
	case ManagedUsersOnly:
		if c.caller.user == nil {
			return nil
		}
		return &apiError{status: http.StatusForbidden, message: "Unauthorized: As an Enterprise Managed User, you cannot access this content"}
	}
	return nil
}

// access is GitHub's error if the caller may not access the account's resources: its own rules are checked before single sign-on.
func (s *api) access(c *call, to *account) error {
	if err := s.refusal(c, to); err != nil {
		return err
	}
	if c.caller.blockedBySSO(to) {
		return s.requireSSO(c, to)
	}
	return nil
}

// repositoryAccess checks access to a repository. Public ones need no single sign-on.
func (s *api) repositoryAccess(c *call, r *repository) error {
	if r.blocked != 0 {
		reason := "tos"
		if r.blocked == http.StatusUnavailableForLegalReasons {
			reason = "dmca"
		}
		return &apiError{
			status: r.blocked, message: "Repository access blocked",
			block: object{"reason": reason, "created_at": timestamp(r.CreatedAt), "html_url": nil},
		}
	}
	if r.Private {
		return s.access(c, r.owner)
	}
	return s.refusal(c, r.owner)
}
