package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// The versions of a user's records are added up, so replacing one installation by another may
// leave the sum unchanged. The list must change nevertheless.
func TestAnotherInstallationIsAnotherList(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		h, ctx := openInstance(t, databaseURL), context.Background()
		r := h.newUser(2)
		relist := func(installation db.Installation) {
			run, err := h.db.StartSync(ctx, db.SyncInstallations{UserID: r.id})
			handlerstest.Must(t, err)
			handlerstest.Must(t, h.db.PutInstallations(ctx, r.id, run, []db.Installation{installation}))
			unseen, err := h.db.ListUnseenInstallations(ctx, r.id, run)
			handlerstest.Must(t, err)
			for _, missing := range unseen {
				handlerstest.Must(t, h.db.HideInstallation(ctx, r.id, missing))
			}
			handlerstest.Must(t, h.db.FinishInstallationsSync(ctx, r.id, run))
		}
		benchRequest := r.get("/api/users/me/installations")
		for age := range 8 { // one of which gives the same sum
			r.page[0].HTMLURL = fmt.Sprintf("https://github.com/settings/installations/%d", age)
			relist(r.page[0])
			first := h.send(benchRequest)
			relist(r.page[1])
			second := h.send(benchRequest.with("If-None-Match", first.Header().Get("ETag")))
			if second.Code != http.StatusOK || second.Body.String() == first.Body.String() {
				t.Errorf("status %d for a changed list, or still %s", second.Code, first.Body)
			}
		}
	})
}
