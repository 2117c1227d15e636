package github

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"neptun/db"
)

// repositoryChanged reads a repository's facts anew.
func (g *GitHub) repositoryChanged(ctx context.Context, told news) error {
	r, err := told.repository()
	if err != nil {
		return err
	}
	_, err = g.refreshRepository(ctx, told.installationID, r)
	return err
}

// repositoryAppeared reads a repository that more people may see now, and looks
// who does.
func (g *GitHub) repositoryAppeared(ctx context.Context, told news) error {
	r, err := told.repository()
	if err != nil {
		return err
	}
	if _, err := g.refreshRepository(ctx, told.installationID, r); err != nil {
		return err
	}
	_, err = g.db.QueueChecks(ctx, r.owner(), "", named(r))
	return err
}

// repositoryTaken takes a repository away from everybody, until GitHub confirms
// to somebody that they see it still.
func (g *GitHub) repositoryTaken(ctx context.Context, told news) error {
	r, err := told.repository()
	if err != nil {
		return err
	}
	return g.db.TakeRepositories(ctx, db.TakenRepositories{Repositories: named(r), Account: r.owner()})
}

// repositoryTransferred has a repository follow to its new owner. Who saw it with
// the former one may not see it there, and others may.
func (g *GitHub) repositoryTransferred(ctx context.Context, told news) error {
	r, err := told.repository()
	if err != nil {
		return err
	}
	if err := g.db.TakeRepositories(ctx, db.TakenRepositories{Repositories: named(r), Account: r.owner()}); err != nil {
		return err
	}
	owner, err := g.refreshRepository(ctx, told.installationID, r)
	if err != nil {
		return err
	}
	_, err = g.db.QueueChecks(ctx, owner, "", named(r))
	return err
}

// refreshRepository stores what GitHub says of a repository now, in the App's
// own name: one request, however many people see it. Where the App isn't let in,
// those who see it are asked about one by one. It tells who owns it, as far as
// that is known.
func (g *GitHub) refreshRepository(ctx context.Context, installationID int64, r namedRepository) (owner db.Account, err error) {
	if err := g.db.NoteRepository(ctx, r.ID); err != nil {
		return db.Account{}, err
	}
	askHolders := func() (db.Account, error) {
		return r.owner(), g.db.QueueChecksOfHolders(ctx, r.ID, clean(r.FullName))
	}
	if g.app().PrivateKey == nil || installationID <= 0 {
		return askHolders()
	}
	asOf, err := g.db.AsOf(ctx)
	if err != nil {
		return db.Account{}, err
	}
	var found repository
	login, name, _ := strings.Cut(r.FullName, "/")
	err = g.asInstallation(ctx, installationID, 0, func(c *client) (err error) {
		found, err = findRepository(ctx, c.get, r.ID, login, name)
		return err
	})
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrSuspended), errors.Is(err, ErrForbidden):
		return askHolders()
	case err != nil:
		return db.Account{}, err
	}
	facts := convertRepository(found)
	return facts.OwnerAccount, g.db.RefreshRepository(ctx, facts, asOf)
}

// findRepository asks for a repository by the name it had. GitHub redirects from
// a former name to the repository's id
// (https://docs.github.com/rest/repos/repos#get-a-repository), unless another
// has taken that name: then the id itself is asked for. The error is ErrNotFound
// where neither shows it.
func findRepository(ctx context.Context, get func(context.Context, string, any) (int, error), id int64, owner, name string) (repository, error) {
	if owner != "" && name != "" {
		found, err := getRepository(ctx, get, "repos/"+url.PathEscape(owner)+"/"+url.PathEscape(name))
		if err == nil && found.ID == id || err != nil && !errors.Is(err, ErrNotFound) {
			return found, err
		}
	}
	found, err := getRepository(ctx, get, fmt.Sprintf("repositories/%d", id))
	if err == nil && found.ID != id {
		return repository{}, malformed("the repository")
	}
	return found, err
}

func getRepository(ctx context.Context, get func(context.Context, string, any) (int, error), path string) (repository, error) {
	var answer repository
	_, err := get(ctx, path, &answer)
	if err == nil && (answer.ID <= 0 || answer.Name == "" || answer.Owner.ID <= 0) {
		return repository{}, malformed("the repository")
	}
	return answer, err
}
