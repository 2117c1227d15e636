package github

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// hooked returns a stage whose App has a webhook, and a receiver that responds with a
// status.
func hooked(t *testing.T) (s *stage, address string, answer func(status int)) {
	t.Helper()
	status := http.StatusAccepted
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(receiver.Close)
	world, _ := offices()
	s = newStage(t, dbtest.SQLite(t), world)
	t.Cleanup(s.server.Close)
	address = receiver.URL + "/webhooks/github"
	world.Apps.SetHookURL(address)
	world.Apps.SetWebhookSecret("a secret of the tests")
	return s, address, func(next int) { status = next }
}

func (s *stage) ping() {
	s.t.Helper()
	s.world.Apps.Ping()
	if err := s.server.WaitForDeliveries(testContext(s.t)); err != nil {
		s.t.Fatal(err)
	}
}

func TestTheWebhookIsShownAndChanged(t *testing.T) {
	s, address, _ := hooked(t)
	ctx := t.Context()
	hook, err := s.github.AsApp().Hook(ctx)
	if err != nil || hook != (Hook{URL: address, ContentType: "json", HasSecret: true}) {
		t.Fatalf("the webhook is %+v, %v", hook, err)
	}
	other, insecure, form := "https://other.example/hook", true, "form"
	hook, err = s.github.AsApp().ChangeHook(ctx, HookChange{URL: &other, InsecureSSL: &insecure, ContentType: &form})
	if err != nil || hook != (Hook{URL: other, ContentType: "form", InsecureSSL: true, HasSecret: true}) {
		t.Errorf("changed, it is %+v, %v", hook, err)
	}
	insecure = false
	if hook, err = s.github.AsApp().ChangeHook(ctx, HookChange{InsecureSSL: &insecure}); err != nil || hook.InsecureSSL || hook.URL != other {
		t.Errorf("with one field changed, it is %+v, %v", hook, err)
	}

	bad := "nowhere"
	_, err = s.github.AsApp().ChangeHook(ctx, HookChange{URL: &bad})
	expectErr(t, err, ErrRefused)
	s.world.Apps.SetHookURL("")
	_, err = s.github.AsApp().Hook(ctx)
	expectErr(t, err, ErrNoHook)
	_, err = s.github.AsApp().Deliveries(ctx, "")
	expectErr(t, err, ErrNoHook)
	s.server.FailPath("/hook/config", &sandbox.Fault{Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Not Found"}`})
	_, err = s.github.AsApp().Hook(ctx)
	expectErr(t, err, ErrNoHook)
	s.server.FailPath("/hook/config", sandbox.BadGateway(http.StatusBadGateway))
	_, err = s.github.AsApp().Hook(ctx)
	expectErr(t, err, ErrUnavailable)
}

func TestDeliveriesArePagedShownAndRedelivered(t *testing.T) {
	s, address, answer := hooked(t)
	ctx := t.Context()
	if page, err := s.github.AsApp().Deliveries(ctx, ""); err != nil || len(page.Items) != 0 {
		t.Errorf("before the first delivery the list is %+v, %v", page, err)
	}
	for range deliveriesPerPage {
		s.world.Apps.Ping()
	}
	s.ping()
	answer(http.StatusInternalServerError)
	s.ping()

	page, err := s.github.AsApp().Deliveries(ctx, "")
	if err != nil || len(page.Items) != deliveriesPerPage || page.Next == "" {
		t.Fatalf("page 1 has %d, then %q, %v", len(page.Items), page.Next, err)
	}
	newest := page.Items[0]
	if newest.Event != "ping" || newest.Delivered() || newest.StatusCode != http.StatusInternalServerError || newest.Redelivery || newest.DeliveredAt.IsZero() {
		t.Errorf("the newest is %+v", newest)
	}
	rest, err := s.github.AsApp().Deliveries(ctx, page.Next)
	if err != nil || len(rest.Items) != 2 || rest.Next != "" || !rest.Items[0].Delivered() {
		t.Errorf("page 2 is %+v, %v", rest, err)
	}
	_, err = s.github.AsApp().Deliveries(ctx, "no cursor")
	expectErr(t, err, ErrRefused)

	one, err := s.github.AsApp().Delivery(ctx, newest.ID)
	if err != nil || one.GUID != newest.GUID || one.URL != address {
		t.Errorf("the delivery is %+v, %v", one, err)
	}
	answer(http.StatusAccepted)
	if err := s.github.AsApp().Redeliver(ctx, newest.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.server.WaitForDeliveries(testContext(t)); err != nil {
		t.Fatal(err)
	}
	page, err = s.github.AsApp().Deliveries(ctx, "")
	if err != nil || !page.Items[0].Redelivery || page.Items[0].GUID != newest.GUID || !page.Items[0].Delivered() {
		t.Errorf("redelivered, the newest is %+v, %v", page.Items[0], err)
	}
	_, err = s.github.AsApp().Delivery(ctx, 1)
	expectErr(t, err, ErrNotFound)
	expectErr(t, s.github.AsApp().Redeliver(ctx, 1), ErrNotFound)
	s.server.FailPath("/attempts", sandbox.BadGateway(http.StatusServiceUnavailable))
	expectErr(t, s.github.AsApp().Redeliver(ctx, newest.ID), ErrUnavailable)
}

// A secret changed here is accepted before GitHub signs with it, on every instance, and
// signatures with the previous one remain valid.
func TestAChangedSecretIsAcceptedAlongWithTheOldOne(t *testing.T) {
	here := newStageWithoutApp(t)
	ctx := testContext(t)
	app, err := here.github.ConvertManifest(ctx, here.registerApp("", "Tidal"))
	if err != nil {
		t.Fatal(err)
	}
	if err := here.github.db.StoreApp(ctx, app, "browser"); err != nil {
		t.Fatal(err)
	}
	there := New(configFor(t, here.github.host.WebURL(), sandbox.App{}, here.github.db, here.clock.Now))
	follow := func() {
		t.Helper()
		for _, instance := range []*GitHub{here.github, there} {
			if err := instance.LoadApp(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	follow()
	first, second, third := app.WebhookSecret, "second", "third"
	expectSigned := func(want ...string) {
		t.Helper()
		for _, instance := range []*GitHub{here.github, there} {
			for _, secret := range []string{first, second, third} {
				if got := instance.Signed(signature(secret, "{}"), []byte("{}")); got != slices.Contains(want, secret) {
					t.Errorf("a signature with %q is accepted: %v", secret, got)
				}
			}
		}
	}
	expectSigned(first)
	if _, err := here.github.AsApp().ChangeHook(ctx, HookChange{Secret: &second}); err != nil {
		t.Fatal(err)
	}
	follow()
	expectSigned(first, second)

	// If GitHub rejects the change, the secret that it signs with stays.
	here.server.FailPath("/app/hook/config", sandbox.BadGateway(http.StatusBadGateway))
	_, err = here.github.AsApp().ChangeHook(ctx, HookChange{Secret: &third})
	expectErr(t, err, ErrUnavailable)
	follow()
	expectSigned(second, third)
}
