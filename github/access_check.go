package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"neptun/db"
)

// Verdict is the reason why a user can or can't see a repository through the app.
type Verdict string

// The verdicts of an access check.
const (
	VerdictAccessible   Verdict = "fine"
	VerdictArchived     Verdict = "archived"          // seen, and read-only
	VerdictRenamed      Verdict = "renamed"           // seen, under another name
	VerdictSuspended    Verdict = "suspended"         // the installation is
	VerdictAwaiting     Verdict = "awaiting_approval" // the user has requested an installation
	VerdictNotVisible   Verdict = "not_visible"       // GitHub shows the user no installation on the owner
	VerdictNotReachable Verdict = "not_reachable"     // it does, but not this repository through it
	VerdictIPAllowList  Verdict = "ip_allow_list"     // the organization rejects requests from this server's address
	VerdictManagedUser  Verdict = "managed_user"      // the user's enterprise keeps them from it
	VerdictBlocked      Verdict = "blocked"           // GitHub has blocked the repository
	VerdictUnavailable  Verdict = "unavailable"       // GitHub doesn't answer
)

// AccessCheck is what GitHub shows one user of one repository.
type AccessCheck struct {
	Verdict Verdict
	// Repository is the repository under its current name, zero if GitHub doesn't
	// show it to the user.
	Repository db.Repository
	// InstallationID is GitHub's ID of the owner's installation, and ConfigureURL its
	// page on GitHub. Zero for VerdictNotVisible.
	InstallationID int64
	ConfigureURL   string
	// HelpURL is GitHub's page about a refusal, empty if the response had no link.
	HelpURL   string
	Selection string
	// Reached is GitHub's response to the app. It is only set for users who may know: the
	// account's own user, or an organization's admin, as confirmed by GitHub.
	Reached Reach
}

// Reach is whether an installation has access to a repository.
type Reach int

// The values of Reach.
const (
	ReachUnknown Reach = iota // not disclosed to this user
	ReachYes
	ReachNo
)

// CheckAccess finds out, with the user's own token, why they can or can't see a
// repository. It sends the same requests whether or not the repository exists, so
// that the result discloses nothing to strangers. A refusal with a known reason is a
// verdict, and so is an outage of GitHub. The errors are those of Explain.
func (u *UserClient) CheckAccess(ctx context.Context, owner, name string) (AccessCheck, error) {
	d, err := u.checkAccess(ctx, owner, name)
	var list *IPAllowListError
	switch {
	case errors.As(err, &list):
		return AccessCheck{Verdict: VerdictIPAllowList, HelpURL: list.URL}, nil
	case errors.Is(err, ErrManagedUser):
		return AccessCheck{Verdict: VerdictManagedUser}, nil
	case errors.Is(err, ErrBlocked):
		return AccessCheck{Verdict: VerdictBlocked}, nil
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return AccessCheck{Verdict: VerdictUnavailable}, nil
	}
	return d, err
}

func (u *UserClient) checkAccess(ctx context.Context, owner, name string) (AccessCheck, error) {
	installations, err := allInstallations(ctx, u)
	if err != nil {
		return AccessCheck{}, err
	}
	seen, err := u.repository(ctx, owner, name)
	// Without single sign-on, GitHub hides an organization's repositories.
	var signOn *SSOError
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.As(err, &signOn) {
		return AccessCheck{}, err
	}
	fullName := owner + "/" + name
	if err == nil {
		owner, name = seen.Owner.Login, seen.Name
	}
	on := installationOn(installations, owner)
	if on == nil {
		return u.checkAccessWithoutInstallation(ctx, owner)
	}
	d := AccessCheck{InstallationID: on.ID, ConfigureURL: link(on.HTMLURL), Selection: selection(on.RepositorySelection)}
	if !on.SuspendedAt.IsZero() {
		d.Verdict = VerdictSuspended
		return d, nil
	}
	reachable := err == nil
	if reachable && !private(seen) && on.RepositorySelection == db.SelectionSelected {
		// Anyone can read a public repository: that alone doesn't mean that the
		// installation has access to it.
		if reachable, err = u.g.db.HasAccess(ctx, u.userID, seen.ID); err != nil {
			return AccessCheck{}, err
		}
	}
	if !reachable {
		d.Verdict = VerdictNotReachable
		d.Reached, err = u.checkReach(ctx, *on, name)
		return d, err
	}
	d.Repository = convertRepository(seen).Repository
	switch {
	case !strings.EqualFold(d.Repository.FullName(), fullName):
		d.Verdict = VerdictRenamed
	case seen.Archived:
		d.Verdict = VerdictArchived
	default:
		d.Verdict = VerdictAccessible
	}
	return d, nil
}

// checkAccessWithoutInstallation is for an owner on whose account GitHub shows the
// user no installation. It discloses only what the user did themselves.
func (u *UserClient) checkAccessWithoutInstallation(ctx context.Context, owner string) (AccessCheck, error) {
	person, err := u.g.db.FindUser(ctx, u.userID)
	if err != nil {
		return AccessCheck{}, err
	}
	requests, err := u.g.db.ListUserInstallRequests(ctx, person)
	if err != nil {
		return AccessCheck{}, err
	}
	for _, request := range requests {
		if request.State == db.RequestPending && strings.EqualFold(request.Account.Login, owner) {
			return AccessCheck{Verdict: VerdictAwaiting}, nil
		}
	}
	return AccessCheck{Verdict: VerdictNotVisible}, nil
}

// repository requests one repository. GitHub redirects an old name to the new one
// (https://docs.github.com/rest/repos/repos#get-a-repository).
func (u *UserClient) repository(ctx context.Context, owner, name string) (repository, error) {
	var answer repository
	_, err := u.get(ctx, fmt.Sprintf("repos/%s/%s", url.PathEscape(owner), url.PathEscape(name)), &answer)
	if err == nil && (answer.ID <= 0 || answer.Owner == nil || answer.Owner.ID <= 0) {
		return repository{}, malformed("the repository")
	}
	return answer, err
}

// allInstallations reads the current list, without storing it.
func allInstallations(ctx context.Context, u *UserClient) ([]installation, error) {
	var all []installation
	for number := 1; number > 0; {
		items, next, err := installationsPage(ctx, u, number)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if next <= number {
			break
		}
		number = next
	}
	return all, nil
}

func installationOn(list []installation, login string) *installation {
	for i := range list {
		if list[i].Account != nil && strings.EqualFold(list[i].Account.Login, login) {
			return &list[i]
		}
	}
	return nil
}

// checkReach asks GitHub as the app whether the installation has access to a
// repository, for users who could look it up on GitHub anyway.
func (u *UserClient) checkReach(ctx context.Context, on installation, name string) (Reach, error) {
	if u.g.app().PrivateKey == nil {
		return ReachUnknown, nil
	}
	administers, err := u.administers(ctx, on)
	if err != nil || !administers {
		return ReachUnknown, err
	}
	app, err := u.g.AsApp().client()
	if err != nil {
		return ReachUnknown, err
	}
	var found installation
	path := fmt.Sprintf("repos/%s/%s/installation", url.PathEscape(on.Account.Login), url.PathEscape(name))
	switch _, err := app.send(ctx, http.MethodGet, path, nil, &found); {
	case errors.Is(err, ErrNotFound):
		return ReachNo, nil
	case err != nil:
		return ReachUnknown, err
	}
	return ReachYes, nil
}

// administers reports whether the user owns an account or, according to GitHub, is
// currently an admin of it.
func (u *UserClient) administers(ctx context.Context, on installation) (bool, error) {
	account := on.account()
	if account.Kind != db.KindOrganization {
		owner, err := u.g.db.FindUser(ctx, u.userID)
		return err == nil && owner.GitHubID == account.GitHubID, err
	}
	membership, err := u.Membership(ctx, account)
	return membership == MembershipAdmin, err
}
