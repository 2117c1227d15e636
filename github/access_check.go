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

// Verdict says why a person can or can't see a repository through the App.
type Verdict string

// The verdicts of the doctor.
const (
	VerdictFine         Verdict = "fine"
	VerdictArchived     Verdict = "archived"          // seen, and read-only
	VerdictRenamed      Verdict = "renamed"           // seen, under another name
	VerdictSuspended    Verdict = "suspended"         // the installation is
	VerdictAwaiting     Verdict = "awaiting_approval" // the person asked for an installation
	VerdictNotVisible   Verdict = "not_visible"       // GitHub shows the person no installation on the owner
	VerdictNotReachable Verdict = "not_reachable"     // it does, but not this repository through it
	VerdictIPAllowList  Verdict = "ip_allow_list"     // the organization takes no requests from this server's address
	VerdictManagedUser  Verdict = "managed_user"      // the user's enterprise keeps them from it
	VerdictBlocked      Verdict = "blocked"           // GitHub has blocked the repository
	VerdictUnavailable  Verdict = "unavailable"       // GitHub doesn't answer
)

// Diagnosis is what GitHub says of one repository to one person.
type Diagnosis struct {
	Verdict Verdict
	// Repository is what GitHub calls it now; the zero value where GitHub
	// doesn't show it to the person.
	Repository db.Repository
	// InstallationID is GitHub's id of the installation on the owner, and
	// ConfigureURL its page there. Zero for VerdictNotVisible.
	InstallationID int64
	ConfigureURL   string
	// HelpURL is GitHub's page about a refusal, empty where it named none.
	HelpURL   string
	Selection string
	// Reached is what the App itself says, to somebody who may hear it: the
	// account's own user, or an organization's admin whom GitHub confirmed.
	Reached Reach
}

// Reach is whether the App's installation reaches a repository.
type Reach int

// What the App can say of a repository.
const (
	ReachUntold Reach = iota // to this person nothing
	ReachYes
	ReachNo
)

// Diagnose asks GitHub, with the person's own token, why they can or can't see
// a repository. It asks the same questions whether or not the repository
// exists, so that an answer to a stranger tells nothing. A refusal that GitHub gives a
// reason for is a verdict, as is no answer. The errors are those of Explain.
func (u *UserClient) Diagnose(ctx context.Context, owner, name string) (Diagnosis, error) {
	d, err := u.diagnose(ctx, owner, name)
	var list *IPAllowListError
	switch {
	case errors.As(err, &list):
		return Diagnosis{Verdict: VerdictIPAllowList, HelpURL: list.URL}, nil
	case errors.Is(err, ErrManagedUser):
		return Diagnosis{Verdict: VerdictManagedUser}, nil
	case errors.Is(err, ErrBlocked):
		return Diagnosis{Verdict: VerdictBlocked}, nil
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return Diagnosis{Verdict: VerdictUnavailable}, nil
	}
	return d, err
}

func (u *UserClient) diagnose(ctx context.Context, owner, name string) (Diagnosis, error) {
	installations, err := allInstallations(ctx, u)
	if err != nil {
		return Diagnosis{}, err
	}
	seen, err := u.repository(ctx, owner, name)
	// Without single sign-on an organization's repositories are out of sight.
	var signOn *SSOError
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.As(err, &signOn) {
		return Diagnosis{}, err
	}
	asked := owner + "/" + name
	if err == nil {
		owner, name = seen.Owner.Login, seen.Name
	}
	on := installationOn(installations, owner)
	if on == nil {
		return u.diagnoseAbsent(ctx, owner)
	}
	d := Diagnosis{InstallationID: on.ID, ConfigureURL: link(on.HTMLURL), Selection: on.RepositorySelection}
	if !on.SuspendedAt.IsZero() {
		d.Verdict = VerdictSuspended
		return d, nil
	}
	reachable := err == nil
	if reachable && !seen.Private && on.RepositorySelection == db.SelectionSelected {
		// Anybody may read a public repository: that alone doesn't say that the
		// installation reaches it.
		if reachable, err = u.g.db.HasAccess(ctx, u.userID, seen.ID); err != nil {
			return Diagnosis{}, err
		}
	}
	if !reachable {
		d.Verdict = VerdictNotReachable
		d.Reached, err = u.narrow(ctx, *on, name)
		return d, err
	}
	d.Repository = convertRepository(seen).Repository
	switch {
	case !strings.EqualFold(d.Repository.FullName(), asked):
		d.Verdict = VerdictRenamed
	case seen.Archived:
		d.Verdict = VerdictArchived
	default:
		d.Verdict = VerdictFine
	}
	return d, nil
}

// diagnoseAbsent is for an owner on whose account GitHub shows the person no
// installation. It tells nothing but what the person did themselves.
func (u *UserClient) diagnoseAbsent(ctx context.Context, owner string) (Diagnosis, error) {
	person, err := u.g.db.FindUser(ctx, u.userID)
	if err != nil {
		return Diagnosis{}, err
	}
	requests, err := u.g.db.ListUserInstallRequests(ctx, person)
	if err != nil {
		return Diagnosis{}, err
	}
	for _, request := range requests {
		if request.State == db.RequestPending && strings.EqualFold(request.Account.Login, owner) {
			return Diagnosis{Verdict: VerdictAwaiting}, nil
		}
	}
	return Diagnosis{Verdict: VerdictNotVisible}, nil
}

// repository asks for one repository. GitHub leads from an old name to the new
// one (https://docs.github.com/rest/repos/repos#get-a-repository).
func (u *UserClient) repository(ctx context.Context, owner, name string) (repository, error) {
	var answer repository
	_, err := u.get(ctx, fmt.Sprintf("repos/%s/%s", url.PathEscape(owner), url.PathEscape(name)), &answer)
	if err == nil && (answer.ID <= 0 || answer.Owner == nil || answer.Owner.ID <= 0) {
		return repository{}, malformed("the repository")
	}
	return answer, err
}

// allInstallations reads the list as it is now, without keeping it.
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

// narrow has the App itself say whether it reaches a repository, to those who
// could look it up on GitHub all the same.
func (u *UserClient) narrow(ctx context.Context, on installation, name string) (Reach, error) {
	if u.g.app().PrivateKey == nil {
		return ReachUntold, nil
	}
	administers, err := u.administers(ctx, on)
	if err != nil || !administers {
		return ReachUntold, err
	}
	app, err := u.g.AsApp().client()
	if err != nil {
		return ReachUntold, err
	}
	var found installation
	path := fmt.Sprintf("repos/%s/%s/installation", url.PathEscape(on.Account.Login), url.PathEscape(name))
	switch _, err := app.send(ctx, http.MethodGet, path, nil, &found); {
	case errors.Is(err, ErrNotFound):
		return ReachNo, nil
	case err != nil:
		return ReachUntold, err
	}
	return ReachYes, nil
}

// administers reports whether a person owns an account, or is an admin of it as
// GitHub confirms now.
func (u *UserClient) administers(ctx context.Context, on installation) (bool, error) {
	account := on.Account.Convert(on.kind())
	if account.Kind != db.KindOrganization {
		owner, err := u.g.db.FindUser(ctx, u.userID)
		return err == nil && owner.GitHubID == account.GitHubID, err
	}
	membership, err := u.Membership(ctx, account)
	return membership == MembershipAdmin, err
}
