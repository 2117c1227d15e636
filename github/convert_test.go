package github

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"neptun/db"
)

func TestARepositoryIsConverted(t *testing.T) {
	const input = `{
		"id": 3141592702, "name": "char\u0000ts", "full_name": "acme/charts",
		"owner": {"id": 7, "login": "acme", "type": "Organization", "avatar_url": "https://avatars.example/7", "html_url": "https://github.com/acme"},
		"html_url": "https://github.com/acme/charts", "description": "Sea\u0000 <b>charts</b>", "language": "Go",
		"license": {"key": "mit", "spdx_id": "MIT"}, "size": 42, "homepage": "https://acme.example", "default_branch": "trunk",
		"topics": ["maps", "se\u0000a"], "visibility": "internal", "private": true, "fork": true, "is_template": true, "archived": true,
		"pushed_at": "2026-01-02T15:04:05Z", "custom_properties": {"teams": ["a", "b"], "tier": "1", "audited": null},
		"clone_url": "https://github.com/acme/charts.git", "ssh_url": "git@github.com:acme/charts.git", "node_id": "R_1",
		"stargazers_count": 80, "forks_count": 0, "open_issues_count": -1, "disabled": false,
		"created_at": "2020-01-02T15:04:05Z", "updated_at": "2026-01-01T00:00:00Z",
		"permissions": {"admin": false, "maintain": true, "push": true, "triage": true, "pull": true}
	}`
	expected := db.ListedRepository{
		Repository: db.Repository{
			ID: 3141592702, Owner: "acme", Name: "charts", HTMLURL: "https://github.com/acme/charts", Description: "Sea <b>charts</b>",
			Language: "Go", License: "MIT", SizeKB: 42, WebsiteURL: "https://acme.example", DefaultBranch: "trunk", Topics: []string{"maps", "sea"},
			Visibility: "internal", IsPrivate: true, IsFork: true, IsTemplate: true, IsArchived: true,
			PushedAt: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC),
			// R8: further facts as GitHub sends them, nil if unknown.
			CloneURL: "https://github.com/acme/charts.git", SSHURL: "git@github.com:acme/charts.git", NodeID: "R_1",
			Stars: new(int64(80)), Forks: new(int64(0)), IsDisabled: new(false),
			GitHubCreatedAt: time.Date(2020, 1, 2, 15, 4, 5, 0, time.UTC), GitHubUpdatedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			CustomProperties: json.RawMessage(`{"audited":null,"teams":["a","b"],"tier":"1"}`),
		},
		OwnerAccount: db.Account{Kind: db.KindOrganization, GitHubID: 7, Login: "acme", AvatarURL: "https://avatars.example/7", HTMLURL: "https://github.com/acme"},
		Permission:   "maintain",
	}
	if got := convertRepository(decode[repository](t, input)); !reflect.DeepEqual(got, expected) {
		t.Errorf("got\n%+v, expected\n%+v", got, expected)
	}
}

func TestMissingOrMalformedFieldsAreEmpty(t *testing.T) {
	for name, input := range map[string]string{
		"null":    `{"id":1,"name":"a","owner":{"id":7},"html_url":null,"description":null,"license":null,"homepage":null,"topics":null,"pushed_at":null,"permissions":null}`,
		"missing": `{"id":1,"name":"a","owner":{"id":7}}`,
		"wrong":   `{"id":1,"name":"a","owner":{"id":7},"html_url":"javascript:alert(1)","topics":{"0":"maps"},"license":{"spdx_id":null}}`,
		"mixed":   `{"id":1,"name":"a","owner":{"id":7},"html_url":"/relative","topics":["maps",4]}`,
	} {
		got := convertRepository(decode[repository](t, input))
		expected := db.ListedRepository{
			Repository:   db.Repository{ID: 1, Name: "a", Visibility: "private", IsPrivate: true}, // the cautious assumption
			OwnerAccount: db.Account{GitHubID: 7},
			Permission:   "pull",
		}
		if !reflect.DeepEqual(got, expected) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestThePermissionIsTheHighestGiven(t *testing.T) {
	input := map[string]bool{}
	for _, permission := range []string{"pull", "triage", "push", "maintain", "admin"} {
		input[permission] = true
		if got := strongest(input); got != permission {
			t.Errorf("of %v it is %s", input, got)
		}
	}
}

func TestAnInstallationIsConverted(t *testing.T) {
	const input = `{
		"id": 51, "account": {"id": 9, "slug": "acme-inc", "name": "Acme", "avatar_url": "https://avatars.example/9", "html_url": "https://github.com/enterprises/acme-inc"},
		"target_type": "Enterprise", "repository_selection": "selected", "permissions": {"metadata": "read", "a_new_one": "write"}, "events": ["repository"],
		"html_url": "https://github.com/enterprises/acme-inc/settings/installations/51",
		"suspended_at": "2026-01-02T15:04:05Z", "suspended_by": {"id": 3, "login": "ada"}
	}`
	expected := db.Installation{
		GitHubID:            51,
		Account:             db.Account{Kind: db.KindEnterprise, GitHubID: 9, Login: "acme-inc", AvatarURL: "https://avatars.example/9", HTMLURL: "https://github.com/enterprises/acme-inc"},
		RepositorySelection: db.SelectionSelected,
		Permissions:         map[string]string{"metadata": "read", "a_new_one": "write"},
		Events:              []string{"repository"},
		HTMLURL:             "https://github.com/enterprises/acme-inc/settings/installations/51",
		SuspendedAt:         time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC),
		SuspendedBy:         "ada",
	}
	if got := convertInstallation(decode[installation](t, input)); !reflect.DeepEqual(got, expected) {
		t.Errorf("got\n%+v, expected\n%+v", got, expected)
	}
}

func decode[T any](t *testing.T, text string) (value T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
