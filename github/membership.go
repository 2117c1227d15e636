package github

import (
	"context"
	"errors"
	"net/url"

	"neptun/db"
)

// Membership is a user's role in an organization.
type Membership string

// The values of Membership.
const (
	MembershipAdmin Membership = "admin" // active; GitHub's pages call this an owner
	MembershipLess  Membership = "less"  // a member, invited, or nothing at all
	// MembershipUnknown: GitHub doesn't show the organization to the App, for example
	// while the App is suspended there, lacks the permission to read members, or the
	// user hasn't signed in with its single sign-on.
	MembershipUnknown Membership = "unknown"
)

// Membership requests the user's current role in an organization, with their own token
// (https://docs.github.com/rest/orgs/members#get-an-organization-membership-for-the-authenticated-user).
func (u *UserClient) Membership(ctx context.Context, organization db.Account) (Membership, error) {
	var answer struct {
		State        string   `json:"state"`
		Role         string   `json:"role"`
		Organization *Account `json:"organization"`
	}
	var signOn *SSOError
	_, err := u.get(ctx, "user/memberships/orgs/"+url.PathEscape(organization.Login), &answer)
	switch {
	case errors.Is(err, ErrNotFound):
		return MembershipLess, nil
	case errors.Is(err, ErrForbidden), errors.Is(err, ErrSuspended), errors.As(err, &signOn):
		return MembershipUnknown, nil
	case err != nil:
		return "", err
	case answer.Organization == nil:
		return "", malformed("the organization")
	case answer.Organization.ID != organization.GitHubID:
		// The login belongs to another organization now.
		return MembershipLess, nil
	case answer.Role == "admin" && answer.State == "active":
		return MembershipAdmin, nil
	}
	return MembershipLess, nil
}
