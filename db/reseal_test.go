package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/seal"
)

// After a rotation everything is re-sealed, so that the old secret may go.
func TestS9ValuesOfAnOldSecretAreResealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		former, next := strings.Repeat("the former secret ", 3), strings.Repeat("the next secret ", 3)
		with := func(secrets ...string) *db.DB {
			t.Helper()
			d := got(db.Open(ctx, w.url, db.Options{
				Keyring: got(seal.New(secrets...))(t), AccessMaxAge: day, Now: w.clock.Now, GitHubURL: "https://github.com",
			}))(t)
			t.Cleanup(func() { _ = d.Close() })
			return d
		}
		before := with(former)
		ok(t, before.StoreApp(ctx, db.App{ClientID: "app", PrivateKey: "key"}, ""))
		w.DB = before
		var users []db.User
		for i := range 230 { // more than two batches
			users = append(users, w.login(int64(i+1), fmt.Sprint("user-", i)))
		}
		ada, through := w.member(1, "user-0", acme, repo(1, "one", acme))
		ok(t, before.StoreAccessToken(ctx, through, db.AccessTokenInstallation, "ghs_secret", w.clock.Now().Add(time.Hour)))
		ok(t, before.AddDelivery(ctx, db.Delivery{GUID: "pending", Event: "push", Body: []byte("body")}))
		ok(t, before.AddDelivery(ctx, db.Delivery{GUID: "done", Event: "push", Body: []byte("body")}))
		ok(t, before.FinishDelivery(ctx, "done", db.DeliveryApplied))
		if n := got(before.CountOldSeals(ctx))(t); n != 0 || before.HasOldKeys() {
			t.Errorf("%d values count as old before the rotation", n)
		}
		ok(t, before.Close())

		both := with(next, former)
		if n := got(both.CountOldSeals(ctx))(t); n != 1+2*230+1+1 || !both.HasOldKeys() {
			t.Errorf("%d values are sealed with the old secret", n)
		}
		if n := got(both.Reseal(ctx))(t); n != 1+2*230+1+1 {
			t.Errorf("%d values are re-sealed", n)
		}
		if n := got(both.CountOldSeals(ctx))(t); n != 0 {
			t.Errorf("%d values are still sealed with the old secret", n)
		}
		ok(t, both.Close())

		after := with(next)
		if app := got(after.App(ctx))(t); app.PrivateKey != "key" {
			t.Errorf("the App is %+v", app)
		}
		for i, p := range users {
			token := got(after.GitHubToken(ctx, p.ID))(t)
			if want := fmt.Sprint("-user-", i); token.Access != "access"+want || token.Refresh != "refresh"+want || token.Version != 1 && p.ID != ada.ID {
				t.Errorf("the token of %s is %+v", p.Login, token)
			}
		}
		if d := got(after.FindDelivery(ctx, "pending"))(t); string(d.Body) != "body" {
			t.Errorf("the delivery is %q", d.Body)
		}
		ok(t, after.EndAuthorization(ctx, ada.ID))
		if list := got(after.ListAbandonedTokens(ctx, 10))(t); len(list) != 1 || list[0].Token != "ghs_secret" {
			t.Errorf("to revoke: %+v", list)
		}
	})
}

func TestS9AValueThatNoKeyOpensIsKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		d := got(db.Open(ctx, w.url, db.Options{
			Keyring: got(seal.New(strings.Repeat("one secret ", 4), strings.Repeat("two secrets ", 4)))(t), AccessMaxAge: day, Now: w.clock.Now,
		}))(t)
		defer d.Close()
		if n := got(d.Reseal(ctx))(t); n != 0 {
			t.Errorf("%d values that no key opens were resealed", n)
		}
		if n := got(d.CountOldSeals(ctx))(t); n != 2 {
			t.Errorf("%d values need another secret, want both tokens", n)
		}
		if token := got(w.GitHubToken(ctx, p.ID))(t); token.Access != "access-ada" {
			t.Errorf("the token is %+v", token)
		}
	})
}
