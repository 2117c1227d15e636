package syncer

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

// rewrite changes the JSON of one row.
func (s *stage) rewrite(kind sandbox.Row, id int64, change func(map[string]any) any) {
	s.server.SetBehavior(sandbox.Behavior{Rewrite: func(row sandbox.Row, of int64, body map[string]any) any {
		if row == kind && of == id {
			return change(body)
		}
		return body
	}})
}

func set(key string, value any) func(map[string]any) any {
	return func(body map[string]any) any { body[key] = value; return body }
}

func inAccount(key string, value any) func(map[string]any) any {
	return func(body map[string]any) any { body["account"].(map[string]any)[key] = value; return body }
}

// R5: one malformed row affects at most itself.
func TestR5AMalformedRepositoryDoesNotHideOthers(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(map[string]any) any
		skipped int64
	}{
		"owner null":         {change: set("owner", nil)},
		"owner without type": {change: func(body map[string]any) any { delete(body["owner"].(map[string]any), "type"); return body }},
		"owner a number":     {change: set("owner", 7)},
		"pushed_at a word":   {change: set("pushed_at", "recently")},
		"pushed_at a number": {change: set("pushed_at", 1.5)},
		"size a word":        {change: set("size", "big")},
		"size fractional":    {change: set("size", 1.5)},
		"topics null":        {change: set("topics", nil)},
		"private a word":     {change: set("archived", "no")},
		"permissions a list": {change: set("permissions", []any{"admin"})},
		"license a word":     {change: set("license", "MIT")},
		"private null":       {change: set("private", nil)},
		"visibility unknown": {change: set("visibility", "secret")},
		"stars a word":       {change: set("stargazers_count", "many")},
		"owner a stranger":   {change: func(body map[string]any) any { body["owner"].(map[string]any)["type"] = "Bot"; return body }},
		"properties a list":  {change: set("custom_properties", []any{1})},
		"a number":           {change: func(map[string]any) any { return 7 }, skipped: 1},
		"a list":             {change: func(map[string]any) any { return []any{1} }, skipped: 1},
		"id too large":       {change: set("id", json.Number("9223372036854775808")), skipped: 1},
		"id fractional":      {change: set("id", 7.5), skipped: 1},
		"null":               {change: func(map[string]any) any { return nil }, skipped: 1},
		"id null":            {change: set("id", nil), skipped: 1},
		"id a word":          {change: set("id", "seven"), skipped: 1},
		"no name":            {change: set("name", nil), skipped: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := atlas(t, dbtest.SQLite(t), 5)
			before := s.names("atlas")
			s.rewrite(sandbox.RowRepository, s.world.Repositories.List("atlas")[2].ID, c.change)
			got := s.resync()
			s.expectSync(got, db.SyncIdle, "")
			if names := s.names("atlas"); !slices.Equal(names, before) {
				t.Errorf("seen are %v, expected %v", names, before)
			}
			if got.Skipped != c.skipped || c.skipped > 0 && !strings.Contains(got.Note, "skipped") {
				t.Errorf("%d are skipped, and the note is %q", got.Skipped, got.Note)
			}
		})
	}
}

// R13: users and operators see how many rows a sync skipped, and why.
func TestR13SkippedRowsAreCountedByReason(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 5)
	odd := map[int64]func(map[string]any) any{}
	for i, change := range []func(map[string]any) any{
		func(map[string]any) any { return nil }, set("id", nil), set("id", "seven"), set("name", nil),
	} {
		odd[s.world.Repositories.List("atlas")[i].ID] = change
	}
	s.server.SetBehavior(sandbox.Behavior{Rewrite: func(row sandbox.Row, of int64, body map[string]any) any {
		if change := odd[of]; row == sandbox.RowRepository && change != nil {
			return change(body)
		}
		return body
	}})
	got := s.resync()
	s.expectSync(got, db.SyncIdle, "")
	if want := "4 repositories couldn't be read and were skipped: 2 without an id, 1 without a name, 1 empty."; got.Skipped != 4 || got.Note != want {
		t.Errorf("%d are skipped: %q", got.Skipped, got.Note)
	}
	found, err := s.syncer.db.ListFindings(t.Context())
	if err != nil || found.Users.String() != `{"no_id":2,"no_name":1,"null":1}` || found.Syncs != 1 {
		t.Errorf("operators find %+v, %v", found, err)
	}

	s.rewrite(sandbox.RowInstallation, s.at("atlas").GitHubID, set("account", nil))
	if err := s.syncer.db.QueueSync(t.Context(), db.SyncAppInstallations{}); err != nil {
		t.Fatal(err)
	}
	s.work()
	if found, err = s.syncer.db.ListFindings(t.Context()); err != nil || found.App.String() != `{"no_account":1}` {
		t.Errorf("operators find %+v, %v", found, err)
	}
}

// An unreadable row doesn't count as gone; other missing rows are removed when GitHub confirms it.
func TestR5AnUnreadableRowRemovesNothing(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 5)
	repositories := s.world.Repositories.List("atlas")
	s.world.Repositories.Delete(repositories[0].ID)
	s.rewrite(sandbox.RowRepository, repositories[2].ID, func(map[string]any) any { return nil })
	s.expectSync(s.resync(), db.SyncIdle, "")
	names := s.names("atlas")
	if len(names) != 4 || slices.Contains(names, repositories[0].Name) || !slices.Contains(names, repositories[2].Name) {
		t.Errorf("seen are %v", names)
	}
}

func TestR5AMalformedInstallationDoesNotHideOthers(t *testing.T) {
	for name, change := range map[string]func(map[string]any) any{
		"null":                       func(map[string]any) any { return nil },
		"id null":                    set("id", nil),
		"account null":               set("account", nil),
		"account a word":             set("account", "reef"),
		"suspended_at a word":        set("suspended_at", "yesterday"),
		"permissions a list":         set("permissions", []any{}),
		"events null":                set("events", nil),
		"repository_selection a 1":   set("repository_selection", 1),
		"target_type another (R6)":   set("target_type", "Enterprise"),
		"no target_type at all (R6)": set("target_type", nil),
		"a number":                   func(map[string]any) any { return 7 },
		"id too large":               set("id", json.Number("9223372036854775808")),
		"account empty":              set("account", map[string]any{}),
		"login null":                 inAccount("login", nil),
		"type unknown (R6)":          inAccount("type", "Bot"),
		"no type of any kind (R6)": func(body map[string]any) any {
			body["target_type"] = nil
			return inAccount("type", nil)(body)
		},
		"neither type known (R6)": func(body map[string]any) any {
			body["target_type"] = "Planet"
			return inAccount("type", "Bot")(body)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := member(t, dbtest.SQLite(t))
			before := s.at("reef")
			s.rewrite(sandbox.RowInstallation, before.GitHubID, change)
			s.sync()
			s.expectSync(s.listSync(), db.SyncIdle, "")
			if n := len(s.installations()); n != 2 {
				t.Fatalf("%d installations are seen", n)
			}
			if now := s.at("reef"); now.Account != before.Account {
				t.Errorf("the account is %+v, before %+v", now.Account, before.Account)
			}
			if names := s.names("reef"); fmt.Sprint(names) != "[shared]" {
				t.Errorf("in reef ada sees %v", names)
			}
			if names := s.names("ada"); fmt.Sprint(names) != "[own]" {
				t.Errorf("in ada ada sees %v", names)
			}
		})
	}
}

func TestR5AMalformedDeliveryOrRequestDoesNotHideOthers(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	for _, org := range []string{"atoll", "lagoon"} {
		s.world.Accounts.AddOrganization(sandbox.Organization{Login: org})
		s.world.Accounts.AddMember(org, "owner", sandbox.RoleAdmin)
		s.world.Accounts.AddMember(org, "ada", sandbox.RoleMember)
	}
	odd := s.world.InstallationRequests.Create("atoll", "ada")
	s.world.InstallationRequests.Create("lagoon", "ada")
	for _, change := range []func(map[string]any) any{
		func(map[string]any) any { return nil }, func(map[string]any) any { return []any{} }, set("account", nil), inAccount("type", "Bot"), set("created_at", "soon"), set("id", "x"), set("requester", 7),
	} {
		s.rewrite(sandbox.RowInstallationRequest, odd, change)
		s.watch()
		if got := s.requests(); got["lagoon"] != db.RequestPending {
			t.Fatalf("the requests are %v", got)
		}
	}
}

// R6: repositories listed under another account than the installation's are counted.
func TestR6RepositoriesOfAnotherAccountAreNoted(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 3)
	s.rewrite(sandbox.RowRepository, s.world.Repositories.List("atlas")[1].ID, set("owner", map[string]any{"id": 9_999, "login": "elsewhere", "type": "Organization"}))
	got := s.resync()
	s.expectSync(got, db.SyncIdle, "")
	if !strings.Contains(got.Note, "1 repository belongs to another account") {
		t.Errorf("the note is %q", got.Note)
	}
}

// R9: the total and the links of a list may be wrong.
func TestR9AListWithoutLinkHeadersIsReadToItsEnd(t *testing.T) {
	s := atlas(t, dbtest.SQLite(t), 250)
	s.server.SetBehavior(sandbox.Behavior{NoLinkHeader: true})
	s.signIn("ada") // no pages are cached for a new token
	s.server.ResetRequests()
	got := s.resync()
	s.expectSync(got, db.SyncIdle, "")
	if got.Note != "" || len(s.names("atlas")) != 250 || s.server.RequestCount("/repositories") != 3 {
		t.Errorf("note %q, %d names, %d requests", got.Note, len(s.names("atlas")), s.server.RequestCount("/repositories"))
	}
}

func TestR9ATotalThatStaysWrongIsUncertain(t *testing.T) {
	for _, wrong := range []int{-2, 3, 100, 1_000_000} {
		t.Run(fmt.Sprint(wrong), func(t *testing.T) {
			s := atlas(t, dbtest.SQLite(t), 250)
			repositories := s.world.Repositories.List("atlas")
			s.world.Repositories.Delete(repositories[0].ID)
			s.server.SetBehavior(sandbox.Behavior{TotalCount: func(path string, total int) int {
				if strings.HasSuffix(path, "/repositories") {
					return total + wrong
				}
				return total
			}})
			s.server.ResetRequests()
			got := s.resync()
			s.expectSync(got, db.SyncIdle, "")
			if want := fmt.Sprintf("reported %d repositories but listed 249", 249+wrong); !strings.Contains(got.Note, want) {
				t.Errorf("the note is %q", got.Note)
			}
			names := s.names("atlas")
			if len(names) != 249 || slices.Contains(names, repositories[0].Name) {
				t.Errorf("%d are seen", len(names))
			}
			if n := s.server.RequestCount("/repositories"); n > 3*(3+2*12) {
				t.Errorf("%d requests were sent to GitHub", n)
			}
		})
	}
}

func TestR9AnInstallationListWithAWrongTotalIsAccepted(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	s.server.SetBehavior(sandbox.Behavior{TotalCount: func(path string, total int) int {
		if strings.HasSuffix(path, "/user/installations") {
			return total + 1
		}
		return total
	}})
	s.signIn("ada")
	s.sync()
	got := s.listSync()
	s.expectSync(got, db.SyncIdle, "")
	if len(s.installations()) != 2 || !strings.Contains(got.Note, "reported 3 installations but listed 2") {
		t.Errorf("%d are seen, and the note is %q", len(s.installations()), got.Note)
	}
}

// R9: a list without a total is read to its end, and removes nothing unless GitHub confirms it. R7: no total isn't 0.
func TestR9AListWithoutATotal(t *testing.T) {
	for _, noLink := range []bool{false, true} {
		t.Run(fmt.Sprintf("without Link %v", noLink), func(t *testing.T) {
			s := atlas(t, dbtest.SQLite(t), 250)
			repositories := s.world.Repositories.List("atlas")
			s.world.Repositories.Delete(repositories[0].ID)
			s.server.SetBehavior(sandbox.Behavior{NoLinkHeader: noLink, TotalCount: func(string, int) int { return -1 }})
			s.signIn("ada")
			got := s.resync()
			s.expectSync(got, db.SyncIdle, "")
			if want := "GitHub listed 249 repositories but didn't report how many there are."; !strings.Contains(got.Note, want) {
				t.Errorf("the note is %q", got.Note)
			}
			if names := s.names("atlas"); len(names) != 249 || slices.Contains(names, repositories[0].Name) {
				t.Errorf("%d are seen", len(names))
			}
			s.sync()
			list := s.listSync()
			s.expectSync(list, db.SyncIdle, "")
			if want := "GitHub listed 1 installation but didn't report how many there are."; list.Note != want || len(s.installations()) != 1 {
				t.Errorf("the note is %q, with %d installations", list.Note, len(s.installations()))
			}
		})
	}
}

// R7: a list that is empty and has no readable total isn't valid.
func TestR7AnUnreadableTotalIsNotZero(t *testing.T) {
	for name, total := range map[string]string{"missing": "", "null": `"total_count":null,`, "text": `"total_count":"0",`, "fractional": `"total_count":0.5,`, "too large": `"total_count":9223372036854775808,`, "negative": `"total_count":-1,`} {
		t.Run(name, func(t *testing.T) {
			s := member(t, dbtest.SQLite(t))
			for _, path := range []string{"/user/installations", "/repositories"} {
				s.server.FailPath(path, &sandbox.Fault{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: "{" + total + `"installations":[],"repositories":[]}`})
				s.sync()
				if got := fmt.Sprint(s.names("ada"), s.names("reef")); got != "[own] [shared]" {
					t.Errorf("after %s one sees %s", path, got)
				}
			}
		})
	}
}
