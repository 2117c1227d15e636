package github

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"neptun/db"
)

// FindRepository asks as the user for a repository by the name it had. The error
// is ErrNotFound where GitHub doesn't show it to them.
func (u *UserClient) FindRepository(ctx context.Context, id int64, owner, name string) (db.ListedRepository, error) {
	found, err := findRepository(ctx, u.get, id, owner, name)
	if err != nil {
		return db.ListedRepository{}, err
	}
	return convertRepository(found), nil
}

// SeesRepository asks whether GitHub shows a repository to the user. The error is
// ErrNotFound where it doesn't, which is also what it says of none.
func (u *UserClient) SeesRepository(ctx context.Context, owner, name string) error {
	_, err := getRepository(ctx, u.get, "repos/"+url.PathEscape(owner)+"/"+url.PathEscape(name))
	return err
}

// FindRepository asks as the App on one account for a repository by the name it
// had. The error is ErrNotFound where the installation doesn't reach it, and
// ErrSuspended or ErrForbidden where the App isn't let in.
func (i *InstallationClient) FindRepository(ctx context.Context, id int64, owner, name string) (db.ListedRepository, error) {
	var found repository
	err := i.do(ctx, 0, func(c *client) (err error) {
		found, err = findRepository(ctx, c.get, id, owner, name)
		return err
	})
	if err != nil {
		return db.ListedRepository{}, err
	}
	return convertRepository(found), nil
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
	if err == nil && (answer.ID <= 0 || answer.Name == "" || answer.Owner == nil || answer.Owner.ID <= 0) {
		return repository{}, malformed("the repository")
	}
	return answer, err
}
