package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"neptun/db/sqlcgen"
)

// AutoImport is the auto-import setting of an installation record. It applies to existing
// repositories, and whenever a repository is added or changes.
type AutoImport struct {
	Mode ImportMode
	// Rules only apply with ImportRules, but are kept with the other modes.
	Rules []ImportRule
}

// ImportMode is how much is imported automatically.
type ImportMode string

// The modes of automatic import.
const (
	ImportOff   ImportMode = "off"
	ImportAll   ImportMode = "all"
	ImportRules ImportMode = "rules" // repositories that match at least one rule
)

// ImportRule matches the repositories that match all of its conditions; an empty
// condition matches every repository.
type ImportRule struct {
	// Name is a pattern for the whole name, ignoring case: * matches any characters, ?
	// a single one.
	Name       string `json:"name"`
	Visibility string `json:"visibility"`
	Language   string `json:"language"`
	Archived   Choice `json:"archived"`
	Fork       Choice `json:"fork"`
	Topic      string `json:"topic"`

	// Query, License, Template, Permission and the custom property are those of Filter.
	Query         string `json:"q,omitempty"`
	License       string `json:"license,omitempty"`
	Template      Choice `json:"template,omitempty"`
	Permission    string `json:"permission,omitempty"`
	PropertyName  string `json:"property_name,omitempty"`
	PropertyValue string `json:"property_value,omitempty"`
}

// Property is the custom property as name:value, or its name for any value.
func (r ImportRule) Property() string { return propertyText(r.PropertyName, r.PropertyValue) }

// Empty reports whether a rule has no condition.
func (r ImportRule) Empty() bool { return r == ImportRule{} }

// Exclusion is a repository whose import was removed manually, so that it isn't imported
// automatically again.
type Exclusion struct {
	Repository Repository // only its id, owner, name and page
	Since      time.Time
}

// GetAutoImport returns the auto-import setting of a record. The error is ErrNotFound if
// the record doesn't exist.
func (d *DB) GetAutoImport(ctx context.Context, through InstallationRecord) (AutoImport, error) {
	row, err := d.read.GetAutomaticImport(ctx, sqlcgen.GetAutomaticImportParams{ID: through.ID, UserID: through.UserID})
	if err != nil {
		return AutoImport{}, fmt.Errorf("db: read automatic import: %w", found(err))
	}
	return toAutomaticImport(row.AutoImport, row.AutoImportRules)
}

func toAutomaticImport(mode, rules string) (AutoImport, error) {
	set := AutoImport{Mode: ImportMode(mode)}
	if err := json.Unmarshal([]byte(rules), &set.Rules); err != nil {
		return AutoImport{}, fmt.Errorf("db: decode rules: %w", err)
	}
	return set, nil
}

// SetAutoImport changes the auto-import setting of a record, imports the existing
// repositories that it matches, and returns how many those are. It is one action, whose id
// is 0 if nothing changed. check, if not nil, receives the stored setting while it is
// locked. The error is ErrNotFound if the record doesn't exist, or check's.
func (d *DB) SetAutoImport(ctx context.Context, through InstallationRecord, set AutoImport, check func(stored AutoImport, excluded int64) error) (imported, actionID int64, err error) {
	if set.Rules == nil {
		set.Rules = []ImportRule{}
	}
	rules, err := json.Marshal(set.Rules)
	if err != nil {
		return 0, 0, fmt.Errorf("db: encode rules: %w", err)
	}
	err = d.writeTx(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) error {
		now := millis(d.now())
		key := sqlcgen.GetAutomaticImportParams{ID: through.ID, UserID: through.UserID}
		if err := q.LockAutomaticImport(ctx, sqlcgen.LockAutomaticImportParams(key)); err != nil {
			return fmt.Errorf("db: lock automatic import: %w", err)
		}
		before, err := q.GetAutomaticImport(ctx, key)
		if err != nil {
			return fmt.Errorf("db: read automatic import: %w", found(err))
		}
		if check != nil {
			stored, err := toAutomaticImport(before.AutoImport, before.AutoImportRules)
			if err != nil {
				return err
			}
			excluded, err := q.CountExclusions(ctx, sqlcgen.CountExclusionsParams{UserID: through.UserID, AccountID: through.accountID})
			if err != nil {
				return fmt.Errorf("db: count exclusions: %w", err)
			}
			if err := check(stored, excluded); err != nil {
				return err
			}
		}
		rows, err := q.SetAutomaticImport(ctx, sqlcgen.SetAutomaticImportParams{
			AutoImport: string(set.Mode), AutoImportRules: validText(string(rules)), ID: through.ID, UserID: through.UserID,
		})
		if err != nil {
			return fmt.Errorf("db: set automatic import: %w", err)
		}
		if rows == 0 {
			return ErrNotFound
		}
		ids, err := importAutomatically(ctx, tx, q, through.accountID, through.UserID, everyRepository, now)
		if err != nil {
			return err
		}
		after, err := q.GetAutomaticImport(ctx, key)
		if err != nil {
			return fmt.Errorf("db: read automatic import: %w", found(err))
		}
		imported, actionID = int64(len(ids)), 0
		if before == after && len(ids) == 0 {
			return nil
		}
		if actionID, err = insertAction(ctx, q, action{
			userID: through.UserID, recordID: through.ID, kind: ActionAutoImport, before: before, after: after,
		}, now); err != nil {
			return err
		}
		return insertActionImports(ctx, q, actionID, through.UserID, ids, nil)
	})
	return imported, actionID, err
}

// everyRepository, in place of encoded ids, applies auto-import to all repositories.
const everyRepository = ""

// importAutomatically imports the repositories of an account that match the rules of a
// user, or of all users: those with these ids, encoded by idsJSON, or all. It runs in the
// transaction that ends a sync, and returns the repositories that it imported.
func importAutomatically(ctx context.Context, tx *sql.Tx, q *sqlcgen.Queries, accountID int64, userID, ids string, now int64) (imported []int64, err error) {
	rows, err := q.ListAutomaticImports(ctx, sqlcgen.ListAutomaticImportsParams{AccountID: accountID, UserID: userID})
	if err != nil {
		return nil, fmt.Errorf("db: list automatic imports: %w", err)
	}
	for _, row := range rows {
		set, err := toAutomaticImport(row.AutoImport, row.AutoImportRules)
		if err != nil {
			return nil, err
		}
		list := newListQuery("SELECT r.id"+fromAccess, row.UserID, accountID)
		if ids != everyRepository {
			list = newListQuery("SELECT r.id"+fromSomeRepositories, row.UserID, accountID, ids)
		}
		list.importable(set)
		list.sql.WriteString("\nORDER BY r.id")
		matching, err := collect(ctx, tx, func(rows *sql.Rows) (id int64, err error) {
			err = rows.Scan(&id)
			return id, err
		}, list.sql.String(), list.args...)
		if err != nil {
			return nil, err
		}
		if len(matching) == 0 {
			continue
		}
		for chunk := range slices.Chunk(matching, bulkSize) {
			if err := insertImports(ctx, q, row.UserID, accountID, idsJSON(chunk), now); err != nil {
				return nil, err
			}
		}
		imported = append(imported, matching...)
		entry := historyEntry{account: accountID, user: row.UserID, change: AutoImported, count: int64(len(matching))}
		entry.name(matching)
		if err := recordHistory(ctx, q, now, entry); err != nil {
			return nil, err
		}
		if err := recount(ctx, q, accountID, row.UserID, now); err != nil {
			return nil, err
		}
	}
	return imported, nil
}

// importable restricts a list of available repositories to those that auto-import would
// import.
func (q *listQuery) importable(set AutoImport) {
	q.matching(set)
	q.filter(Filter{Imported: No})
	q.and("NOT EXISTS (SELECT 1 " + fromExclusionOfIt + ")")
}

// matching restricts a list to repositories that the mode and the rules match, imported or not.
func (q *listQuery) matching(set AutoImport) {
	if set.Mode == ImportAll {
		return
	}
	q.sql.WriteString("\n  AND (FALSE")
	if set.Mode == ImportRules {
		for _, rule := range set.Rules {
			q.sql.WriteString(" OR (TRUE")
			q.filter(rule.filter())
			if rule.Name != "" {
				q.and(`r.name_key LIKE ? ESCAPE '\'`, likePattern(rule.Name))
			}
			q.sql.WriteString(")")
		}
	}
	q.sql.WriteString(")")
}

const fromExclusionOfIt = `FROM import_exclusions AS e WHERE e.user_id = a.user_id AND e.repository_id = r.id`

var wildcards = strings.NewReplacer("*", "%", "?", "_")

// likePattern converts a name pattern to one for LIKE.
func likePattern(name string) string {
	return wildcards.Replace(escapeLike(strings.ToLower(name)))
}

// filter returns the conditions of a rule except the name.
func (r ImportRule) filter() Filter {
	return Filter{
		Visibility: r.Visibility, Language: r.Language, Archived: r.Archived, Fork: r.Fork, Topic: r.Topic,
		Query: r.Query, License: r.License, Template: r.Template, Permission: r.Permission,
		PropertyName: r.PropertyName, PropertyValue: r.PropertyValue,
	}
}

// Rule converts a filter to an auto-import rule, which is about one account and ignores
// whether a repository is imported. It returns false if no rule can express the filter: one
// by the time of a push, or for a single repository.
func (f Filter) Rule() (ImportRule, bool) {
	rule := ImportRule{
		Visibility: f.Visibility, Language: f.Language, Archived: f.Archived, Fork: f.Fork, Topic: f.Topic,
		Query: strings.TrimSpace(f.Query), License: f.License, Template: f.Template, Permission: f.Permission,
		PropertyName: f.PropertyName, PropertyValue: f.PropertyValue,
	}
	f.Account, f.Imported, f.Query = "", Any, rule.Query
	return rule, f == rule.filter() && !rule.Empty()
}
