package db

import (
	"context"
	"encoding/json"
	"fmt"
	"hash"
	"hash/fnv"
	"strconv"

	"neptun/db/sqlcgen"
)

// TopicVersions maps each topic of a user's open pages to a version, which changes when the
// topic's content does and has no other meaning. Since versions are states and not events,
// late, duplicate or skipped ones do no harm.
type TopicVersions map[string]string

// The topics that every user has.
const (
	// TopicInstallations is the list of a user's installations, with the state of each
	// sync but not its progress.
	TopicInstallations = "installations"
	// TopicImports is the list of all of a user's imports.
	TopicImports = "imports"
)

// InstallationTopic is one record with its repositories and imports.
func InstallationTopic(record int64) string { return "installation-" + strconv.FormatInt(record, 10) }

// SyncTopic is the progress of the sync of one record.
func SyncTopic(record int64) string { return "sync-" + strconv.FormatInt(record, 10) }

// Version is the record's in its topic.
func (i InstallationRecord) Version() string { return recordVersion(i.RecordVersion, i.AccountVersion) }

func recordVersion(record, account int64) string { return fmt.Sprintf("%d.%d", record, account) }

// Version is the sync's in its topic.
func (s Sync) Version() string {
	sum := fnv.New64a()
	_, _ = fmt.Fprint(sum, s.State, s.Message, s.PagesDone, s.PagesTotal, s.RepositoriesSeen,
		millis(s.StartedAt), millis(s.FinishedAt), millis(s.RetryAt))
	return hexSum(sum)
}

func hexSum(sum hash.Hash64) string { return strconv.FormatUint(sum.Sum64(), 16) }

// GetTopicVersions is ListTopicVersions for one user.
func (d *DB) GetTopicVersions(ctx context.Context, userID string) (TopicVersions, error) {
	all, err := d.ListTopicVersions(ctx, []string{userID})
	return all[userID], err
}

// ListTopicVersions reads the topic versions of these users, in two statements for
// any number of users. It returns no topics of other users.
func (d *DB) ListTopicVersions(ctx context.Context, userIDs []string) (map[string]TopicVersions, error) {
	people, err := keysJSON(userIDs)
	if err != nil {
		return nil, err
	}
	records, err := d.read.ListTopicRecords(ctx, people)
	if err != nil {
		return nil, fmt.Errorf("db: read versions: %w", err)
	}
	runs, err := d.read.ListLatestInstallationsRuns(ctx, people)
	if err != nil {
		return nil, fmt.Errorf("db: read versions: %w", err)
	}
	all := map[string]TopicVersions{}
	sums := map[string]*topicSums{}
	for _, row := range records {
		topics, of := all[row.UserID], sums[row.UserID]
		if topics == nil {
			topics, of = TopicVersions{}, &topicSums{fnv.New64a(), fnv.New64a()}
			all[row.UserID], sums[row.UserID] = topics, of
			_, _ = fmt.Fprintln(of.installations, row.UserVersion)
			_, _ = fmt.Fprintln(of.imports, row.UserVersion)
		}
		if row.RecordID == 0 {
			continue
		}
		version := recordVersion(row.RecordVersion, row.AccountVersion)
		topics[InstallationTopic(row.RecordID)] = version
		topics[SyncTopic(row.RecordID)] = recordSync(row).Version()
		_, _ = fmt.Fprintln(of.installations, row.RecordID, version, syncState(row.State))
		_, _ = fmt.Fprintln(of.imports, row.RecordID, version)
	}
	for _, run := range runs {
		if of := sums[run.Subject]; of != nil {
			_, _ = fmt.Fprintln(of.installations, toSync(run).Version())
		}
	}
	for userID, of := range sums {
		all[userID][TopicInstallations] = hexSum(of.installations)
		all[userID][TopicImports] = hexSum(of.imports)
	}
	return all, nil
}

// topicSums hashes the versions that one user's lists depend on.
type topicSums struct{ installations, imports hash.Hash64 }

func recordSync(row sqlcgen.ListTopicRecordsRow) Sync {
	return Sync{
		State:            syncState(row.State),
		Message:          row.Message,
		PagesDone:        row.PagesDone,
		PagesTotal:       row.PagesTotal,
		RepositoriesSeen: row.RepositoriesSeen,
		StartedAt:        fromMillis(row.StartedAt),
		FinishedAt:       fromMillis(row.FinishedAt),
		RetryAt:          fromMillis(row.RetryAt),
	}
}

// ListActiveSessions returns which of these sessions, given by the hashes of their tokens,
// have neither been revoked nor expired.
func (d *DB) ListActiveSessions(ctx context.Context, tokenHashes []string) (map[string]bool, error) {
	keys, err := keysJSON(tokenHashes)
	if err != nil {
		return nil, err
	}
	rows, err := d.read.ListActiveSessions(ctx, sqlcgen.ListActiveSessionsParams{TokenHashes: keys, Now: millis(d.now()), IdleSince: d.idleSince()})
	if err != nil {
		return nil, fmt.Errorf("db: list sessions: %w", err)
	}
	live := make(map[string]bool, len(rows))
	for _, row := range rows {
		live[row] = true
	}
	return live, nil
}

// keysJSON encodes texts for json_each, as the keys of an object.
func keysJSON(keys []string) (string, error) {
	object := make(map[string]int, len(keys))
	for _, key := range keys {
		object[key] = 0
	}
	encoded, err := json.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("db: encode keys: %w", err)
	}
	return string(encoded), nil
}
