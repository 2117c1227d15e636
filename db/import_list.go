package db

import (
	"context"
	"database/sql"
	"fmt"
)

// The imports of a user over all installations that GitHub shows them.
const fromImports = `
FROM imports AS i
CROSS JOIN ` + accessToImport + `
CROSS JOIN ` + itsRepository + `
CROSS JOIN accounts AS o
CROSS JOIN installation_records AS ir
WHERE i.user_id = $1
  AND o.id = i.account_id
  AND ir.user_id = i.user_id
  AND ir.account_id = i.account_id
  AND ir.hidden_at = 0`

// The imports of a user in one account.
const fromImportsThrough = `
FROM imports AS i
CROSS JOIN ` + accessToImport + `
CROSS JOIN ` + itsRepository + `
WHERE i.user_id = $1
  AND i.account_id = $2`

const importColumns = `,
    i.id,
    i.created_at,
    i.updated_at`

func selectImportsThrough(page Page) string {
	return "SELECT" + page.columns() + importColumns + fromImportsThrough
}

// importOrders are the orders of lists of imports.
var importOrders = map[Sort]listOrder{
	SortID:         {"", "i.id", false},
	SortIDDesc:     {"", "i.id", true},
	SortName:       {"a.name_key", "i.repository_id", false},
	SortNameDesc:   {"a.name_key", "i.repository_id", true},
	SortPushed:     {"r.pushed_at", "i.repository_id", false},
	SortPushedDesc: {"r.pushed_at", "i.repository_id", true},
	SortSize:       {"r.size_kb", "i.repository_id", false},
	SortSizeDesc:   {"r.size_kb", "i.repository_id", true},
}

func queryImports(userID string, filter Filter, sort Sort, page Page) (*listQuery, error) {
	q := newListQuery("SELECT"+page.columns()+importColumns+`,
    o.login,
    ir.id`+fromImports, userID)
	q.within(filter.Restriction)
	q.filter(filter)
	return q, q.importsOrder(sort, page)
}

func (q *listQuery) importsOrder(sort Sort, page Page) error {
	order, ok := importOrders[sort]
	if !ok {
		return fmt.Errorf("db: no order %q", sort)
	}
	if err := q.after(page, sort, order); err != nil {
		return err
	}
	q.order(order.clause(), page)
	return nil
}

func scanAnyImport(page Page) func(*sql.Rows) (Import, error) {
	item := new(Import)
	return scanImport(page, item, &item.Owner, (*numberColumn)(&item.InstallationID))
}

func countImports(ctx context.Context, on queryer, userID string, filter Filter) (int64, error) {
	if filter == (Filter{}) {
		q := newListQuery("SELECT CAST(COALESCE(SUM(import_count), 0) AS BIGINT) FROM installation_records WHERE user_id = $1 AND hidden_at = 0", userID)
		return q.count(ctx, on)
	}
	q := newListQuery("SELECT COUNT(*)"+fromImports, userID)
	q.within(filter.Restriction)
	q.filter(filter)
	return q.count(ctx, on)
}

// countImportsThrough counts a user's imports through one of their
// installations.
func countImportsThrough(ctx context.Context, on queryer, through InstallationRecord, filter Filter) (int64, error) {
	narrow := through.narrow(filter)
	if narrow == nil {
		return through.ImportCount, nil
	}
	q := newListQuery("SELECT COUNT(*)"+fromImportsThrough, through.UserID, through.accountID)
	narrow(q)
	return q.count(ctx, on)
}

// queryImportsThrough lists a user's imports through one of their installations.
func queryImportsThrough(through InstallationRecord, filter Filter, sort Sort, page Page) (*listQuery, error) {
	q := newListQuery(selectImportsThrough(page), through.UserID, through.accountID)
	if narrow := through.narrow(filter); narrow != nil {
		narrow(q)
	}
	return q, q.importsOrder(sort, page)
}

// scanImport returns a function that scans an import into item: its repository and
// importColumns, then additional columns.
func scanImport(page Page, item *Import, more ...any) func(*sql.Rows) (Import, error) {
	own := []any{(*numberColumn)(&item.ID), (*timeColumn)(&item.CreatedAt), (*timeColumn)(&item.UpdatedAt)}
	return scanner(page, item, &item.Repository, append(own, more...)...)
}

// scanImport returns what reads an import through this installation.
func (i InstallationRecord) scanImport(page Page) func(*sql.Rows) (Import, error) {
	item := &Import{InstallationID: i.ID}
	item.Owner = i.Account.Login
	return scanImport(page, item)
}
