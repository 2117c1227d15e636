package main

import (
	"encoding/json"
	"strings"
	"testing"

	"neptun/db/dbtest"
)

// A demo starts with imports, a suspended installation, a failed sync and a pending request, one of each.
func TestTheDemoStartsWithData(t *testing.T) {
	p := start(t, map[string]string{"NEPTUN_ADDR": "127.0.0.1:0", "SANDBOX_ADDR": "127.0.0.1:0"}, "demo")
	client := browser(t)
	logIn(t, client, p.address, "marin")
	var suspended, failed []string
	imported := 0.0
	for _, i := range installations(t, client, p.address, 5) {
		login, _ := i["github_account_login"].(string)
		if i["suspended_at"] != nil {
			suspended = append(suspended, login)
		}
		count, _ := i["import_count"].(float64)
		imported += count
		var sync struct{ State, Message string }
		dbtest.Until(t, "the sync of "+login+" has ended", func() bool {
			must(t, json.NewDecoder(get(t, client, p.address+"/api/users/me/installations/"+number(i["id"])+"/sync").Body).Decode(&sync))
			return sync.State == "idle" || sync.State == "failed"
		})
		if sync.State == "failed" && i["suspended_at"] == nil {
			failed = append(failed, login+": "+sync.Message)
		}
	}
	if imported < 10 {
		t.Errorf("%v repositories are imported", imported)
	}
	if len(suspended) != 1 || suspended[0] != "harbor-archive" {
		t.Errorf("suspended: %v", suspended)
	}
	if len(failed) != 1 || !strings.Contains(failed[0], "IP allow list") {
		t.Errorf("failed: %q", failed)
	}
	dbtest.Until(t, "the pending request is shown", func() bool {
		return strings.Contains(read(t, get(t, client, p.address+"/installations")), "lighthouse-keepers")
	})
	p.end(t)
}
