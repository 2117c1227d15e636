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

// PerPage is the most that GitHub puts on a page
// (https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api).
const PerPage = 100

// Account is a user, an organization or an enterprise as GitHub writes it in
// JSON; an enterprise has a slug for a login, and no type.
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

// kind is the account's, as the account itself says, which an enterprise doesn't.
func (i installation) kind() string { return cmp.Or(i.Account.Type, i.TargetType) }

// installationsPath is where a page is of the installations that GitHub shows to
// a person
// (https://docs.github.com/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token).
func installationsPath(number int) string {
	return fmt.Sprintf("user/installations?per_page=%d&page=%d", PerPage, number)
}

// InstallationsPage is a page of a list of installations.
type InstallationsPage struct {
	Fetched
	Total int // on all pages; 0 where GitHub doesn't say
	Next  int // number of the next page, 0 for none
	// Items have the zero account where GitHub has deleted it.
	Items   []db.Installation
	Skipped []Skipped
	// OddFields says which fields were left out.
	OddFields []string
	// Withheld are the organizations, by GitHub's ids, whose installations GitHub left
	// out until the user signs in with their single sign-on.
	Withheld []int64
	// Stored is the page as ReadInstallations takes it.
	Stored []byte
}

// installationsAnswer is what Neptun reads of a page, and stores for the next time.
type installationsAnswer struct {
	TotalCount    *int               `json:"total_count"`
	Installations rows[installation] `json:"installations"`
	Next          int                `json:"next"`
	Withheld      []int64            `json:"withheld,omitempty"`
}

func (a installationsAnswer) page() (InstallationsPage, error) {
	if a.TotalCount == nil || a.Installations.items == nil {
		return InstallationsPage{}, malformed("the installations")
	}
	page := convertInstallations(a.Installations, *a.TotalCount, a.Next)
	page.Withheld = a.Withheld
	return page, nil
}

// Sees reports whether GitHub shows an installation to the user.
func (u *UserClient) Sees(ctx context.Context, installationID int64) (bool, error) {
	var answer struct{}
	_, err := u.get(ctx, repositoriesPath(installationID, 1), &answer)
	switch {
	case errors.Is(err, ErrNotFound):
		return false, nil
	case errors.Is(err, ErrForbidden), errors.Is(err, ErrSuspended):
		return true, nil // and refuses what it reaches
	}
	return err == nil, err
}

// FetchInstallations requests a page of the installations that GitHub shows to the
// user.
func (u *UserClient) FetchInstallations(ctx context.Context, number int, known ETagOf) (InstallationsPage, error) {
	fetched, list, err := fetch[installation](ctx, u, installationsPath(number), "installations", known)
	if err != nil || fetched.Unchanged {
		return InstallationsPage{Fetched: fetched}, err
	}
	answer := installationsAnswer{TotalCount: new(int(*list.total)), Installations: list.rows, Next: fetched.next, Withheld: fetched.withheld}
	page, err := answer.page()
	if err != nil {
		return InstallationsPage{}, err
	}
	page.Fetched = fetched
	if page.Stored, err = json.Marshal(answer); err != nil {
		return InstallationsPage{}, fmt.Errorf("github: encode a page: %w", err)
	}
	return page, nil
}

// ReadInstallations reads a page as it was stored.
func ReadInstallations(stored []byte) (InstallationsPage, error) {
	var answer installationsAnswer
	if err := json.Unmarshal(stored, &answer); err != nil {
		return InstallationsPage{}, fmt.Errorf("github: read a stored page: %w", err)
	}
	return answer.page()
}

// AppInstallations asks for a page of all installations of the App
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
	return convertInstallations(items, 0, next), nil
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

// installation asks for one in the App's own name, which sees it even where a
// person doesn't
// (https://docs.github.com/rest/apps/apps#get-an-installation-for-the-authenticated-app).
// The error is ErrNotFound when it is uninstalled. Its account is nil where GitHub has
// deleted it.
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
		RepositorySelection: i.RepositorySelection,
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
	if i.Account != nil {
		facts.Account = i.Account.Convert(i.kind())
	}
	facts.SuspendedAt = i.SuspendedAt.Time
	if i.SuspendedBy != nil {
		facts.SuspendedBy = Clean(i.SuspendedBy.Login)
	}
	return facts
}

// Convert makes it an account of a kind.
func (a Account) Convert(kind string) db.Account {
	return db.Account{
		Kind:      kind,
		GitHubID:  a.ID,
		Login:     Clean(cmp.Or(a.Login, a.Slug)),
		AvatarURL: link(a.AvatarURL),
		HTMLURL:   link(a.HTMLURL),
	}
}

// Reaches reports whether an installation reaches a repository, by its name, as
// the App is told
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
