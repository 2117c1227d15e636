package ui

import (
	"strings"
	"time"

	"neptun/weburl"

	"neptun/db"

	"github.com/a-h/templ"
)

// rows is the body of the table.
func (t *Table) rows() templ.Component {
	return component(func(m *markup) {
		topics := t.topicURL()
		m.raw(`<tbody class="rows">`)
		for i := range t.Rows {
			m.row(t, &t.Rows[i], topics)
		}
		m.raw(`</tbody>`)
	})
}

func (m *markup) row(t *Table, r *TableRow, topics topicURL) {
	if r.Imported {
		m.raw(`<tr class="in">`)
	} else {
		m.raw(`<tr>`)
	}
	m.raw(`<td class="picking">`)
	m.pick(r.ID)
	m.raw(`</td><th class="what" scope="row">`)
	m.repositoryName(&r.Repository, t.shownAccount(r))
	m.raw(`<div class="sub">`)
	if r.Description != "" {
		m.raw(`<p class="desc" dir="auto">`)
		m.text(r.Description)
		m.raw(`</p>`)
	}
	m.topics(firstTopics(r.Topics), topics)
	m.raw(`</div></th><td class="lang">`)
	if r.Language != "" {
		m.raw(`<svg class="dot" aria-hidden="true"><circle fill="`)
		m.text(languageColor(r.Language))
		m.raw(`"></circle></svg> `)
		m.text(r.Language)
	}
	m.raw(`</td><td class="role">`)
	m.role(t, r)
	m.raw(`</td><td class="license">`)
	m.text(license(r.License))
	m.raw(`</td><td class="branch">`)
	m.text(r.DefaultBranch)
	m.raw(`</td><td class="pushed">`)
	if !r.PushedAt.IsZero() {
		m.time(t.Frame.Now, r.PushedAt)
	}
	m.raw(`</td><td class="do">`)
	switch {
	case !r.Imported:
		m.only(r, "Import", "", t.Suspended)
	case r.ImportedAt.IsZero():
		m.raw(`<span class="badge success">Imported</span> `)
		m.only(r, "Remove", t.Remove, false)
	default:
		m.raw(` `)
		m.only(r, "Remove", t.Remove, false)
	}
	m.raw(`</td></tr>`)
}

// pick is a row's checkbox, labeled by the repository's link. htmx needs its id
// to restore the focus after a swap.
func (m *markup) pick(id int64) {
	m.raw(`<label class="pick"><input type="checkbox" id="c`)
	m.number(id)
	m.raw(`" name="repository_ids" value="`)
	m.number(id)
	m.raw(`" aria-labelledby="n`)
	m.number(id)
	m.raw(`"></label>`)
}

// repositoryName is the line with a repository's name, and with its owner unless
// that is the page's account.
func (m *markup) repositoryName(r *db.Repository, account string) {
	m.raw(`<p class="name"><span id="n`)
	m.number(r.ID)
	m.raw(`">`)
	if url := weburl.Safe(r.HTMLURL); url != "" {
		m.raw(`<a href="`)
		m.text(url)
		m.raw(`">`)
		m.fullName(r, account)
		m.raw(`</a>`)
	} else {
		m.fullName(r, account)
	}
	m.raw(`</span> `)
	if r.Visibility != "public" && r.Visibility != "" {
		m.raw(`<span class="badge">`)
		m.text(r.Visibility)
		m.raw(`</span> `)
	}
	if r.IsFork {
		m.raw(`<span class="badge">fork</span> `)
	}
	if r.IsTemplate {
		m.raw(`<span class="badge">template</span> `)
	}
	if r.IsArchived {
		m.raw(`<span class="badge warning">archived</span>`)
	}
	m.raw(`</p>`)
}

// FullName is a repository's name, with its owner unless that is the account.
func FullName(r db.Repository, account string) templ.Component {
	return component(func(m *markup) { m.fullName(&r, account) })
}

func (m *markup) fullName(r *db.Repository, account string) {
	if !strings.EqualFold(r.Owner, account) {
		m.raw(`<span class="soft">`)
		m.text(r.Owner)
		m.raw(`/</span>`)
	}
	m.text(r.Name)
}

func (m *markup) topics(topics []string, to topicURL) {
	if len(topics) == 0 {
		return
	}
	m.raw(`<ul class="topics">`)
	for _, topic := range topics {
		m.raw(`<li><a class="topic" href="`)
		m.text(to.before)
		m.query(topic)
		m.text(to.after)
		m.raw(`">`)
		m.text(topic)
		m.raw(`</a></li>`)
	}
	m.raw(`</ul>`)
}

// role is the user's role or the repository's account, and the time of the
// import.
func (m *markup) role(t *Table, r *TableRow) {
	if !t.ByAccount {
		m.text(role(r.Permission))
		return
	}
	m.raw(`<a href="/installations/`)
	m.number(r.InstallationID)
	m.raw(`" hx-boost="false">`)
	m.text(r.Owner)
	m.raw(`</a> `)
	switch {
	case !r.ImportedAt.IsZero():
		m.raw(`<span class="small soft">`)
		m.when(t.Frame.Now, "imported", r.ImportedAt)
		m.raw(`</span>`)
	case r.Permission != "":
		m.raw(`<span class="small soft">`)
		m.text(role(r.Permission))
		m.raw(`</span>`)
	}
}

// When writes a time relative to now.
func When(f Frame, prefix string, t time.Time) templ.Component {
	return component(func(m *markup) { m.when(f.Now, prefix, t) })
}

func (m *markup) when(now time.Time, prefix string, t time.Time) {
	m.text(prefix)
	m.raw(` `)
	m.time(now, t)
}

// only is a row's own button. Its name differs from that of the checkboxes: if
// "only" is sent, handlers ignore the checkboxes.
func (m *markup) only(r *TableRow, verb, action string, disabled bool) {
	if verb == "Remove" {
		m.raw(`<button class="btn small quiet" id="b`)
	} else {
		m.raw(`<button class="btn small" id="b`)
	}
	m.number(r.ID)
	m.raw(`" name="only" value="`)
	m.number(r.ID)
	m.raw(`"`)
	if action != "" {
		m.raw(` formaction="`)
		m.text(action)
		m.raw(`"`)
	}
	if disabled {
		m.raw(` disabled`)
	}
	m.raw(`>`)
	m.text(verb)
	m.raw(`<span class="vh"> `)
	m.text(r.Name)
	m.raw(`</span></button>`)
}
