package sandbox

import "fmt"

// RenameRepository gives a repository another name; the old address redirects until another repository takes it.
func (w *World) RenameRepository(id int64, name string) {
	w.change(id, func(r *repository) {
		w.mustBeFree(r.owner, name)
		w.unname(r)
		r.Name = name
		w.name(r)
	})
}

// TransferRepository moves a repository to another account; the old address redirects. Permissions given to people
// on the repository itself go along, what the old owner's membership gave does not.
func (w *World) TransferRepository(id int64, newOwner string) {
	w.change(id, func(r *repository) {
		to := w.mustAccount(newOwner)
		w.mustBeFree(to, r.Name)
		w.unname(r)
		r.owner.lose(r)
		r.owner = to
		to.keep(r)
		w.name(r)
	})
}

// ArchiveRepository makes a repository read-only, or takes that back.
func (w *World) ArchiveRepository(id int64, archived bool) {
	w.change(id, func(r *repository) { r.Archived = archived })
}

// SetPrivate makes a repository private or public.
func (w *World) SetPrivate(id int64, private bool) {
	w.change(id, func(r *repository) { r.Private = private })
}

// EditRepository changes anything else about a repository; its id and name stay.
func (w *World) EditRepository(id int64, edit func(*Repository)) {
	w.change(id, func(r *repository) {
		name := r.Name
		edit(&r.Repository)
		r.ID, r.Name = id, name
	})
}

// DeleteRepository removes a repository for good, and every redirect to it.
func (w *World) DeleteRepository(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.mustRepository(id)
	delete(w.repositories, id)
	delete(w.names, fold(r.fullName()))
	for name, former := range w.formerNames {
		if former == id {
			delete(w.formerNames, name)
		}
	}
	r.owner.lose(r)
}

func (w *World) change(id int64, how func(*repository)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.mustRepository(id)
	how(r)
	r.UpdatedAt = w.now()
	r.changed()
}

func (w *World) mustBeFree(owner *account, name string) {
	if w.names[fold(owner.Login, name)] != nil {
		panic(fmt.Sprintf("sandbox: the name %s/%s is taken", owner.Login, name))
	}
}
