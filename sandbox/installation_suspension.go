package sandbox

import "time"

// Suspend suspends the installation in the user's name, as GitHub's settings page does.
func (is *Installations) Suspend(id int64, by string) {
	is.world.mu.Lock()
	defer is.world.mu.Unlock()
	is.suspend(is.must(id), is.world.Accounts.must(by), false)
}

// SuspendByApp blocks the installation in the App's name, which only the App can lift
// (https://docs.github.com/apps/maintaining-github-apps/suspending-a-github-app-installation).
func (is *Installations) SuspendByApp(id int64) {
	is.world.mu.Lock()
	defer is.world.mu.Unlock()
	i := is.must(id)
	is.suspend(i, i.app.bot, true)
}

// suspend leaves an earlier suspension unchanged.
func (is *Installations) suspend(i *installation, by *account, byApp bool) {
	if i.suspended() {
		return
	}
	i.suspendedAt, i.suspendedBy, i.suspendedByApp, i.updatedAt = is.world.now(), by, byApp, is.world.now()
	is.world.webhooks.deliver(i, "installation", "suspend", by, nil, withRepositories(i.reached()))
}

// Unsuspend ends a suspension by anybody.
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
