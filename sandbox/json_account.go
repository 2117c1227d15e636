package sandbox

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// apiURL is a URL in the API.
func (bs *bodies) apiURL(path ...any) string { return bs.url + apiPrefix + fmt.Sprint(path...) }

// nodeID is an opaque id in GitHub's format.
func nodeID(prefix string, of any) string {
	return prefix + "_" + base64.RawURLEncoding.EncodeToString(fmt.Append(nil, of))
}

// orNull is null for "", as GitHub returns for fields that were never set.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func timestampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return timestamp(t)
}

// simpleUser is an account within other responses ("simple-user"), organizations included.
func (bs *bodies) simpleUser(a *account) object {
	api, page := bs.apiURL("/users/", url.PathEscape(a.Login)), bs.url+"/"+a.Login
	if a.bot {
		page = bs.url + "/apps/" + strings.TrimSuffix(a.Login, "[bot]")
	}
	return object{
		"login":               a.Login,
		"id":                  a.id,
		"node_id":             nodeID(a.kind()[:1], a.id),
		"avatar_url":          bs.avatarURL(a),
		"gravatar_id":         "",
		"url":                 api,
		"html_url":            page,
		"followers_url":       api + "/followers",
		"following_url":       api + "/following{/other_user}",
		"gists_url":           api + "/gists{/gist_id}",
		"starred_url":         api + "/starred{/owner}{/repo}",
		"subscriptions_url":   api + "/subscriptions",
		"organizations_url":   api + "/orgs",
		"repos_url":           api + "/repos",
		"events_url":          api + "/events{/privacy}",
		"received_events_url": api + "/received_events",
		"type":                a.kind(),
		"user_view_type":      "public",
		"site_admin":          false,
	}
}

// simpleUserOrNull returns null for a nil account instead of an empty object.
func (bs *bodies) simpleUserOrNull(a *account) any {
	if a == nil {
		return nil
	}
	return bs.simpleUser(a)
}

// publicUser is an account's profile ("public-user"). GET /user returns this format too: the private one requires
// a permission on the user's account, which the App doesn't request.
func (bs *bodies) publicUser(a *account) object {
	public := 0
	for _, r := range a.repositories {
		if !r.Private {
			public++
		}
	}
	profile := bs.simpleUser(a)
	for key, value := range (object{
		"name":         orNull(a.Name),
		"company":      orNull(a.Company),
		"blog":         a.Blog,
		"location":     orNull(a.Location),
		"email":        orNull(a.Email),
		"hireable":     nil,
		"bio":          orNull(a.Bio),
		"public_repos": public,
		"public_gists": 0,
		"followers":    0,
		"following":    0,
		"created_at":   timestamp(a.CreatedAt),
		"updated_at":   timestamp(a.CreatedAt),
	}) {
		profile[key] = value
	}
	return profile
}

// organizationSimple is the organization within a membership ("organization-simple").
func (bs *bodies) organizationSimple(a *account) object {
	api := bs.apiURL("/orgs/", a.Login)
	return object{
		"login":              a.Login,
		"id":                 a.id,
		"node_id":            nodeID("O", a.id),
		"url":                api,
		"repos_url":          api + "/repos",
		"events_url":         api + "/events",
		"hooks_url":          api + "/hooks",
		"issues_url":         api + "/issues",
		"members_url":        api + "/members{/member}",
		"public_members_url": api + "/public_members{/member}",
		"avatar_url":         bs.avatarURL(a),
		"description":        a.Bio,
	}
}
