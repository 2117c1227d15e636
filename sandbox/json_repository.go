package sandbox

import "bytes"

// repositoryLinks are the URLs below a repository's own URL in the API.
var repositoryLinks = map[string]string{
	"archive_url":       "/{archive_format}{/ref}",
	"assignees_url":     "/assignees{/user}",
	"blobs_url":         "/git/blobs{/sha}",
	"branches_url":      "/branches{/branch}",
	"collaborators_url": "/collaborators{/collaborator}",
	"comments_url":      "/comments{/number}",
	"commits_url":       "/commits{/sha}",
	"compare_url":       "/compare/{base}...{head}",
	"contents_url":      "/contents/{+path}",
	"contributors_url":  "/contributors",
	"deployments_url":   "/deployments",
	"downloads_url":     "/downloads",
	"events_url":        "/events",
	"forks_url":         "/forks",
	"git_commits_url":   "/git/commits{/sha}",
	"git_refs_url":      "/git/refs{/sha}",
	"git_tags_url":      "/git/tags{/sha}",
	"hooks_url":         "/hooks",
	"issue_comment_url": "/issues/comments{/number}",
	"issue_events_url":  "/issues/events{/number}",
	"issues_url":        "/issues{/number}",
	"keys_url":          "/keys{/key_id}",
	"labels_url":        "/labels{/name}",
	"languages_url":     "/languages",
	"merges_url":        "/merges",
	"milestones_url":    "/milestones{/number}",
	"notifications_url": "/notifications{?since,all,participating}",
	"pulls_url":         "/pulls{/number}",
	"releases_url":      "/releases{/id}",
	"stargazers_url":    "/stargazers",
	"statuses_url":      "/statuses/{sha}",
	"subscribers_url":   "/subscribers",
	"subscription_url":  "/subscription",
	"tags_url":          "/tags",
	"teams_url":         "/teams",
	"trees_url":         "/git/trees{/sha}",
}

// repository is a repository in lists ("repository"), independent of the caller.
func (bs *bodies) repository(r *repository) object {
	page := bs.url + "/" + r.fullName()
	body := object{
		"id":                          r.ID,
		"node_id":                     nodeID("R", r.ID),
		"name":                        r.Name,
		"full_name":                   r.fullName(),
		"owner":                       bs.simpleUser(r.owner),
		"private":                     r.Private,
		"visibility":                  r.visibility(),
		"html_url":                    page,
		"description":                 orNull(r.Description),
		"homepage":                    orNull(r.Homepage),
		"fork":                        r.ForkOf != 0,
		"is_template":                 r.Template,
		"archived":                    r.Archived,
		"disabled":                    r.Disabled,
		"url":                         bs.apiURL("/repos/", r.fullName()),
		"git_url":                     "git://" + bs.origin.Host + "/" + r.fullName() + ".git",
		"ssh_url":                     "git@" + bs.origin.Hostname() + ":" + r.fullName() + ".git",
		"clone_url":                   page + ".git",
		"svn_url":                     page,
		"mirror_url":                  nil,
		"language":                    orNull(r.Language),
		"license":                     bs.license(r.License),
		"topics":                      append([]string{}, r.Topics...),
		"size":                        r.Size,
		"default_branch":              r.DefaultBranch,
		"stargazers_count":            r.Stars,
		"watchers_count":              r.Stars,
		"watchers":                    r.Stars,
		"forks_count":                 r.Forks,
		"forks":                       r.Forks,
		"open_issues_count":           r.OpenIssues,
		"open_issues":                 r.OpenIssues,
		"has_issues":                  true,
		"has_projects":                true,
		"has_downloads":               true,
		"has_wiki":                    false,
		"has_pages":                   false,
		"has_discussions":             false,
		"allow_forking":               true,
		"web_commit_signoff_required": false,
		"created_at":                  timestamp(r.CreatedAt),
		"updated_at":                  timestamp(r.UpdatedAt),
		"pushed_at":                   timestampOrNull(r.PushedAt),
	}
	for key, path := range repositoryLinks {
		body[key] = bs.apiURL("/repos/", r.fullName(), path)
	}
	if r.owner.organization {
		body["custom_properties"] = orEmpty(r.CustomProperties)
	}
	return body
}

func orEmpty(properties map[string]any) map[string]any {
	if properties == nil {
		return object{}
	}
	return properties
}

// fullRepository is a single repository ("full-repository"), for the caller. Its pushed_at is never null: GitHub
// returns the creation time if nothing was pushed.
func (s *api) fullRepository(r *repository, c *call) any {
	to, behavior := c.caller, s.behavior.Load()
	body := s.bodies.repository(r)
	body["network_count"] = r.Forks
	body["subscribers_count"] = 0
	if r.PushedAt.IsZero() {
		body["pushed_at"] = body["created_at"]
	}
	if to.rateLimitName() != "" {
		body["permissions"] = permissions(to.permission(r))
	}
	if r.owner.organization {
		body["organization"] = s.bodies.simpleUser(r.owner)
	}
	if parent := s.world.Repositories.byID[r.ForkOf]; parent != nil && to.canSee(parent) {
		body["parent"] = s.bodies.repository(parent)
		body["source"] = body["parent"]
	}
	behavior.hidePreviews(c, body)
	return behavior.rewrite(RowRepository, r.ID, body)
}

// permissions encodes a permission as the API does.
func permissions(p Permission) object {
	return object{
		"admin":    p.includes(Admin),
		"maintain": p.includes(Maintain),
		"push":     p.includes(Push),
		"triage":   p.includes(Triage),
		"pull":     p.includes(Pull),
	}
}

// permissionsJSON is the JSON of every permission.
var permissionsJSON = func() map[Permission][]byte {
	all := map[Permission][]byte{}
	for _, p := range permissionOrder {
		all[p] = encode(permissions(p))
	}
	return all
}()

// appendListed writes a repository as in a user's list. All but the permissions is encoded once for all users.
func (bs *bodies) appendListed(b *bytes.Buffer, r *repository, p Permission) {
	drawn := r.encoded.Load()
	if drawn == nil {
		fresh := encode(bs.repository(r))
		drawn = &fresh
		r.encoded.Store(drawn)
	}
	b.Write((*drawn)[:len(*drawn)-1])
	b.WriteString(`,"permissions":`)
	b.Write(permissionsJSON[p])
	b.WriteByte('}')
}

// licenseNames are the names of the licenses that worlds use. The keys are GitHub's: the SPDX id in lower case.
var licenseNames = map[string][2]string{
	"agpl-3.0":     {"AGPL-3.0", "GNU Affero General Public License v3.0"},
	"apache-2.0":   {"Apache-2.0", "Apache License 2.0"},
	"bsd-3-clause": {"BSD-3-Clause", `BSD 3-Clause "New" or "Revised" License`},
	"gpl-3.0":      {"GPL-3.0", "GNU General Public License v3.0"},
	"mit":          {"MIT", "MIT License"},
	"mpl-2.0":      {"MPL-2.0", "Mozilla Public License 2.0"},
}

// license is the license that GitHub detected in the repository; an unknown one is "other", without a URL.
func (bs *bodies) license(key string) any {
	if key == "" {
		return nil
	}
	known, ok := licenseNames[key]
	if !ok {
		return object{"key": "other", "name": "Other", "spdx_id": "NOASSERTION", "url": nil, "node_id": nodeID("L", "other")}
	}
	return object{
		"key":     key,
		"name":    known[1],
		"spdx_id": known[0],
		"url":     bs.apiURL("/licenses/", key),
		"node_id": nodeID("L", key),
	}
}
