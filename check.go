package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"neptun/db"
)

const (
	// maxClockSkew is what GitHub accepts in a token that the App signs, less a
	// margin (https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app).
	maxClockSkew       = 30 * time.Second
	checkGitHubTimeout = 10 * time.Second
)

// errCheck ends a check that found something.
var errCheck = errors.New("something is wrong, see above")

// check tests everything that Neptun depends on, without changing anything.
func (p invocation) check(ctx context.Context, _ []string, _ bool) error {
	settings, err := readConfig(p.environment)
	if err != nil {
		return err
	}
	failed := false
	report := func(what, found string, err error) {
		if err != nil {
			failed = true
			fmt.Fprintf(p.stdout, "FAILED  %-10s %v\n", what, err)
			return
		}
		fmt.Fprintf(p.stdout, "ok      %-10s %s\n", what, found)
	}
	for _, warning := range settings.warnings {
		fmt.Fprintf(p.stdout, "note    %s\n", warning)
	}
	report("version", version(), nil)
	found, err := settings.checkGitHub(ctx)
	report("GitHub", found, err)
	if settings.newKeyFile != "" {
		_ = os.Remove(settings.newKeyFile) // checking creates nothing
	}
	if file, ok := db.SQLiteFile(settings.DatabaseURL); ok {
		if _, err := os.Stat(file); err != nil {
			report("database", "", errors.New(file+" doesn't exist: the first start of Neptun creates it"))
			return errCheck
		}
	}
	database, err := settings.openDatabase(ctx, p.logger(settings), forChecking)
	if err != nil {
		report("database", "", err)
		return errCheck
	}
	defer database.Close()
	name, err := database.ServerVersion(ctx)
	report("database", name, err)
	found, current, err := checkSchema(ctx, database)
	report("schema", found, err)
	sealed := "opens what is sealed" // else the database hadn't been opened
	if current {
		sealed, err = checkSeals(ctx, database)
	}
	report("key", sealed, err)
	report("integrity", "no damage found", database.Integrity(ctx))
	report("write", "tried and taken back", database.TryWrite(ctx))
	report("clock", "agrees with the database", checkClock(database.ServerTime(ctx)))
	if failed {
		return errCheck
	}
	return nil
}

// checkSchema also reports whether the schema is this release's.
func checkSchema(ctx context.Context, database *db.DB) (found string, current bool, err error) {
	stored, known, err := database.SchemaVersion(ctx)
	if err == nil && stored < known {
		return fmt.Sprintf("%d; the next start migrates it to %d", stored, known), false, nil
	}
	return fmt.Sprint(stored), err == nil, err
}

// checkSeals reports whether sealed values still need a secret that was replaced.
func checkSeals(ctx context.Context, database *db.DB) (string, error) {
	old, err := database.CountOldSeals(ctx)
	switch {
	case err != nil || old == 0:
		return "opens what is sealed, and sealed all of it", err
	case database.HasOldKeys():
		return fmt.Sprintf("opens what is sealed; %d values still need an older secret in NEPTUN_SECRET", old), nil
	}
	return fmt.Sprintf("can't open %d values, which another secret sealed", old), nil
}

func checkClock(gitHub time.Time, err error) error {
	if skew := time.Since(gitHub).Abs(); err == nil && skew > maxClockSkew {
		return fmt.Errorf("this machine's clock differs by %v", skew.Round(time.Second))
	}
	return err
}

// checkGitHub sends a request without credentials, and compares clocks.
func (s settings) checkGitHub(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, checkGitHubTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.host.APIURL()+"/meta", nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("User-Agent", "neptun/"+version())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		if err := checkClock(date, nil); err != nil {
			return "", err
		}
	}
	if response.StatusCode >= http.StatusInternalServerError {
		return "", fmt.Errorf("%s answers %s", s.host.APIURL(), response.Status)
	}
	return s.host.APIURL() + " answers", nil
}
