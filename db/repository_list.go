package db

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// repositoryColumns are what lists read of a repository. The owner is not among
// them: it is the same in every row of an installation's lists.
const repositoryColumns = `
    r.id,
    r.name,
    r.html_url,
    r.description,
    r.language,
    r.license,
    r.size_kb,
    r.website_url,
    r.default_branch,
    r.topics,
    r.visibility,
    r.is_private,
    r.is_fork,
    r.is_template,
    r.is_archived,
    r.pushed_at,
    r.clone_url,
    r.ssh_url,
    r.node_id,
    r.stars,
    r.forks,
    r.open_issues,
    r.is_disabled,
    r.github_created_at,
    r.github_updated_at,
    r.custom_properties`

// shownColumns are those of them that pages show.
const shownColumns = `
    r.id,
    r.name,
    r.html_url,
    r.description,
    r.language,
    r.license,
    r.default_branch,
    r.topics,
    r.visibility,
    r.is_fork,
    r.is_template,
    r.is_archived,
    r.pushed_at`

// columns returns the columns that are read for each repository.
func (p Page) columns() string {
	if p.Shown {
		return shownColumns
	}
	return repositoryColumns
}

// fewRepositories is the longest list that is sorted, rather than read from the index of
// its order, which has all repositories of the account.
const fewRepositories = 1000

// farOffset is the offset from which counting an account's repositories first is faster.
const farOffset = 1000

// The repositories of one account that a user can import, read from their access and from
// the account's repositories.
const (
	fromAccess = `
FROM access AS a
CROSS JOIN ` + itsRepository + `
WHERE a.user_id = $1
  AND a.account_id = $2`
	fromRepositories = `
FROM repositories AS r
CROSS JOIN access AS a
WHERE r.account_id = $2
  AND a.user_id = $1
  AND a.repository_id = r.id`
	// Of some repositories, as idsJSON encodes them.
	fromSomeRepositories = `
FROM json_each($3) AS j
CROSS JOIN access AS a
CROSS JOIN repositories AS r
WHERE a.user_id = $1
  AND a.repository_id = CAST(j.key AS BIGINT)
  AND a.account_id = $2
  AND r.id = a.repository_id`
)

// The user's import of a repository. It is a subquery, since both engines then use its
// index; PostgreSQL would join the lists when it has few statistics.
const fromImportOfIt = `FROM imports AS own WHERE own.user_id = a.user_id AND own.repository_id = a.repository_id`

func (q *listQuery) filter(f Filter) {
	if needle := strings.TrimSpace(f.Query); needle != "" {
		q.and(`r.search LIKE ? ESCAPE '\'`, "%"+escapeLike(strings.ToLower(needle))+"%")
	}
	switch f.Imported {
	case Yes:
		q.and("EXISTS (SELECT 1 " + fromImportOfIt + ")")
	case No:
		q.and("NOT EXISTS (SELECT 1 " + fromImportOfIt + ")")
	}
	if f.Visibility != "" {
		q.and("r.visibility = ?", f.Visibility)
	}
	switch f.Language {
	case "":
	case NoLanguage:
		q.and("r.language = ''")
	default:
		q.and("r.language = ?", f.Language)
	}
	if f.Archived != Any {
		q.and("r.is_archived = ?", f.Archived == Yes)
	}
	if f.Fork != Any {
		q.and("r.is_fork = ?", f.Fork == Yes)
	}
	if f.Repository != "" {
		owner, name, _ := strings.Cut(strings.ToLower(f.Repository), "/")
		q.and("r.name_key = ?", name)
		q.and("r.account_id IN (SELECT named.id FROM accounts AS named WHERE LOWER(named.login COLLATE \"C\") = ?)", owner)
	}
	if f.License != "" {
		q.and("LOWER(r.license COLLATE \"C\") = ?", strings.ToLower(f.License))
	}
	if f.Template != Any {
		q.and("r.is_template = ?", f.Template == Yes)
	}
	if f.Permission != "" {
		q.and("a.permission = ?", f.Permission)
	}
	if !f.PushedSince.IsZero() {
		q.and("r.pushed_at >= ?", millis(f.PushedSince))
	}
	if !f.PushedBefore.IsZero() {
		q.and("r.pushed_at > 0 AND r.pushed_at < ?", millis(f.PushedBefore))
	}
	if f.PropertyName != "" {
		q.and(hasPropertyFunction+"(r.custom_properties, ?, ?)", f.PropertyName, f.PropertyValue)
	}
	if f.RepositoryID != 0 {
		q.and("r.id = ?", f.RepositoryID)
	}
	if f.ImportID != 0 {
		q.and("i.id = ?", f.ImportID)
	}
	if f.Account != "" {
		q.and("LOWER(o.login COLLATE \"C\") = ?", strings.ToLower(f.Account))
	}
	if f.among != "" {
		// The plus keeps SQLite from looking up each one, as it would choose by statistics.
		q.and("+a.repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(?) AS j)", f.among)
	}
	if f.Topic != "" {
		q.and(`r.topics LIKE ? ESCAPE '\'`, "%"+escapeLike(strconv.Quote(strings.ToLower(f.Topic)))+"%")
	}
}

// searchText is the text that Filter.Query searches. It is lower-cased here, since SQLite's
// LIKE only folds ASCII.
func searchText(r Repository) string {
	return strings.ToLower(r.Name + "\n" + r.Description + "\n" + strings.Join(r.Topics, " "))
}

// scanner returns a function that scans each row of a list into item: the columns of r,
// which is a part of item, then additional columns. Every row sets all of them, so the
// targets are allocated once.
func scanner[Item any](p Page, item *Item, r *Repository, more ...any) func(*sql.Rows) (Item, error) {
	var targets []any
	if p.Shown {
		targets = []any{
			(*numberColumn)(&r.ID), &r.Name, &r.HTMLURL, &r.Description, &r.Language, &r.License, &r.DefaultBranch, (*topicsColumn)(&r.Topics),
			&r.Visibility, (*boolColumn)(&r.IsFork), (*boolColumn)(&r.IsTemplate), (*boolColumn)(&r.IsArchived), (*timeColumn)(&r.PushedAt),
		}
	} else {
		targets = []any{
			(*numberColumn)(&r.ID), &r.Name, &r.HTMLURL, &r.Description, &r.Language, &r.License, (*numberColumn)(&r.SizeKB),
			&r.WebsiteURL, &r.DefaultBranch, (*topicsColumn)(&r.Topics), &r.Visibility,
			(*boolColumn)(&r.IsPrivate), (*boolColumn)(&r.IsFork), (*boolColumn)(&r.IsTemplate), (*boolColumn)(&r.IsArchived), (*timeColumn)(&r.PushedAt),
			&r.CloneURL, &r.SSHURL, &r.NodeID,
			countColumn{&r.Stars},
			countColumn{&r.Forks},
			countColumn{&r.OpenIssues},
			flagColumn{&r.IsDisabled},
			(*timeColumn)(&r.GitHubCreatedAt), (*timeColumn)(&r.GitHubUpdatedAt), (*jsonColumn)(&r.CustomProperties),
		}
	}
	targets = append(targets, more...)
	return func(rows *sql.Rows) (Item, error) {
		err := rows.Scan(targets...)
		return *item, err
	}
}

// unknown is the stored value of a count or flag that GitHub didn't send.
const unknown = -1

func storedCount(count *int64) int64 {
	if count == nil {
		return unknown
	}
	return *count
}

func storedFlag(flag *bool) int64 {
	switch {
	case flag == nil:
		return unknown
	case *flag:
		return 1
	}
	return 0
}

// noTopics is how an empty list of topics or paths is stored.
const noTopics = "[]"

// scanAvailable returns a function that scans a repository of this installation.
func (i InstallationRecord) scanAvailable(page Page) func(*sql.Rows) (Available, error) {
	item := &Available{InstallationID: i.ID}
	item.Owner = i.Account.Login
	return scanner(page, item, &item.Repository, &item.Permission, (*numberColumn)(&item.ImportID))
}

// narrow returns a function that applies a filter, or nil if the filter matches all. A search within one
// account may start with the account's name, since users paste owner/name.
func (i InstallationRecord) narrow(f Filter) func(*listQuery) {
	if f == (Filter{}) {
		return nil
	}
	f.Query = i.needle(f)
	other := f.Account != "" && !strings.EqualFold(f.Account, i.Account.Login)
	f.Account = ""
	return func(q *listQuery) {
		if other {
			q.and("FALSE")
		}
		q.filter(f)
	}
}

// needle returns the text that a filter searches for, in lower case.
func (i InstallationRecord) needle(f Filter) string {
	return strings.TrimPrefix(needleOf(f), strings.ToLower(i.Account.Login)+"/")
}

// needleOf returns the text that a filter searches for in a list over all accounts, in lower case.
func needleOf(f Filter) string { return strings.ToLower(strings.TrimSpace(f.Query)) }

// narrowing is a filtered list of available repositories. The zero narrowing has all of them.
type narrowing struct {
	some  string           // only these repositories, as idsJSON encodes them
	apply func(*listQuery) // adds conditions
	// total is how many there are, if isCounted is set.
	total     int64
	isCounted bool
	// skipped is how many rows of the list come before those of some.
	skipped int
}

// narrow is InstallationRecord.narrow for a page of a list, but may search in memory.
func (d *DB) narrow(ctx context.Context, on queryer, through InstallationRecord, filter Filter, sort Sort, page Page) (narrowing, error) {
	needle := through.needle(filter)
	if needle == "" {
		return narrowing{apply: through.narrow(filter)}, nil
	}
	hits, ok, err := d.searched.find(ctx, on, through, needle)
	if err != nil || !ok {
		return narrowing{apply: through.narrow(filter)}, err
	}
	others := filter
	others.Query = ""
	narrowed := narrowing{apply: through.narrow(filter), total: int64(len(hits)), isCounted: others == Filter{}}
	if narrowed.isCounted {
		hits, narrowed.skipped = page.among(hits, sort)
	}
	if len(hits) <= fewHits {
		narrowed.some, narrowed.apply = idsJSON(hits), through.narrow(others)
	}
	return narrowed, nil
}

// query starts a query of these tables, or of the given ids.
func (n narrowing) query(head, from string, through InstallationRecord) *listQuery {
	q := newListQuery(head+from, through.UserID, through.accountID)
	if n.some != "" {
		q = newListQuery(head+fromSomeRepositories, through.UserID, through.accountID, n.some)
	}
	if n.apply != nil {
		n.apply(q)
	}
	return q
}

func (n narrowing) isAll() bool { return n.some == "" && n.apply == nil }

func selectAvailable(page Page) string {
	return "SELECT" + page.columns() + `,
    a.permission,
    COALESCE((SELECT own.id ` + fromImportOfIt + `), 0)`
}

// queryAvailable lists the repositories of a narrowing. The rows
// of a page are looked up once their ids are known.
func queryAvailable(ctx context.Context, on queryer, through InstallationRecord, narrowed narrowing, sort Sort, page Page) (*listQuery, error) {
	order, ok := repositoryOrders[sort]
	if !ok {
		return nil, fmt.Errorf("db: no order %q", sort)
	}
	byName := sort == SortName || sort == SortNameDesc
	from := fromRepositories
	if byName || through.RepositoryCount <= fewRepositories {
		from = fromAccess
	}
	if page.Limit == 0 {
		q := narrowed.query(selectAvailable(page), from, through)
		if err := q.after(page, sort, order); err != nil {
			return nil, err
		}
		q.order(order.clause(), page)
		return q, nil
	}
	near, window := order, page // which rows, counted from the nearer end of the list
	if narrowed.isAll() {
		near, window = order.fromNearerEnd(page, through.RepositoryCount)
		all, err := reachesAll(ctx, on, through, window)
		if err != nil {
			return nil, err
		}
		switch {
		case byName:
			from = "\nFROM access AS a\nWHERE a.user_id = $1\n  AND a.account_id = $2"
		case all:
			from = "\nFROM repositories AS r\nWHERE r.account_id = $2"
		}
	}
	q := narrowed.query(selectAvailable(page)+"\nFROM (\nSELECT "+order.id+" AS id", from, through)
	if err := q.after(page, sort, order); err != nil {
		return nil, err
	}
	window.Offset -= narrowed.skipped
	q.order(near.clause(), window)
	q.sql.WriteString(`
) AS page
CROSS JOIN ` + accessToPage + `
CROSS JOIN ` + itsRepository + `
ORDER BY ` + order.clause())
	return q, nil
}

// reachesAll reports whether a user sees all repositories of an account, so that a far page
// can be found without reading their access to the repositories before it. The page itself
// is still joined with their access.
func reachesAll(ctx context.Context, on queryer, through InstallationRecord, page Page) (bool, error) {
	if page.Offset < farOffset || through.RepositoryCount <= fewRepositories {
		return false, nil
	}
	n, err := newListQuery("SELECT COUNT(*) FROM repositories WHERE account_id = $1", through.accountID).count(ctx, on)
	return n == through.RepositoryCount, err
}

func countAvailable(ctx context.Context, on queryer, through InstallationRecord, narrowed narrowing) (int64, error) {
	if narrowed.isAll() {
		return through.RepositoryCount, nil
	}
	if narrowed.isCounted {
		return narrowed.total, nil
	}
	return narrowed.query("SELECT COUNT(*)", fromAccess, through).count(ctx, on)
}
