package webhook_test

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
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func TestP29EventsUseGitHubsSpelling(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := handlerstest.Harbor()
		s, _ := handlerstest.Listening(t, w, databaseURL)
		mats := s.LogIn("mats")
		record := mats.Record("harbor")
		s.GitHub.ResetRequests()

		w.Installations.Suspend(installation, "otto")
		s.Delivered()
		if text := mats.Get("/installations/" + record).Text("#suspended"); !strings.Contains(text, "by otto") {
			t.Errorf("the page says %q", text)
		}
		if at := mats.Get("/api/users/me/installations").List()[0]["suspended_at"]; at == nil {
			t.Error("the list shows no suspension")
		}
		w.Installations.Unsuspend(installation)
		s.Delivered()
		if at := mats.Get("/api/users/me/installations").List()[0]["suspended_at"]; at != nil {
			t.Errorf("it is still shown as suspended since %v", at)
		}
		w.Accounts.Rename("harbor", "marina")
		s.Delivered()
		if login := mats.Get("/api/users/me/installations").List()[0]["github_account_login"]; login != "marina" {
			t.Errorf("the account is shown as %v", login)
		}
		w.Apps.SetPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "read"})
		w.Installations.AcceptPermissions(installation)
		s.Delivered()
		if in, err := s.DB.FindAppInstallation(t.Context(), installation); err != nil || in.Permissions["contents"] != "read" {
			t.Errorf("the accepted permissions and events are %v, %v", in.Permissions, err)
		}
		w.Installations.Uninstall(installation)
		s.Delivered()
		if list := mats.Get("/api/users/me/installations").List(); len(list) != 0 {
			t.Errorf("the list is still %v", list)
		}
		w.Apps.Ping()
		w.Installations.Install("otto", sandbox.SelectAll)
		got := s.Delivered()
		for _, want := range []string{
			"installation suspend: applied", "installation unsuspend: applied", "installation_target renamed: applied",
			"installation new_permissions_accepted: applied", "installation deleted: applied", "installation created: applied", "ping: applied",
		} {
			if !slices.Contains(got, want) {
				t.Errorf("%q is not in %q", want, got)
			}
		}
		for _, request := range s.GitHub.Requests() {
			if strings.Contains(request.Path, "/user") {
				t.Errorf("a user's token was used to request %s", request.Path)
			}
		}
	})
}

func TestP29TheSignatureCoversTheReceivedBytes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := handlerstest.Harbor()
		s, _ := handlerstest.Listening(t, w, databaseURL)
		mats := s.LogIn("mats")
		w.Apps.SetHookURL("") // only the test sends webhooks
		w.Installations.Suspend(installation, "otto")

		odd := fmt.Sprintf("{ \"action\" :\t\"suspend\",\r\n  \"installation\":{\"id\":%d ,\"note\":\"\\u003cT\\u00fcr\\/Tor\\u003e\"},\n \"size\":1.0e2 }\n", installation)
		var value any
		handlerstest.Must(t, json.Unmarshal([]byte(odd), &value))
		again, err := json.Marshal(value)
		handlerstest.Must(t, err)
		reencoded := handlerstest.Signed(handlerstest.NewSecret, "odd", "installation", odd)
		reencoded.Signature = handlerstest.SignatureOf(handlerstest.NewSecret, string(again))
		s.Send(reencoded).Status(http.StatusUnauthorized)

		s.Send(handlerstest.Signed(handlerstest.NewSecret, "misspelt", "installation", strings.Replace(odd, "suspend", "suspended", 1))).Status(http.StatusAccepted)
		if got := s.Outcome("misspelt"); got != db.DeliveryIgnored {
			t.Errorf("an unknown action is %s", got)
		}
		s.Send(handlerstest.Signed(handlerstest.NewSecret, "odd", "installation", odd)).Status(http.StatusAccepted)
		if got := s.Outcome("odd"); got != db.DeliveryApplied {
			t.Errorf("it is %s", got)
		}
		if at := mats.Get("/api/users/me/installations").List()[0]["suspended_at"]; at == nil {
			t.Error("the list shows no suspension")
		}
	})
}

func TestTwoWebhookSecretsAreAcceptedAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		s, logs := handlerstest.Listening(t, w, databaseURL)
		for _, c := range []struct {
			secret string
			status int
		}{
			{handlerstest.OldSecret, http.StatusAccepted},
			{handlerstest.NewSecret, http.StatusAccepted},
			{"a-secret-of-somebody-else", http.StatusUnauthorized},
			{handlerstest.OldSecret + "," + handlerstest.NewSecret, http.StatusUnauthorized},
			{"", http.StatusUnauthorized}, // unsigned
		} {
			w.Apps.SetWebhookSecret(c.secret)
			w.Apps.Ping()
			got := s.Delivered()
			attempts := s.GitHub.Deliveries()
			if last := attempts[len(attempts)-1]; last.StatusCode != c.status {
				t.Errorf("signed with %q, the response is %d: %s", c.secret, last.StatusCode, last.ResponseBody)
			}
			if len(got) > 2 {
				t.Errorf("taken: %q", got)
			}
		}
		for _, secret := range []string{handlerstest.OldSecret, handlerstest.NewSecret, "sha256=", "Keep it logically awesome"} {
			if strings.Contains(logs.String(), secret) {
				t.Errorf("%q is in the log", secret)
			}
		}
	})
}

func TestRequestsThatAreNotWebhooksAreRejected(t *testing.T) {
	t.Parallel()
	w, installation := handlerstest.Harbor()
	s, logs := handlerstest.Listening(t, w, dbtest.SQLite(t))
	body := fmt.Sprintf(`{"action":"suspend","installation":{"id":%d}}`, installation)
	for name, c := range map[string]struct {
		spoil  func(*handlerstest.Webhook)
		status int
	}{
		"no signature":           {func(h *handlerstest.Webhook) { h.Signature = "" }, http.StatusUnauthorized},
		"half a signature":       {func(h *handlerstest.Webhook) { h.Signature = h.Signature[:20] }, http.StatusUnauthorized},
		"not hexadecimal":        {func(h *handlerstest.Webhook) { h.Signature = "sha256=" + strings.Repeat("z", 64) }, http.StatusUnauthorized},
		"empty signature":        {func(h *handlerstest.Webhook) { h.Signature = "sha256=" }, http.StatusUnauthorized},
		"SHA-1":                  {func(h *handlerstest.Webhook) { h.Signature = strings.Replace(h.Signature, "sha256", "sha1", 1) }, http.StatusUnauthorized},
		"another body":           {func(h *handlerstest.Webhook) { h.Body += " " }, http.StatusUnauthorized},
		"no id":                  {func(h *handlerstest.Webhook) { h.Guid = "" }, http.StatusBadRequest},
		"an id of many words":    {func(h *handlerstest.Webhook) { h.Guid = "a b" }, http.StatusBadRequest},
		"no event":               {func(h *handlerstest.Webhook) { h.Event = "" }, http.StatusBadRequest},
		"not JSON":               {func(h *handlerstest.Webhook) { h.Body = "action=suspend" }, http.StatusBadRequest},
		"not an object":          {func(h *handlerstest.Webhook) { h.Body = "null" }, http.StatusBadRequest},
		"two values":             {func(h *handlerstest.Webhook) { h.Body += body }, http.StatusBadRequest},
		"nothing":                {func(h *handlerstest.Webhook) { h.Body = "" }, http.StatusBadRequest},
		"a form without payload": {func(h *handlerstest.Webhook) { h.ContentType = "application/x-www-form-urlencoded" }, http.StatusBadRequest},
		"another content type":   {func(h *handlerstest.Webhook) { h.ContentType = "text/plain" }, http.StatusUnsupportedMediaType},
		"26 MB":                  {func(h *handlerstest.Webhook) { h.Body += strings.Repeat(" ", 26<<20-len(h.Body)) }, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			hook := handlerstest.Signed(handlerstest.NewSecret, "refused", "installation", body)
			c.spoil(&hook)
			if hook.Body != body && name != "another body" {
				hook.Signature = handlerstest.SignatureOf(handlerstest.NewSecret, hook.Body)
			}
			if message := s.Send(hook).Status(c.status).Message(); strings.Contains(message, "1 MB") {
				t.Errorf("the message is %q", message)
			}
			if _, err := s.DB.FindDelivery(t.Context(), "refused"); err == nil {
				t.Error("the delivery was stored")
			}
		})
	}
	if allow := s.Visit().Get("/webhooks/github").Status(http.StatusMethodNotAllowed).Header.Get("Allow"); !strings.Contains(allow, http.MethodPost) {
		t.Errorf("Allow is %q", allow)
	}
	if strings.Contains(logs.String(), handlerstest.SignatureOf(handlerstest.NewSecret, body)) {
		t.Error("a signature is in the log")
	}
	// Webhooks may be much larger than other requests.
	large := handlerstest.Signed(handlerstest.NewSecret, "large", "push", `{"pad":"`+strings.Repeat("x", 24<<20)+`"}`)
	s.Send(large).Status(http.StatusAccepted)
	if got := s.Outcome("large"); got != db.DeliveryIgnored {
		t.Errorf("an unused event is %s", got)
	}
	s.Visit().PostJSON("/api/users/me/tokens", large.Body[:2<<20]).Status(http.StatusRequestEntityTooLarge)
}

func TestWithoutASecretWebhooksAreRejected(t *testing.T) {
	w, _ := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	for _, secret := range []string{"", "guess"} {
		s.Send(handlerstest.Signed(secret, "one", "ping", "{}")).Status(http.StatusServiceUnavailable).Message()
	}
}

func TestAWebhookAsAForm(t *testing.T) {
	w, installation := handlerstest.Harbor()
	s, _ := handlerstest.Listening(t, w, dbtest.SQLite(t))
	body := url.Values{"payload": {fmt.Sprintf(`{"action":"suspend","installation":{"id":%d}, "who":"ä & ö"}`, installation)}}.Encode()
	hook := handlerstest.Signed(handlerstest.OldSecret, "form", "installation", body)
	hook.ContentType = "application/x-www-form-urlencoded; charset=utf-8"
	s.Send(hook).Status(http.StatusAccepted)
	if got := s.Outcome("form"); got != db.DeliveryApplied {
		t.Errorf("it is %s", got)
	}
}

func TestWebhooksThatArriveTwiceLateOrOutOfOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := handlerstest.Harbor()
		s, _ := handlerstest.Listening(t, w, databaseURL)
		mats := s.LogIn("mats")
		s.GitHub.HoldDeliveries()
		w.Installations.Suspend(installation, "otto")
		w.Installations.Unsuspend(installation)
		s.GitHub.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
			return []sandbox.Delivery{waiting[1], waiting[0], waiting[0], waiting[1]}
		})
		if got := s.Delivered(); len(got) != 4 {
			t.Errorf("taken: %q", got)
		}
		if at := mats.Get("/api/users/me/installations").List()[0]["suspended_at"]; at != nil {
			t.Errorf("it is shown as suspended since %v", at)
		}

		s.GitHub.HoldDeliveries()
		w.Installations.Suspend(installation, "otto")
		w.Installations.AcceptPermissions(installation)
		w.Installations.Uninstall(installation)
		s.GitHub.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
			slices.Reverse(waiting)
			return waiting
		})
		s.Delivered()
		if list := mats.Get("/api/users/me/installations").List(); len(list) != 0 {
			t.Errorf("a removed repository is shown again: %v", list)
		}
	})
}

func TestAFailedWebhookIsAppliedWhenRedelivered(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := handlerstest.Harbor()
		s, _ := handlerstest.Listening(t, w, databaseURL)
		mats := s.LogIn("mats")
		w.Apps.SetHookURL("")
		w.Installations.Suspend(installation, "otto")
		s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/app/installations/") {
				return &sandbox.Fault{Status: 401, Body: `{"message":"A JSON web token could not be decoded"}`}
			}
			return nil
		})
		hook := handlerstest.Signed(handlerstest.NewSecret, "twice", "installation", fmt.Sprintf(`{"action":"suspend","installation":{"id":%d}}`, installation))
		s.Send(hook).Status(http.StatusAccepted)
		if got := s.Outcome("twice"); got != db.DeliveryFailed {
			t.Fatalf("it is %s", got)
		}
		s.GitHub.Fault(nil)
		s.Send(hook).Status(http.StatusAccepted)
		if got := s.Outcome("twice"); got != db.DeliveryApplied {
			t.Fatalf("redelivered, it is %s", got)
		}
		if at := mats.Get("/api/users/me/installations").List()[0]["suspended_at"]; at == nil {
			t.Error("the list shows no suspension")
		}
		s.GitHub.ResetRequests()
		s.Send(hook).Status(http.StatusAccepted) // another, unneeded redelivery
		applied, err := s.DB.FindDelivery(context.Background(), "twice")
		handlerstest.Must(t, err)
		if applied.Outcome != db.DeliveryApplied || len(applied.Body) != 0 || applied.AppliedAt.IsZero() {
			t.Errorf("it is %+v", applied)
		}
	})
}
