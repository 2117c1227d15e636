package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"neptun/db/sqlcgen"
)

// UserData is everything that is stored about a user, by topic: lists of rows with the names of
// the database's columns. Secrets and their hashes are left out.
type UserData map[string][]map[string]any

// userData are the queries for it: $1 is the user's id, $2 GitHub's.
var userData = []struct{ name, query string }{
	{"user", `SELECT * FROM users WHERE id = $1 AND github_id = $2`},
	{"github_token", `SELECT t.* FROM github_tokens AS t JOIN users AS u ON u.id = t.user_id WHERE u.id = $1 AND u.github_id = $2`},
	{"sessions", `SELECT t.* FROM sessions AS t JOIN users AS u ON u.id = t.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY t.created_at`},
	{"api_tokens", `SELECT t.* FROM api_tokens AS t JOIN users AS u ON u.id = t.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY t.id`},
	{"api_token_networks", `SELECT n.* FROM api_token_networks AS n JOIN api_tokens AS t ON t.id = n.token_id JOIN users AS u ON u.id = t.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY n.token_id, n.network`},
	{"installations", `SELECT r.*, a.kind AS account_type, a.login AS account_login FROM installation_records AS r JOIN accounts AS a ON a.id = r.account_id JOIN users AS u ON u.id = r.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY r.id`},
	{"removed_installations", `SELECT r.*, a.kind AS account_type, a.login AS account_login FROM removed_installations AS r JOIN accounts AS a ON a.id = r.account_id JOIN users AS u ON u.id = r.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY r.removed_at`},
	{"access", `SELECT x.*, a.login AS repository_owner, p.name AS repository_name FROM access AS x JOIN repositories AS p ON p.id = x.repository_id JOIN accounts AS a ON a.id = p.account_id JOIN users AS u ON u.id = x.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY x.repository_id`},
	{"imports", `SELECT i.*, a.login AS repository_owner, p.name AS repository_name FROM imports AS i JOIN repositories AS p ON p.id = i.repository_id JOIN accounts AS a ON a.id = p.account_id JOIN users AS u ON u.id = i.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY i.id`},
	{"removed_imports", `SELECT i.* FROM removed_imports AS i JOIN users AS u ON u.id = i.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY i.id`},
	{"excluded_repositories", `SELECT i.* FROM import_exclusions AS i JOIN users AS u ON u.id = i.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY i.repository_id`},
	{"actions", `SELECT t.* FROM actions AS t JOIN users AS u ON u.id = t.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY t.id`},
	{"bulk_actions", `SELECT t.* FROM bulk_actions AS t JOIN users AS u ON u.id = t.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY t.id`},
	{"views", `SELECT t.* FROM views AS t JOIN users AS u ON u.id = t.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY t.id`},
	{"history", `SELECT h.* FROM history AS h JOIN users AS u ON u.id = h.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY h.id`},
	{"sync_runs", `SELECT t.* FROM sync_runs AS t JOIN users AS u ON u.id = t.user_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY t.id`},
	{"install_requests", `SELECT r.* FROM install_requests AS r JOIN users AS u ON u.github_id = r.requester_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY r.id`},
	{"operator", `SELECT o.* FROM operators AS o JOIN users AS u ON u.github_id = o.github_id WHERE u.id = $1 AND u.github_id = $2`},
	{"audit", `SELECT t.* FROM audit AS t JOIN users AS u ON u.github_id = t.github_id WHERE u.id = $1 AND u.github_id = $2 ORDER BY t.id`},
}

// secretColumns hold secrets, or values that can be used in place of one.
var secretColumns = map[string]bool{
	"access_token": true, "refresh_token": true, "token_hash": true, "data": true, "request": true, "group_key": true,
}

// ExportUser reads everything that is stored about a user, in one snapshot of the database.
func (d *DB) ExportUser(ctx context.Context, user User) (UserData, error) {
	data := UserData{}
	snapshot := &sql.TxOptions{ReadOnly: true, Isolation: d.dialect.snapshotIsolation()}
	err := inTx(ctx, d.reader, snapshot, func(tx *sql.Tx) error {
		for _, part := range userData {
			rows, err := namedRows(ctx, tx, part.query, user.ID, user.GitHubID)
			if err != nil {
				return fmt.Errorf("db: export %s: %w", part.name, err)
			}
			data[part.name] = rows
		}
		return nil
	})
	return data, err
}

func namedRows(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]map[string]any, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, column := range columns {
			if !secretColumns[column] {
				row[column] = readable(column, values[i])
			}
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

// readable formats a time that is stored in milliseconds.
func readable(column string, value any) any {
	if bytes, ok := value.([]byte); ok {
		value = string(bytes)
	}
	ms, ok := value.(int64)
	if !ok || column != "at" && column != "since" && !strings.HasSuffix(column, "_at") && !strings.HasSuffix(column, "_until") {
		return value
	}
	if ms == 0 {
		return nil
	}
	return fromMillis(ms).Format(time.RFC3339)
}

// DeleteUser deletes a user with all of their data. Audit entries stay, as those of a deleted
// user, and so do GitHub's facts of installations. On SQLite the bytes are overwritten too:
// secure_delete is on.
func (d *DB) DeleteUser(ctx context.Context, user User) (err error) {
	defer func() {
		if d.dialect == sqlite {
			// The write-ahead log keeps the old pages until a checkpoint, which readers may delay.
			_, checkpoint := d.writer.ExecContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint(TRUNCATE)")
			err = errors.Join(err, checkpoint)
		}
	}()
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		for _, step := range []func() error{
			func() error { return d.abandonTokens(ctx, q, user.ID, 0) },
			func() error { return q.DeleteJobsAbout(ctx, user.ID) },
			func() error { return q.DeleteChangesOfUser(ctx, user.ID) },
			func() error { return q.DeleteHistoryOfUser(ctx, user.ID) },
			func() error { return q.DeleteOperatorsOfUser(ctx, user.GitHubID) },
			func() error { return q.DeleteInstallRequestsOf(ctx, user.GitHubID) },
			func() error { return q.AnonymizeAudit(ctx, user.GitHubID) },
			func() error { return q.AnonymizeSuspensions(ctx, user.GitHubID) },
			func() error { return q.DeleteUser(ctx, user.ID) },
			func() error { return q.DeleteAccountWithoutInstallation(ctx, user.GitHubID) },
		} {
			if err := step(); err != nil {
				return fmt.Errorf("db: delete user: %w", err)
			}
		}
		return nil
	})
}
