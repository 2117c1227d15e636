package github

import (
	"context"
	"errors"
	"net/url"

	"neptun/db"
)

// Membership is what GitHub says of a person in an organization.
type Membership string

// What a person can be in an organization.
const (
	MembershipAdmin Membership = "admin" // an active one, whom GitHub's pages call owner
	MembershipLess  Membership = "less"  // a member, invited, or nothing at all
	// MembershipUnknown: GitHub tells the App nothing about this organization, as
	// while the App is suspended there or lacks the right to read members, or until
	// the person signs on to it.
	MembershipUnknown Membership = "unknown"
)

// Membership asks GitHub, with the person's own token, what they are in an
// organization now
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
		// The login has changed hands: this is somebody else's organization.
		return MembershipLess, nil
	case answer.Role == "admin" && answer.State == "active":
		return MembershipAdmin, nil
	}
	return MembershipLess, nil
}
