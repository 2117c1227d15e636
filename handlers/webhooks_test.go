package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

func TestP29EventsAreNamedAsGitHubSpellsThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := harbor()
		s, _ := listening(t, w, databaseURL)
		mats := s.logIn("mats")
		record := mats.record("harbor")
		s.gitHub.ResetRequests()

		w.Suspend(installation, "otto")
		s.delivered()
		if said := mats.get("/installations/" + record).text("#suspended"); !strings.Contains(said, "by otto") {
			t.Errorf("the page says %q", said)
		}
		if at := mats.get("/api/users/me/installations").list()[0]["suspended_at"]; at == nil {
			t.Error("the list shows no suspension")
		}
		w.Unsuspend(installation)
		s.delivered()
		if at := mats.get("/api/users/me/installations").list()[0]["suspended_at"]; at != nil {
			t.Errorf("it is still shown as suspended since %v", at)
		}
		w.RenameAccount("harbor", "marina")
		s.delivered()
		if login := mats.get("/api/users/me/installations").list()[0]["github_account_login"]; login != "marina" {
			t.Errorf("the account is shown as %v", login)
		}
		w.SetAppPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "read"})
		w.AcceptPermissions(installation)
		s.delivered()
		if in, err := s.db.FindAppInstallation(t.Context(), installation); err != nil || in.Permissions["contents"] != "read" {
			t.Errorf("accepted are %v, %v", in.Permissions, err)
		}
		w.Uninstall(installation)
		s.delivered()
		if list := mats.get("/api/users/me/installations").list(); len(list) != 0 {
			t.Errorf("the list is still %v", list)
		}
		w.Ping()
		w.Install("otto", sandbox.SelectAll)
		got := s.delivered()
		for _, want := range []string{
			"installation suspend: applied", "installation unsuspend: applied", "installation_target renamed: applied",
			"installation new_permissions_accepted: applied", "installation deleted: applied", "installation created: applied", "ping: applied",
		} {
			if !slices.Contains(got, want) {
				t.Errorf("%q is not in %q", want, got)
			}
		}
		for _, request := range s.gitHub.Requests() {
			if strings.Contains(request.Path, "/user") {
				t.Errorf("a person's own token asked for %s", request.Path)
			}
		}
	})
}

func TestP29TheSignatureIsOverTheBytesThatCame(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := harbor()
		s, _ := listening(t, w, databaseURL)
		mats := s.logIn("mats")
		w.SetHookURL("") // what comes, the test sends
		w.Suspend(installation, "otto")

		odd := fmt.Sprintf("{ \"action\" :\t\"suspend\",\r\n  \"installation\":{\"id\":%d ,\"note\":\"\\u003cT\\u00fcr\\/Tor\\u003e\"},\n \"size\":1.0e2 }\n", installation)
		var value any
		must(t, json.Unmarshal([]byte(odd), &value))
		again, err := json.Marshal(value)
		must(t, err)
		reencoded := signed(newSecret, "odd", "installation", odd)
		reencoded.signature = signatureOf(newSecret, string(again))
		s.send(reencoded).status(http.StatusUnauthorized)

		s.send(signed(newSecret, "misspelt", "installation", strings.Replace(odd, "suspend", "suspended", 1))).status(http.StatusAccepted)
		if got := s.outcome("misspelt"); got != db.DeliveryIgnored {
			t.Errorf("a misspelt action is %s", got)
		}
		s.send(signed(newSecret, "odd", "installation", odd)).status(http.StatusAccepted)
		if got := s.outcome("odd"); got != db.DeliveryApplied {
			t.Errorf("it is %s", got)
		}
		if at := mats.get("/api/users/me/installations").list()[0]["suspended_at"]; at == nil {
			t.Error("the list shows no suspension")
		}
	})
}

func TestTwoWebhookSecretsCountAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		s, logs := listening(t, w, databaseURL)
		for _, c := range []struct {
			secret string
			status int
		}{
			{oldSecret, http.StatusAccepted},
			{newSecret, http.StatusAccepted},
			{"a-secret-of-somebody-else", http.StatusUnauthorized},
			{oldSecret + "," + newSecret, http.StatusUnauthorized},
			{"", http.StatusUnauthorized}, // unsigned
		} {
			w.SetWebhookSecret(c.secret)
			w.Ping()
			got := s.delivered()
			made := s.gitHub.Deliveries()
			if last := made[len(made)-1]; last.StatusCode != c.status {
				t.Errorf("signed with %q, a webhook is answered %d: %s", c.secret, last.StatusCode, last.ResponseBody)
			}
			if len(got) > 2 {
				t.Errorf("taken: %q", got)
			}
		}
		for _, secret := range []string{oldSecret, newSecret, "sha256=", "Keep it logically awesome"} {
			if strings.Contains(logs.String(), secret) {
				t.Errorf("%q is in the log", secret)
			}
		}
	})
}

func TestWhatIsNoWebhookIsRefused(t *testing.T) {
	t.Parallel()
	w, installation := harbor()
	s, logs := listening(t, w, dbtest.SQLite(t))
	body := fmt.Sprintf(`{"action":"suspend","installation":{"id":%d}}`, installation)
	for name, c := range map[string]struct {
		spoil  func(*webhook)
		status int
	}{
		"no signature":         {func(h *webhook) { h.signature = "" }, http.StatusUnauthorized},
		"half a signature":     {func(h *webhook) { h.signature = h.signature[:20] }, http.StatusUnauthorized},
		"no digits":            {func(h *webhook) { h.signature = "sha256=" + strings.Repeat("z", 64) }, http.StatusUnauthorized},
		"nothing signed":       {func(h *webhook) { h.signature = "sha256=" }, http.StatusUnauthorized},
		"SHA-1":                {func(h *webhook) { h.signature = strings.Replace(h.signature, "sha256", "sha1", 1) }, http.StatusUnauthorized},
		"another body":         {func(h *webhook) { h.body += " " }, http.StatusUnauthorized},
		"no id":                {func(h *webhook) { h.guid = "" }, http.StatusBadRequest},
		"an id of many words":  {func(h *webhook) { h.guid = "a b" }, http.StatusBadRequest},
		"no event":             {func(h *webhook) { h.event = "" }, http.StatusBadRequest},
		"no JSON":              {func(h *webhook) { h.body = "action=suspend" }, http.StatusBadRequest},
		"no object":            {func(h *webhook) { h.body = "null" }, http.StatusBadRequest},
		"two values":           {func(h *webhook) { h.body += body }, http.StatusBadRequest},
		"nothing":              {func(h *webhook) { h.body = "" }, http.StatusBadRequest},
		"a form without it":    {func(h *webhook) { h.contentType = "application/x-www-form-urlencoded" }, http.StatusBadRequest},
		"another content type": {func(h *webhook) { h.contentType = "text/plain" }, http.StatusUnsupportedMediaType},
		"26 MB":                {func(h *webhook) { h.body += strings.Repeat(" ", 26<<20-len(h.body)) }, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			hook := signed(newSecret, "refused", "installation", body)
			c.spoil(&hook)
			if hook.body != body && name != "another body" {
				hook.signature = signatureOf(newSecret, hook.body)
			}
			if said := s.send(hook).status(c.status).message(); strings.Contains(said, "1 MB") {
				t.Errorf("one is told %q", said)
			}
			if _, err := s.db.FindDelivery(t.Context(), "refused"); err == nil {
				t.Error("it is stored")
			}
		})
	}
	if allow := s.visit().get("/webhooks/github").status(http.StatusMethodNotAllowed).header("Allow"); !strings.Contains(allow, http.MethodPost) {
		t.Errorf("allowed are %q", allow)
	}
	if strings.Contains(logs.String(), signatureOf(newSecret, body)) {
		t.Error("a signature is in the log")
	}
	// Much larger than anything else may be, and yet taken.
	large := signed(newSecret, "large", "push", `{"pad":"`+strings.Repeat("x", 24<<20)+`"}`)
	s.send(large).status(http.StatusAccepted)
	if got := s.outcome("large"); got != db.DeliveryIgnored {
		t.Errorf("an event of no use is %s", got)
	}
	s.visit().postJSON("/api/users/me/tokens", large.body[:2<<20]).status(http.StatusRequestEntityTooLarge)
}

func TestWithoutASecretNoWebhookIsTaken(t *testing.T) {
	w, _ := harbor()
	s := open(t, w)
	for _, secret := range []string{"", "guess"} {
		s.send(signed(secret, "one", "ping", "{}")).status(http.StatusServiceUnavailable).message()
	}
}

func TestAWebhookAsAForm(t *testing.T) {
	w, installation := harbor()
	s, _ := listening(t, w, dbtest.SQLite(t))
	body := url.Values{"payload": {fmt.Sprintf(`{"action":"suspend","installation":{"id":%d}, "who":"ä & ö"}`, installation)}}.Encode()
	hook := signed(oldSecret, "form", "installation", body)
	hook.contentType = "application/x-www-form-urlencoded; charset=utf-8"
	s.send(hook).status(http.StatusAccepted)
	if got := s.outcome("form"); got != db.DeliveryApplied {
		t.Errorf("it is %s", got)
	}
}

func TestWebhooksThatComeTwiceLateOrOutOfOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := harbor()
		s, _ := listening(t, w, databaseURL)
		mats := s.logIn("mats")
		s.gitHub.HoldDeliveries()
		w.Suspend(installation, "otto")
		w.Unsuspend(installation)
		s.gitHub.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
			return []sandbox.Delivery{waiting[1], waiting[0], waiting[0], waiting[1]}
		})
		if got := s.delivered(); len(got) != 4 {
			t.Errorf("taken: %q", got)
		}
		if at := mats.get("/api/users/me/installations").list()[0]["suspended_at"]; at != nil {
			t.Errorf("it is shown as suspended since %v", at)
		}

		s.gitHub.HoldDeliveries()
		w.Suspend(installation, "otto")
		w.AcceptPermissions(installation)
		w.Uninstall(installation)
		s.gitHub.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
			slices.Reverse(waiting)
			return waiting
		})
		s.delivered()
		if list := mats.get("/api/users/me/installations").list(); len(list) != 0 {
			t.Errorf("what is gone is shown again: %v", list)
		}
	})
}

func TestAWebhookThatFailedIsAppliedWhenItComesAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := harbor()
		s, _ := listening(t, w, databaseURL)
		mats := s.logIn("mats")
		w.SetHookURL("")
		w.Suspend(installation, "otto")
		s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/app/installations/") {
				return &sandbox.Fault{Status: 401, Body: `{"message":"A JSON web token could not be decoded"}`}
			}
			return nil
		})
		hook := signed(newSecret, "twice", "installation", fmt.Sprintf(`{"action":"suspend","installation":{"id":%d}}`, installation))
		s.send(hook).status(http.StatusAccepted)
		if got := s.outcome("twice"); got != db.DeliveryFailed {
			t.Fatalf("it is %s", got)
		}
		s.gitHub.Fault(nil)
		s.send(hook).status(http.StatusAccepted)
		if got := s.outcome("twice"); got != db.DeliveryApplied {
			t.Fatalf("sent again, it is %s", got)
		}
		if at := mats.get("/api/users/me/installations").list()[0]["suspended_at"]; at == nil {
			t.Error("the list shows no suspension")
		}
		s.gitHub.ResetRequests()
		s.send(hook).status(http.StatusAccepted) // once more than needed
		applied, err := s.db.FindDelivery(context.Background(), "twice")
		must(t, err)
		if applied.Outcome != db.DeliveryApplied || len(applied.Body) != 0 || applied.AppliedAt.IsZero() {
			t.Errorf("it is %+v", applied)
		}
	})
}
