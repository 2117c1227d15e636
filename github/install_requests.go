package github

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"neptun/db"
)

type installRequest struct {
	ID        int64      `json:"id"`
	Account   *Account   `json:"account"`
	Requester *Account   `json:"requester"`
	CreatedAt *time.Time `json:"created_at"`
}

// InstallRequests lists the requests to install the App that are pending
// (https://docs.github.com/rest/apps/apps#list-installation-requests-for-the-authenticated-app).
func (a *AppClient) InstallRequests(ctx context.Context) ([]db.InstallRequest, error) {
	app, err := a.client()
	if err != nil {
		return nil, err
	}
	var list []db.InstallRequest
	for number := 1; ; {
		var answer []installRequest
		next, err := app.get(ctx, fmt.Sprintf("app/installation-requests?per_page=%d&page=%d", PerPage, number), &answer)
		if err != nil {
			return nil, err
		}
		if answer == nil {
			return nil, malformed("the installation requests")
		}
		for _, request := range answer {
			if request.ID <= 0 || request.Account == nil || request.Requester == nil {
				return nil, malformed("an installation request")
			}
			list = append(list, convertInstallRequest(request))
		}
		if next <= number {
			return list, nil
		}
		number = next
	}
}

func convertInstallRequest(r installRequest) db.InstallRequest {
	kind := r.Account.Type
	if kind == "" {
		kind = db.KindEnterprise // which has no type
	}
	request := db.InstallRequest{
		ID:             r.ID,
		Account:        r.Account.Convert(kind),
		RequesterID:    r.Requester.ID,
		RequesterLogin: Clean(r.Requester.Login),
		State:          db.RequestPending,
	}
	if r.CreatedAt != nil {
		request.RequestedAt = *r.CreatedAt
	}
	return request
}

// InstalledOn asks whether the App is installed on an account
// (https://docs.github.com/rest/apps/apps#get-an-organization-installation-for-the-authenticated-app).
func (a *AppClient) InstalledOn(ctx context.Context, target db.Account) (bool, error) {
	paths := map[string]string{
		db.KindOrganization: "orgs/%s/installation",
		db.KindUser:         "users/%s/installation",
	}
	path, ok := paths[target.Kind]
	if !ok {
		return false, nil // GitHub has no such look-up for an enterprise
	}
	app, err := a.client()
	if err != nil {
		return false, err
	}
	var answer installation
	_, err = app.get(ctx, fmt.Sprintf(path, url.PathEscape(target.Login)), &answer)
	switch {
	case errors.Is(err, ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case answer.Account == nil:
		return false, malformed("the installation")
	}
	return answer.Account.ID == target.GitHubID, nil
}
