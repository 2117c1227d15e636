package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// The lists of repositories are composed here rather than generated: a
// condition that nobody asked for, or a CASE in ORDER BY, would keep both
// engines from the index that serves the list.

// repositoryColumns are read by scanRepository. The owner is not among them: it
// is the same in every row of an installation's lists.
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
    r.pushed_at`

// What one person may import of one account.
const fromAvailable = `
FROM repositories AS r
JOIN access AS a ON a.user_id = $1 AND a.repository_id = r.id
WHERE r.account_id = $2`

// The person's import of a repository. A subquery, since each engine looks one
// up by its index, while PostgreSQL joins the lists while it knows little of them.
const fromImportOfIt = `FROM imports AS own WHERE own.user_id = a.user_id AND own.repository_id = r.id`

// What one person imported, over all installations that GitHub shows them.
const fromImports = `
FROM imports AS i
JOIN access AS a ON a.user_id = i.user_id AND a.repository_id = i.repository_id
JOIN repositories AS r ON r.id = i.repository_id
JOIN accounts AS o ON o.id = i.account_id
JOIN installation_records AS ir ON ir.user_id = i.user_id AND ir.account_id = i.account_id AND ir.hidden_at = 0
WHERE i.user_id = $1`

// What one person imported of one account.
const fromImportsThrough = `
FROM imports AS i
JOIN access AS a ON a.user_id = i.user_id AND a.repository_id = i.repository_id
JOIN repositories AS r ON r.id = i.repository_id
WHERE i.user_id = $1
  AND i.account_id = $2`

// orders are the closed set of what may stand behind ORDER BY. Each ends in a
// key, so that paging neither repeats nor skips a row.
var orders = map[Sort]string{
	SortID:         "i.id",
	SortIDDesc:     "i.id DESC",
	SortName:       "r.name_key, r.id",
	SortNameDesc:   "r.name_key DESC, r.id DESC",
	SortPushed:     "r.pushed_at, r.id",
	SortPushedDesc: "r.pushed_at DESC, r.id DESC",
	SortSize:       "r.size_kb, r.id",
	SortSizeDesc:   "r.size_kb DESC, r.id DESC",
}

// listQuery is a query in the making, with the arguments of its placeholders.
type listQuery struct {
	sql  strings.Builder
	args []any
}

func newListQuery(head string, args ...any) *listQuery {
	q := &listQuery{args: args}
	q.sql.WriteString(head)
	return q
}

// and adds a condition; each ? in it stands for the next argument.
func (q *listQuery) and(condition string, args ...any) {
	q.sql.WriteString("\n  AND ")
	for _, arg := range args {
		if text, ok := arg.(string); ok {
			arg = storable(text)
		}
		before, after, _ := strings.Cut(condition, "?")
		q.args = append(q.args, arg)
		q.sql.WriteString(before + "$" + strconv.Itoa(len(q.args)))
		condition = after
	}
	q.sql.WriteString(condition)
}

// within leaves of a list over all installations what a restriction lets through.
func (q *listQuery) within(restriction Restriction) {
	if restriction != 0 {
		q.and(reachedBy("?"), int64(restriction))
	}
}

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
	if f.Language != "" {
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
		q.and("r.account_id IN (SELECT named.id FROM accounts AS named WHERE LOWER(named.login) = ?)", owner)
	}
	if f.License != "" {
		q.and("LOWER(r.license) = ?", strings.ToLower(f.License))
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
	if f.RepositoryID != 0 {
		q.and("r.id = ?", f.RepositoryID)
	}
	if f.ImportID != 0 {
		q.and("i.id = ?", f.ImportID)
	}
	if f.Topic != "" {
		q.and(`r.topics LIKE ? ESCAPE '\'`, "%"+escapeLike(strconv.Quote(strings.ToLower(f.Topic)))+"%")
	}
}

func (q *listQuery) page(sort Sort, page Page) error {
	order, ok := orders[sort]
	if !ok {
		return fmt.Errorf("db: no order %q", sort)
	}
	q.order(order, page)
	return nil
}

// order ends a query; by is what stands behind ORDER BY.
func (q *listQuery) order(by string, page Page) {
	q.args = append(q.args, page.sqlLimit(), page.Offset)
	fmt.Fprintf(&q.sql, "\nORDER BY %s\nLIMIT $%d OFFSET $%d", by, len(q.args)-1, len(q.args))
}

// storable is text as it can be stored: PostgreSQL fails on any other, where
// there is nothing to find.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// escapeLike takes the meaning from LIKE's wildcards.
func escapeLike(s string) string { return likeEscaper.Replace(s) }

// searchText is what Filter.Query looks through. It is lower-cased here, since
// SQLite's LIKE folds ASCII alone.
func searchText(r Repository) string {
	return strings.ToLower(r.Name + "\n" + r.Description + "\n" + strings.Join(r.Topics, " "))
}

// scanRepository reads repositoryColumns, then what more is asked for.
func scanRepository(rows *sql.Rows, r *Repository, more ...any) error {
	var (
		topics string
		pushed int64
	)
	targets := append([]any{
		&r.ID, &r.Name, &r.HTMLURL, &r.Description, &r.Language, &r.License, &r.SizeKB,
		&r.WebsiteURL, &r.DefaultBranch, &topics, &r.Visibility,
		&r.IsPrivate, &r.IsFork, &r.IsTemplate, &r.IsArchived, &pushed,
	}, more...)
	if err := rows.Scan(targets...); err != nil {
		return err
	}
	r.PushedAt = fromMillis(pushed)
	if topics == noTopics {
		return nil
	}
	if !strings.Contains(topics, `\`) {
		// All that GitHub allows in topics: nothing in the array is escaped.
		r.Topics = strings.Split(topics[len(`["`):len(topics)-len(`"]`)], `","`)
		return nil
	}
	return json.Unmarshal([]byte(topics), &r.Topics)
}

// noTopics is how an empty list of topics is stored.
const noTopics = "[]"

// ListAvailable lists what a person can import through an installation of theirs.
func (d *DB) ListAvailable(ctx context.Context, through InstallationRecord, filter Filter, sort Sort, page Page) ([]Available, error) {
	q, err := queryAvailable(through, func(q *listQuery) { q.filter(through.filter(filter)) }, sort, page)
	if err != nil {
		return nil, err
	}
	return d.available(ctx, through, q)
}

func (d *DB) available(ctx context.Context, through InstallationRecord, q *listQuery) ([]Available, error) {
	return collect(ctx, d.reader, through.scanAvailable, q.sql.String(), q.args...)
}

// scanAvailable reads a repository that is reached through this installation.
func (i InstallationRecord) scanAvailable(rows *sql.Rows) (Available, error) {
	item := Available{InstallationID: i.ID}
	item.Owner = i.Account.Login
	err := scanRepository(rows, &item.Repository, &item.Permission, &item.ImportID)
	return item, err
}

// queryAvailable lists what narrow lets through.
func queryAvailable(through InstallationRecord, narrow func(*listQuery), sort Sort, page Page) (*listQuery, error) {
	q := newListQuery("SELECT"+repositoryColumns+`,
    a.permission,
    COALESCE((SELECT own.id `+fromImportOfIt+`), 0)`+fromAvailable, through.UserID, through.accountID)
	narrow(q)
	return q, q.page(sort, page)
}

// CountAvailable counts what Available lists.
func (d *DB) CountAvailable(ctx context.Context, through InstallationRecord, filter Filter) (int64, error) {
	return countFiltered(ctx, d.reader, through, filter)
}

func countFiltered(ctx context.Context, on queryer, through InstallationRecord, filter Filter) (int64, error) {
	if filter == (Filter{}) {
		return through.RepositoryCount, nil
	}
	return countAvailable(ctx, on, through, func(q *listQuery) { q.filter(through.filter(filter)) })
}

func countAvailable(ctx context.Context, on queryer, through InstallationRecord, narrow func(*listQuery)) (int64, error) {
	q := newListQuery("SELECT COUNT(*)"+fromAvailable, through.UserID, through.accountID)
	narrow(q)
	return q.count(ctx, on)
}

// ListImports lists what a person imported, over all their installations.
func (d *DB) ListImports(ctx context.Context, userID string, filter Filter, sort Sort, page Page) ([]Import, error) {
	q, err := queryImports(userID, filter, sort, page)
	if err != nil {
		return nil, err
	}
	return collect(ctx, d.reader, scanAnyImport, q.sql.String(), q.args...)
}

func queryImports(userID string, filter Filter, sort Sort, page Page) (*listQuery, error) {
	q := newListQuery("SELECT"+repositoryColumns+importColumns+`,
    o.login,
    ir.id`+fromImports, userID)
	q.within(filter.Restriction)
	q.filter(filter)
	return q, q.page(sort, page)
}

func scanAnyImport(rows *sql.Rows) (Import, error) {
	var item Import
	err := scanImport(rows, &item, &item.Owner, &item.InstallationID)
	return item, err
}

// CountImports counts what Imports lists.
func (d *DB) CountImports(ctx context.Context, userID string, filter Filter) (int64, error) {
	return countImports(ctx, d.reader, userID, filter)
}

func countImports(ctx context.Context, on queryer, userID string, filter Filter) (int64, error) {
	q := newListQuery("SELECT COUNT(*)"+fromImports, userID)
	q.within(filter.Restriction)
	q.filter(filter)
	return q.count(ctx, on)
}

// ListInstallationImports lists what a person imported through one installation of theirs.
func (d *DB) ListInstallationImports(ctx context.Context, through InstallationRecord, filter Filter, sort Sort, page Page) ([]Import, error) {
	q, err := queryImportsThrough(through, filter, sort, page)
	if err != nil {
		return nil, err
	}
	return collect(ctx, d.reader, through.scanImport, q.sql.String(), q.args...)
}

// countImportsThrough counts what a person imported through one installation of
// theirs.
func countImportsThrough(ctx context.Context, on queryer, through InstallationRecord, filter Filter) (int64, error) {
	if filter == (Filter{}) {
		return through.ImportCount, nil
	}
	q := newListQuery("SELECT COUNT(*)"+fromImportsThrough, through.UserID, through.accountID)
	q.filter(through.filter(filter))
	return q.count(ctx, on)
}

func queryImportsThrough(through InstallationRecord, filter Filter, sort Sort, page Page) (*listQuery, error) {
	q := newListQuery(selectImportsThrough, through.UserID, through.accountID)
	q.filter(through.filter(filter))
	return q, q.page(sort, page)
}

const importColumns = `,
    i.id,
    i.created_at,
    i.updated_at`

const selectImportsThrough = "SELECT" + repositoryColumns + importColumns + fromImportsThrough

// scanImport reads repositoryColumns and importColumns, then what more is asked for.
func scanImport(rows *sql.Rows, item *Import, more ...any) error {
	var created, updated int64
	err := scanRepository(rows, &item.Repository, append([]any{&item.ID, &created, &updated}, more...)...)
	item.CreatedAt, item.UpdatedAt = fromMillis(created), fromMillis(updated)
	return err
}

// scanImport reads an import through this installation.
func (i InstallationRecord) scanImport(rows *sql.Rows) (Import, error) {
	item := Import{InstallationID: i.ID}
	item.Owner = i.Account.Login
	err := scanImport(rows, &item)
	return item, err
}

// filter lets a search within one account start with the account's name, as
// people paste owner/name.
func (i InstallationRecord) filter(f Filter) Filter {
	query := strings.ToLower(strings.TrimSpace(f.Query))
	f.Query = strings.TrimPrefix(query, strings.ToLower(i.Account.Login)+"/")
	return f
}

func (q *listQuery) count(ctx context.Context, on queryer) (n int64, err error) {
	if err := on.QueryRowContext(ctx, q.sql.String(), q.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("db: count: %w", err)
	}
	return n, nil
}
