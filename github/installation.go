package github

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"neptun/db"
)

// PerPage is the maximum page size
// (https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api).
const PerPage = 100

// Account is a user, an organization or an enterprise in GitHub's JSON. An enterprise
// has a slug instead of a login, and no type.
type Account struct {
	ID        int64  `json:"id"`
	Login     string `json:"login"`
	Slug      string `json:"slug"`
	Type      string `json:"type"`
	AvatarURL string `json:"avatar_url"`
	HTMLURL   string `json:"html_url"`
}

type installation struct {
	ID                  int64             `json:"id"`
	Account             *Account          `json:"account"`
	TargetType          string            `json:"target_type"`
	RepositorySelection string            `json:"repository_selection"`
	Permissions         map[string]string `json:"permissions"`
	Events              []string          `json:"events"`
	HTMLURL             string            `json:"html_url"`
	SuspendedAt         moment            `json:"suspended_at"`
	SuspendedBy         *Account          `json:"suspended_by"`
	CreatedAt           moment            `json:"created_at"`
	UpdatedAt           moment            `json:"updated_at"`
	AppSlug             string            `json:"app_slug"`
	SingleFileName      string            `json:"single_file_name"`
	SingleFilePaths     []string          `json:"single_file_paths"`
}

// account returns the account, or the zero value if GitHub doesn't report it or its kind.
func (i installation) account() db.Account {
	if i.Account == nil {
		return db.Account{}
	}
	account := i.Account.Convert(i.TargetType)
	if account.Kind == "" {
		return db.Account{}
	}
	return account
}

// installationsPath is the path of a page of the installations that GitHub shows to a
// user
// (https://docs.github.com/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token).
func installationsPath(number int) string {
	return fmt.Sprintf("user/installations?per_page=%d&page=%d", PerPage, number)
}

// InstallationsPage is a page of a list of installations.
type InstallationsPage struct {
	Fetched
	Total int // on all pages, or UnknownTotal
	Next  int // number of the next page, 0 for none
	// Items whose account was deleted on GitHub, or is of an unknown kind, have the zero account.
	Items   []db.Installation
	Skipped []Skipped
	// OddFields describes the fields that were ignored.
	OddFields []string
	// Withheld are the GitHub ids of the organizations whose installations GitHub left out
	// until the user signs in with their single sign-on.
	Withheld []int64
	// Stored is the page as stored, for ReadInstallations.
	Stored []byte
}

// installationsAnswer is the part of a page that Neptun uses and stores.
type installationsAnswer struct {
	TotalCount    optional[int64]    `json:"total_count"`
	Installations rows[installation] `json:"installations"`
	Next          int                `json:"next"`
	Withheld      []int64            `json:"withheld,omitempty"`
}

func (a installationsAnswer) page() InstallationsPage {
	page := convertInstallations(a.Installations, int(total(a.TotalCount)), a.Next)
	page.Withheld = a.Withheld
	return page
}

// Sees reports whether GitHub shows an installation to the user.
func (u *UserClient) Sees(ctx context.Context, installationID int64) (bool, error) {
	var answer struct{}
	_, err := u.get(ctx, repositoriesPath(installationID, 1), &answer)
	switch {
	case errors.Is(err, ErrNotFound):
		return false, nil
	case errors.Is(err, ErrForbidden), errors.Is(err, ErrSuspended):
		return true, nil // shown, but its content is refused
	}
	return err == nil, err
}

// FetchInstallations requests a page of the installations that GitHub shows to the user.
func (u *UserClient) FetchInstallations(ctx context.Context, number int, known ETagOf) (InstallationsPage, error) {
	fetched, list, err := fetch[installation](ctx, u, installationsPath(number), "installations", number == 1, known)
	if err != nil || fetched.Unchanged {
		return InstallationsPage{Fetched: fetched}, err
	}
	answer := installationsAnswer{TotalCount: list.total, Installations: list.rows, Next: fetched.next, Withheld: fetched.withheld}
	page := answer.page()
	page.Fetched = fetched
	if page.Stored, err = json.Marshal(answer); err != nil {
		return InstallationsPage{}, fmt.Errorf("github: encode a page: %w", err)
	}
	return page, nil
}

// ReadInstallations decodes a stored page.
func ReadInstallations(stored []byte) (InstallationsPage, error) {
	var answer installationsAnswer
	if err := json.Unmarshal(stored, &answer); err != nil {
		return InstallationsPage{}, fmt.Errorf("github: read a stored page: %w", err)
	}
	return answer.page(), nil
}

// AppInstallations requests a page of all installations of the App
// (https://docs.github.com/rest/apps/apps#list-installations-for-the-authenticated-app).
func (a *AppClient) AppInstallations(ctx context.Context, number int) (InstallationsPage, error) {
	app, err := a.client() // for each page: a long list outlives a token
	if err != nil {
		return InstallationsPage{}, err
	}
	var items rows[installation]
	next, err := app.get(ctx, fmt.Sprintf("app/installations?per_page=%d&page=%d", PerPage, number), &items)
	if err != nil {
		return InstallationsPage{}, err
	}
	if items.items == nil {
		return InstallationsPage{}, malformed("the installations")
	}
	return convertInstallations(items, UnknownTotal, next), nil
}

func installationsPage(ctx context.Context, u *UserClient, number int) (items []installation, next int, err error) {
	var answer installationsAnswer
	next, err = u.get(ctx, installationsPath(number), &answer)
	if err == nil && answer.Installations.items == nil {
		return nil, 0, malformed("the installations")
	}
	for _, item := range answer.Installations.items {
		if item != nil {
			items = append(items, *item)
		}
	}
	return items, next, err
}

// installation requests an installation as the App, which sees it even if the user
// doesn't
// (https://docs.github.com/rest/apps/apps#get-an-installation-for-the-authenticated-app).
// The error is ErrNotFound if it was uninstalled. Its account is nil if it was deleted
// on GitHub.
func (a *AppClient) installation(ctx context.Context, id int64) (installation, error) {
	app, err := a.client()
	if err != nil {
		return installation{}, err
	}
	var answer installation
	if _, err := app.get(ctx, fmt.Sprintf("app/installations/%d", id), &answer); err != nil {
		return installation{}, err
	}
	if answer.ID != id {
		return installation{}, malformed("the installation")
	}
	return answer, nil
}

func convertInstallations(list rows[installation], total, next int) InstallationsPage {
	page := InstallationsPage{Total: total, Next: next, OddFields: list.oddFields()}
	for place, item := range list.items {
		switch {
		case item == nil:
			page.Skipped = append(page.Skipped, skipped(place, 0, db.SkippedNull))
		case item.ID <= 0:
			page.Skipped = append(page.Skipped, skipped(place, 0, db.SkippedNoID))
		default:
			page.Items = append(page.Items, convertInstallation(*item))
		}
	}
	return page
}

func convertInstallation(i installation) db.Installation {
	facts := db.Installation{
		GitHubID:            i.ID,
		RepositorySelection: selection(i.RepositorySelection),
		Permissions:         i.Permissions,
		Events:              i.Events,
		HTMLURL:             link(i.HTMLURL),
		InstalledAt:         i.CreatedAt.Time,
		UpdatedAt:           i.UpdatedAt.Time,
		AppSlug:             Clean(i.AppSlug),
		SingleFileName:      Clean(i.SingleFileName),
	}
	for _, path := range i.SingleFilePaths {
		facts.SingleFilePaths = append(facts.SingleFilePaths, Clean(path))
	}
	facts.Account = i.account()
	facts.SuspendedAt = i.SuspendedAt.Time
	if i.SuspendedBy != nil {
		facts.SuspendedBy = Clean(i.SuspendedBy.Login)
	}
	return facts
}

// selection returns a known value of repository_selection, or "".
func selection(reported string) string {
	switch reported {
	case db.SelectionAll, db.SelectionSelected:
		return reported
	}
	return ""
}

// Convert converts an account. If its own type is missing or unknown, the kind is
// otherwise, or "" if that is unknown, too. Enterprises have a slug and no type.
func (a Account) Convert(otherwise string) db.Account {
	return db.Account{
		Kind:      cmp.Or(kind(a.Type), kind(otherwise), a.kindOfSlug()),
		GitHubID:  a.ID,
		Login:     Clean(cmp.Or(a.Login, a.Slug)),
		AvatarURL: link(a.AvatarURL),
		HTMLURL:   link(a.HTMLURL),
	}
}

// kind returns a known kind of account, or "".
func kind(reported string) string {
	switch reported {
	case db.KindUser, db.KindOrganization, db.KindEnterprise:
		return reported
	}
	return ""
}

func (a Account) kindOfSlug() string {
	if a.Slug == "" {
		return ""
	}
	return db.KindEnterprise
}

// Reaches reports whether an installation has access to a repository, given its name,
// by a request as the App
// (https://docs.github.com/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app).
func (a *AppClient) Reaches(ctx context.Context, installationID int64, owner, name string) (bool, error) {
	app, err := a.client()
	if err != nil {
		return false, err
	}
	var answer installation
	_, err = app.get(ctx, fmt.Sprintf("repos/%s/%s/installation", url.PathEscape(owner), url.PathEscape(name)), &answer)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return answer.ID == installationID, err
}
