package github

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"neptun/db"
)

// FindRepository requests a repository by its last known name, as the user. The error
// is ErrNotFound if GitHub doesn't show it to them.
func (u *UserClient) FindRepository(ctx context.Context, id int64, owner, name string) (db.ListedRepository, error) {
	found, err := findRepository(ctx, u.get, id, owner, name)
	if err != nil {
		return db.ListedRepository{}, err
	}
	return convertRepository(found), nil
}

// SeesRepository checks whether GitHub shows a repository to the user. The error is
// ErrNotFound if it doesn't, or if the repository doesn't exist.
func (u *UserClient) SeesRepository(ctx context.Context, owner, name string) error {
	_, err := getRepository(ctx, u.get, "repos/"+url.PathEscape(owner)+"/"+url.PathEscape(name))
	return err
}

// FindRepository requests a repository by its last known name, as the installation.
// The error is ErrNotFound if the installation has no access to it, and ErrSuspended or
// ErrForbidden if GitHub refuses the app.
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

// findRepository requests a repository by its last known name. GitHub redirects from
// a former name to the repository's ID
// (https://docs.github.com/rest/repos/repos#get-a-repository), unless another
// repository has that name now: then the ID itself is requested. The error is
// ErrNotFound if neither request finds it.
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
	if err == nil && (answer.ID <= 0 || answer.Name == "" || answer.Owner == nil || answer.Owner.ID <= 0 || answer.Owner.Convert("").Kind == "") {
		return repository{}, malformed("the repository")
	}
	return answer, err
}
