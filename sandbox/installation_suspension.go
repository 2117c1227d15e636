package sandbox

import "time"

// Suspend suspends the installation as the user, like GitHub's settings page.
func (is *Installations) Suspend(id int64, by string) {
	is.world.mu.Lock()
	defer is.world.mu.Unlock()
	is.suspend(is.must(id), is.world.Accounts.must(by), false)
}

// SuspendByApp suspends the installation as the App; only the App can unsuspend it
// (https://docs.github.com/apps/maintaining-github-apps/suspending-a-github-app-installation).
func (is *Installations) SuspendByApp(id int64) {
	is.world.mu.Lock()
	defer is.world.mu.Unlock()
	i := is.must(id)
	is.suspend(i, i.app.bot, true)
}

// suspend doesn't change an earlier suspension.
func (is *Installations) suspend(i *installation, by *account, byApp bool) {
	if i.suspended() {
		return
	}
	i.suspendedAt, i.suspendedBy, i.suspendedByApp, i.updatedAt = is.world.now(), by, byApp, is.world.now()
	is.world.webhooks.deliver(i, "installation", "suspend", by, nil, withRepositories(i.reached()))
}

// Unsuspend ends any suspension.
func (is *Installations) Unsuspend(id int64) {
	is.world.mu.Lock()
	defer is.world.mu.Unlock()
	i := is.must(id)
	is.unsuspend(i, is.world.Accounts.ownerOf(i.account))
}

func (is *Installations) unsuspend(i *installation, by *account) {
	if !i.suspended() {
		return
	}
	i.suspendedAt, i.suspendedBy, i.suspendedByApp, i.updatedAt = time.Time{}, nil, false, is.world.now()
	is.world.webhooks.deliver(i, "installation", "unsuspend", by, nil, withRepositories(i.reached()))
}
