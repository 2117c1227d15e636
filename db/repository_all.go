package db

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
)

// The repositories that a user can import, over all installations that GitHub shows them,
// read from their own records and access, whose number doesn't depend on other users.
const fromAllAccess = `
FROM installation_records AS ir
CROSS JOIN accounts AS o
CROSS JOIN access AS a
CROSS JOIN ` + itsRepository + `
WHERE ir.user_id = $1
  AND ir.hidden_at = 0
  AND o.id = ir.account_id
  AND a.user_id = ir.user_id
  AND a.account_id = ir.account_id`

// The same without repositories, for conditions that only need names.
const fromAllAccessNames = `
FROM installation_records AS ir
CROSS JOIN access AS a
WHERE ir.user_id = $1
  AND ir.hidden_at = 0
  AND a.user_id = ir.user_id
  AND a.account_id = ir.account_id`

func selectAllAvailable(page Page) string {
	return selectAvailable(page) + `,
    o.login,
    ir.id`
}

// queryAllAvailable reads the rows of a page after finding their ids.
func queryAllAvailable(userID string, filter Filter, sort Sort, page Page) (*listQuery, error) {
	order, ok := repositoryOrders[sort]
	if !ok {
		return nil, fmt.Errorf("db: no order %q", sort)
	}
	narrow := func(q *listQuery) error {
		q.within(filter.Restriction)
		q.filter(filter)
		return q.after(page, sort, order)
	}
	if page.Limit == 0 {
		q := newListQuery(selectAllAvailable(page)+fromAllAccess, userID)
		if err := narrow(q); err != nil {
			return nil, err
		}
		q.order(order.clause(), page)
		return q, nil
	}
	from := fromAllAccess
	if unrestricted := (Filter{Restriction: filter.Restriction}); filter == unrestricted && (sort == SortName || sort == SortNameDesc) {
		from = fromAllAccessNames
	}
	q := newListQuery(selectAllAvailable(page)+"\nFROM (\nSELECT "+order.id+" AS id"+from, userID)
	if err := narrow(q); err != nil {
		return nil, err
	}
	q.order(order.clause(), page)
	q.sql.WriteString(`
) AS page
CROSS JOIN ` + accessToPage + `
CROSS JOIN ` + itsRepository + `
CROSS JOIN accounts AS o
CROSS JOIN installation_records AS ir
WHERE o.id = a.account_id
  AND ir.user_id = a.user_id
  AND ir.account_id = a.account_id
ORDER BY ` + order.clause())
	return q, nil
}

func scanAnyAvailable(page Page) func(*sql.Rows) (Available, error) {
	item := new(Available)
	return scanner(page, item, &item.Repository, &item.Permission, (*numberColumn)(&item.ImportID), &item.Owner, (*numberColumn)(&item.InstallationID))
}

func countAllAvailable(ctx context.Context, on queryer, userID string, filter Filter) (int64, error) {
	if filter == (Filter{}) {
		return newListQuery("SELECT CAST(COALESCE(SUM(repository_count), 0) AS BIGINT) FROM installation_records WHERE user_id = $1 AND hidden_at = 0", userID).count(ctx, on)
	}
	q := newListQuery("SELECT COUNT(*)"+fromAllAccess, userID)
	q.within(filter.Restriction)
	q.filter(filter)
	return q.count(ctx, on)
}

// StreamAllAvailable reads what a user can import through any installation, as
// StreamInstallations does, and under the same versions.
func (d *DB) StreamAllAvailable(ctx context.Context, key string, filter Filter, sort Sort, page Page,
	fn func(versions Versions, total int64, rows iter.Seq2[Available, error]) error,
) error {
	return streamAll(ctx, d, key, filter, sort, page, scanAnyAvailable, queryAllAvailable, countAllAvailable, fn)
}
