package github

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"neptun/db"
)

// perPage is the most that GitHub puts on a page
// (https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api).
const perPage = 100

// account is a user, an organization or an enterprise; the latter has a slug
// for a login, and no type.
type account struct {
	ID        int64  `json:"id"`
	Login     string `json:"login"`
	Slug      string `json:"slug"`
	Type      string `json:"type"`
	AvatarURL string `json:"avatar_url"`
	HTMLURL   string `json:"html_url"`
}

type installation struct {
	ID                  int64             `json:"id"`
	Account             *account          `json:"account"`
	TargetType          string            `json:"target_type"`
	RepositorySelection string            `json:"repository_selection"`
	Permissions         map[string]string `json:"permissions"`
	Events              []string          `json:"events"`
	HTMLURL             string            `json:"html_url"`
	SuspendedAt         *time.Time        `json:"suspended_at"`
	SuspendedBy         *account          `json:"suspended_by"`
}

func (i installation) key() int64 { return i.ID }

// kind is the account's: an enterprise doesn't tell its own.
func (i installation) kind() string { return cmp.Or(i.TargetType, i.Account.Type) }

// installationsPath is where a page is of the installations that GitHub shows to
// a person
// (https://docs.github.com/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token).
func installationsPath(number int) string {
	return fmt.Sprintf("user/installations?per_page=%d&page=%d", perPage, number)
}

// installationsAnswer is what Neptun reads of such a page.
type installationsAnswer struct {
	TotalCount    *int           `json:"total_count"`
	Installations []installation `json:"installations"`
}

func (a installationsAnswer) page(next int) (page[installation], error) {
	if a.TotalCount == nil || a.Installations == nil {
		return page[installation]{}, malformed("the installations")
	}
	return page[installation]{total: *a.TotalCount, items: a.Installations, next: next}, nil
}

func installationsPage(ctx context.Context, p *person, number int) (page[installation], error) {
	var answer installationsAnswer
	next, err := p.get(ctx, installationsPath(number), &answer)
	if err != nil {
		return page[installation]{}, err
	}
	return answer.page(next)
}

// installation asks for one in the App's own name, which sees it even where a
// person doesn't
// (https://docs.github.com/rest/apps/apps#get-an-installation-for-the-authenticated-app).
// The error is ErrNotFound when it is uninstalled.
func (g *GitHub) installation(ctx context.Context, id int64) (installation, error) {
	app, err := g.asApp()
	if err != nil {
		return installation{}, err
	}
	var answer installation
	if _, err := app.get(ctx, fmt.Sprintf("app/installations/%d", id), &answer); err != nil {
		return installation{}, err
	}
	if answer.ID != id || answer.Account == nil {
		return installation{}, malformed("the installation")
	}
	return answer, nil
}

func convertInstallation(i installation) db.Installation {
	facts := db.Installation{
		GitHubID:            i.ID,
		Account:             convertAccount(*i.Account, i.kind()),
		RepositorySelection: i.RepositorySelection,
		Permissions:         i.Permissions,
		Events:              i.Events,
		HTMLURL:             link(i.HTMLURL),
	}
	if i.SuspendedAt != nil {
		facts.SuspendedAt = *i.SuspendedAt
	}
	if i.SuspendedBy != nil {
		facts.SuspendedBy = clean(i.SuspendedBy.Login)
	}
	return facts
}

func convertAccount(a account, kind string) db.Account {
	return db.Account{
		Kind:      kind,
		GitHubID:  a.ID,
		Login:     clean(cmp.Or(a.Login, a.Slug)),
		AvatarURL: link(a.AvatarURL),
		HTMLURL:   link(a.HTMLURL),
	}
}
