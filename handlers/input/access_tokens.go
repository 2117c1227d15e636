package input

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
)

// AccessToken is the body of POST …/access_tokens.
type AccessToken openapi.AccessTokenBody

var (
	tokenKinds       = []string{db.AccessTokenUser, db.AccessTokenInstallation}
	permissionLevels = []string{"read", "write", "admin"}

	// installationPermissions are those that a token of the installation may
	// have: what an admin of a repository may do there anyway. Left out is what
	// an organization can keep from them (administration, secrets) and what
	// reaches beyond the repository (members, packages and every organization_…).
	installationPermissions = []string{
		"actions", "attestations", "checks", "contents", "deployments", "discussions", "environments", "issues",
		"merge_queues", "metadata", "pages", "pull_requests", "repository_hooks", "repository_projects",
		"security_events", "statuses", "vulnerability_alerts", "workflows",
	}

	// https://docs.github.com/rest/repos/repos#create-an-organization-repository
	// takes these characters and turns all others into hyphens.
	repositoryName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
	permissionName = regexp.MustCompile(`^[a-z_]{1,100}$`)
)

// Check fills in what was left out and gathers what doesn't hold together.
func (b *AccessToken) Check() error {
	var p web.Params
	b.Kind = cmp.Or(b.Kind, db.AccessTokenUser)
	if !slices.Contains(tokenKinds, b.Kind) {
		p.Add("kind", "must be one of "+strings.Join(tokenKinds, ", "))
	}
	switch n := len(b.RepositoryIDs) + len(b.Repositories); {
	case n == 0 || len(b.RepositoryIDs) > 0 && len(b.Repositories) > 0:
		p.Add("repository_ids", "or repositories is required, but not both")
	case n > github.MaxTokenRepositories:
		p.Add("repository_ids", "must be "+strconv.Itoa(github.MaxTokenRepositories)+" at most")
	case slices.ContainsFunc(b.Repositories, func(name string) bool { return !repositoryName.MatchString(name) }):
		p.Add("repositories", "must be names of repositories, without the owner")
	}
	if len(b.Permissions) == 0 {
		p.Add("permissions", `is required, such as {"contents":"read"}`)
	}
	for _, name := range slices.Sorted(maps.Keys(b.Permissions)) {
		b.checkPermission(&p, name)
	}
	return p.Err()
}

// CheckAppToken gathers what is wrong with the body of an operator's token.
func CheckAppToken(b openapi.AppTokenBody) error {
	var p web.Params
	if len(b.RepositoryIDs) > github.MaxTokenRepositories {
		p.Add("repository_ids", "must be "+strconv.Itoa(github.MaxTokenRepositories)+" at most")
	}
	if slices.ContainsFunc(b.RepositoryIDs, func(id int64) bool { return id <= 0 }) {
		p.Add("repository_ids", "must be GitHub's ids")
	}
	for _, name := range slices.Sorted(maps.Keys(b.Permissions)) {
		(&AccessToken{Kind: db.AccessTokenUser, Permissions: b.Permissions}).checkPermission(&p, name)
	}
	return p.Err()
}

func (b *AccessToken) checkPermission(p *web.Params, name string) {
	switch level := b.Permissions[name]; {
	case !permissionName.MatchString(name):
		p.Add("permissions", "must be named as GitHub names them")
	case !slices.Contains(permissionLevels, level):
		p.Add("permissions", name+" must be one of "+strings.Join(permissionLevels, ", "))
	case b.Kind == db.AccessTokenInstallation && !slices.Contains(installationPermissions, name):
		p.Add("permissions", name+" is none that a token of the installation can have: "+strings.Join(installationPermissions, ", "))
	}
}
