package github

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"neptun/db"
)

type installRequest struct {
	ID        int64    `json:"id"`
	Account   *Account `json:"account"`
	Requester *Account `json:"requester"`
	CreatedAt moment   `json:"created_at"`
}

// InstallRequests lists the pending requests to install the App, and reports whether
// all rows could be read
// (https://docs.github.com/rest/apps/apps#list-installation-requests-for-the-authenticated-app).
func (a *AppClient) InstallRequests(ctx context.Context) (list []db.InstallRequest, whole bool, err error) {
	app, err := a.client()
	if err != nil {
		return nil, false, err
	}
	whole = true
	for number := 1; ; {
		var answer rows[installRequest]
		next, err := app.get(ctx, fmt.Sprintf("app/installation-requests?per_page=%d&page=%d", PerPage, number), &answer)
		if err != nil {
			return nil, false, err
		}
		if answer.items == nil {
			return nil, false, malformed("the installation requests")
		}
		for place, request := range answer.items {
			if request == nil || request.ID <= 0 || request.Account == nil || request.Account.ID <= 0 || request.Account.Convert("").Kind == "" {
				a.g.log.WarnContext(ctx, "skipped an installation request", "page", number, "row", place+1, "reason", "it has no id, or no account of a known kind")
				whole = false
				continue
			}
			list = append(list, convertInstallRequest(*request))
		}
		if next <= number {
			return list, whole, nil
		}
		number = next
	}
}

func convertInstallRequest(r installRequest) db.InstallRequest {
	request := db.InstallRequest{
		ID:          r.ID,
		Account:     r.Account.Convert(""),
		RequestedAt: r.CreatedAt.Time,
		State:       db.RequestPending,
	}
	if r.Requester != nil {
		request.RequesterID, request.RequesterLogin = r.Requester.ID, Clean(r.Requester.Login)
	}
	return request
}

// InstalledOn reports whether the App is installed on an account
// (https://docs.github.com/rest/apps/apps#get-an-organization-installation-for-the-authenticated-app).
func (a *AppClient) InstalledOn(ctx context.Context, target db.Account) (bool, error) {
	paths := map[string]string{
		db.KindOrganization: "orgs/%s/installation",
		db.KindUser:         "users/%s/installation",
	}
	path, ok := paths[target.Kind]
	if !ok {
		return false, nil // GitHub has no endpoint for enterprises
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
		return true, nil // found under this login
	}
	return answer.Account.ID == target.GitHubID, nil
}
