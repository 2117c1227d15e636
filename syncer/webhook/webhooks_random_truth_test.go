package webhook_test

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"neptun/db"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func (k *mutated) installationsOf(who *observer) []db.InstallationRecord {
	k.T.Helper()
	list, err := k.DB.ListAllInstallations(k.T.Context(), who.id, db.OrderByID, db.Page{})
	handlerstest.Must(k.T, err)
	return list
}

// availableTo lists what a user can import through a record that was just
// listed: nothing once a webhook or a sync has hidden the record.
func (k *mutated) availableTo(through db.InstallationRecord) (list []db.Available) {
	k.T.Helper()
	err := k.DB.StreamAvailable(k.T.Context(), through.UserID, 0, through.ID, db.Filter{}, db.SortName, db.Page{},
		func(_ db.InstallationRecord, _ int64, rows iter.Seq2[db.Available, error]) error {
			for a, err := range rows {
				if err != nil {
					return err
				}
				list = append(list, a)
			}
			return nil
		})
	if errors.Is(err, db.ErrRecordNotFound) {
		return nil
	}
	handlerstest.Must(k.T, err)
	return list
}

// shownRepositories returns what GitHub shows a user, by repository.
func (k *mutated) shownRepositories(who *observer) map[int64]sandbox.VisibleRepository {
	shown := map[int64]sandbox.VisibleRepository{}
	for _, in := range k.World.VisibleTo(k.World.Accounts.LoginOf(who.gitHub)) {
		for _, r := range in.Repositories {
			shown[r.ID] = r
		}
	}
	return shown
}

// revokeAccess makes a change that removes access, and checks that as soon as the webhook is
// applied nobody sees a repository that GitHub doesn't show them.
func (k *mutated) revokeAccess() {
	k.T.Helper()
	revoked, ok := k.mutator.Revoke()
	if !ok {
		return
	}
	k.history = append(k.history, revoked.Description)
	k.settleWebhooks()
	for _, who := range k.people {
		shown := k.shownRepositories(who)
		for _, in := range k.installationsOf(who) {
			for _, a := range k.availableTo(in) {
				// A public repository becomes visible to everybody. It is removed with the
				// installation, which the list of installations shows only later.
				outsider := revoked.UserID != 0 && !a.IsPrivate
				// If the webhook of a transfer is missing, a removal from one account doesn't
				// change what is listed in the other: checks follow later.
				elsewhere := in.Account.GitHubID != revoked.AccountID
				if revoked.Affects(who.gitHub, in.Account.GitHubID, a.ID) && shown[a.ID].ID == 0 && !outsider && !elsewhere {
					k.T.Errorf("round %d, %s: %s still sees %s (%d)", k.rounds, revoked.Description, k.World.Accounts.LoginOf(who.gitHub), a.FullName(), a.ID)
				}
			}
		}
	}
}

// catchUp advances the clock by ten minutes, after which missed deliveries are recovered.
func (k *mutated) catchUp() {
	k.T.Helper()
	k.Clock.Advance(11 * time.Minute)
	for looks := 0; ; looks++ {
		since := k.Clock.Now()
		handlerstest.Must(k.T, k.Syncer.RecoverDeliveries(k.T.Context()))
		k.Soon(func() bool {
			so, err := k.DB.GetRecovery(k.T.Context())
			handlerstest.Must(k.T, err)
			return !so.Active() && !so.SyncedAt.Before(since)
		}, func() string { return "GitHub's list of deliveries isn't read" })
		n, err := k.DB.CountMissing(k.T.Context())
		handlerstest.Must(k.T, err)
		if n == 0 {
			break
		}
		if looks > 0 { // the first recovery may have started before the last webhook was lost
			k.T.Fatalf("%d webhooks are still missing", n)
		}
	}
	k.settled = 0
	k.settleWebhooks()
	for _, d := range k.GitHub.Deliveries() {
		if stored, err := k.DB.FindDelivery(k.T.Context(), d.GUID); err != nil || stored.Outcome == db.DeliveryFailed {
			k.T.Errorf("the delivery %s, %s %s, is %s, %v", d.GUID, d.Event, d.Action, stored.Outcome, err)
		}
	}
}

// reconcile advances the clock by the hours after which everybody is synced once.
func (k *mutated) reconcile() {
	k.T.Helper()
	k.Clock.Advance(5 * time.Hour)
	since := k.Clock.Now()
	_, err := k.DB.QueueReconcile(k.T.Context(), db.Reconcile{Interval: 4 * time.Hour, Jitter: time.Minute, Shares: 1})
	handlerstest.Must(k.T, err)
	for _, who := range k.people {
		k.Soon(func() bool {
			latest, err := k.DB.GetSync(k.T.Context(), db.SyncInstallations{UserID: who.id})
			handlerstest.Must(k.T, err)
			return !latest.FinishedAt.Before(since) && who.Settled()
		}, func() string { return "the sync of " + k.World.Accounts.LoginOf(who.gitHub) + " doesn't end" })
	}
}

// expectGitHubsLists compares what each user sees in Neptun with what GitHub shows them.
func (k *mutated) expectGitHubsLists() {
	k.T.Helper()
	for _, who := range k.people {
		k.Soon(func() bool { return k.here(who) == k.there(who) }, func() string {
			return k.World.Accounts.LoginOf(who.gitHub) + ": " + difference(k.here(who), k.there(who))
		})
		k.expectImports(who)
	}
}

// there returns what GitHub shows a user, one item per line.
func (k *mutated) there(who *observer) string {
	var lines []string
	for _, in := range k.World.VisibleTo(k.World.Accounts.LoginOf(who.gitHub)) {
		lines = append(lines, fmt.Sprintf("installation %d of %s, %s, suspended: %t, repositories: %d",
			in.InstallationID, in.Account, in.Selection, in.Suspended, len(in.Repositories)))
		for _, r := range in.Repositories {
			visibility := "public"
			switch {
			case r.Internal:
				visibility = "internal"
			case r.Private:
				visibility = "private"
			}
			lines = append(lines, fmt.Sprint(in.InstallationID, " ", r.ID, " ", r.FullName, " ", r.Permission, " ", r.Description, " ", r.Homepage, " ",
				r.Language, " ", r.Topics, " ", visibility, " ", r.Archived, " ", cmp.Or(r.DefaultBranch, "main"), " ", r.Size, " ", lastPush(r.PushedAt, r.CreatedAt)))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// lastPush returns when a repository was last pushed to; 0 for never. Lists then return
// null, and a single repository returns its creation time.
func lastPush(pushed, created time.Time) int64 {
	if pushed.IsZero() || pushed.Unix() == created.Unix() {
		return 0
	}
	return pushed.Unix()
}

// here returns what Neptun shows a user. The list of a suspended installation stays as
// it was, while GitHub shows none.
func (k *mutated) here(who *observer) string {
	k.T.Helper()
	var lines []string
	for _, in := range k.installationsOf(who) {
		list, count := k.availableTo(in), in.RepositoryCount
		if in.Suspended() {
			list, count = nil, 0
		}
		lines = append(lines, fmt.Sprintf("installation %d of %s, %s, suspended: %t, repositories: %d",
			in.GitHubID, in.Account.Login, in.RepositorySelection, in.Suspended(), count))
		for _, r := range list {
			lines = append(lines, fmt.Sprint(in.GitHubID, " ", r.ID, " ", r.FullName(), " ", r.Permission, " ", r.Description, " ", r.WebsiteURL, " ",
				r.Language, " ", r.Topics, " ", r.Visibility, " ", r.IsArchived, " ", r.DefaultBranch, " ", r.SizeKB, " ", lastPush(r.PushedAt, r.GitHubCreatedAt)))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// difference returns the lines that only one of two lists has.
func difference(here, there string) string {
	one, other := strings.Split(here, "\n"), strings.Split(there, "\n")
	var b strings.Builder
	for _, line := range one {
		if !slices.Contains(other, line) {
			b.WriteString("\nonly here  " + line)
		}
	}
	for _, line := range other {
		if !slices.Contains(one, line) {
			b.WriteString("\nonly there " + line)
		}
	}
	if b.Len() == 0 {
		b.WriteString("a line is duplicated")
	}
	return b.String()
}

// expectImports checks that an import is listed under its own id wherever GitHub shows the
// repository, and nowhere else.
func (k *mutated) expectImports(who *observer) {
	k.T.Helper()
	listed := map[int64]int64{}
	counted := map[int64]int64{}
	for _, item := range who.Get("/api/users/me/imports").Status(http.StatusOK).List() {
		repository, record := int64(item["repository_id"].(float64)), int64(item["github_app_installation_id"].(float64))
		if listed[repository] != 0 {
			k.T.Errorf("the import of repository %d is duplicated", repository)
		}
		listed[repository] = int64(item["id"].(float64))
		counted[record]++
	}
	shown, suspended := k.shownRepositories(who), map[int64]bool{}
	for _, in := range k.installationsOf(who) {
		if in.ImportCount != counted[in.ID] {
			k.T.Errorf("%s counts %d imports but lists %d", in.Account.Login, in.ImportCount, counted[in.ID])
		}
		if in.Suspended() { // its imports stay listed
			for _, a := range k.availableTo(in) {
				suspended[a.ID] = true
			}
		}
	}
	for repository, id := range who.imports {
		if shown[repository].ID != 0 && listed[repository] != id {
			k.T.Errorf("the import %d of repository %d is now %d", id, repository, listed[repository])
		}
	}
	for repository, id := range listed {
		if who.imports[repository] != id || shown[repository].ID == 0 && !suspended[repository] {
			k.T.Errorf("the import %d of repository %d is listed", id, repository)
		}
	}
}
