package sandbox

import "time"

// Suspend suspends the installation in the user's name, as GitHub's settings page does.
func (w *World) Suspend(id int64, by string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.suspend(w.mustInstallation(id), w.mustAccount(by), false)
}

// SuspendByApp blocks the installation in the App's name, which only the App can lift
// (https://docs.github.com/apps/maintaining-github-apps/suspending-a-github-app-installation).
func (w *World) SuspendByApp(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.mustInstallation(id)
	w.suspend(i, i.app.bot, true)
}

// suspend leaves an earlier suspension unchanged.
func (w *World) suspend(i *installation, by *account, byApp bool) {
	if i.suspended() {
		return
	}
	i.suspendedAt, i.suspendedBy, i.suspendedByApp, i.updatedAt = w.now(), by, byApp, w.now()
	w.deliver(i, "installation", "suspend", by, nil, withRepositories(i.reached()))
}

// Unsuspend ends a suspension by anybody.
func (w *World) Unsuspend(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.mustInstallation(id)
	w.unsuspend(i, w.ownerOf(i.account))
}

func (w *World) unsuspend(i *installation, by *account) {
	if !i.suspended() {
		return
	}
	i.suspendedAt, i.suspendedBy, i.suspendedByApp, i.updatedAt = time.Time{}, nil, false, w.now()
	w.deliver(i, "installation", "unsuspend", by, nil, withRepositories(i.reached()))
}
