package gallery

import (
	"fmt"
	"strings"
	"time"

	"neptun/db"
)

func (g gallery) installation(id int64, login string) db.InstallationRecord {
	return db.InstallationRecord{
		ID: id, UserID: "01J", GitHubID: 40_000_000 + id,
		Account:             db.Account{Kind: db.KindOrganization, GitHubID: 100 + id, Login: login, HTMLURL: "https://github.com/" + login},
		RepositorySelection: db.SelectionAll,
		HTMLURL:             fmt.Sprintf("https://github.com/organizations/%s/settings/installations/%d", login, 40_000_000+id),
		RepositoryCount:     1_482, ImportCount: 37,
		SyncedAt: g.ago(12 * time.Minute),
		Sync:     db.Sync{State: db.SyncIdle},
	}
}

func (g gallery) personal() db.InstallationRecord {
	i := g.installation(1, "octavia")
	i.Account.Kind, i.RepositorySelection = db.KindUser, db.SelectionSelected
	i.RepositoryCount, i.ImportCount = 12, 4
	return i
}

func (g gallery) suspended() db.InstallationRecord {
	i := g.installation(3, "sunken-city")
	i.SuspendedAt, i.SuspendedBy = g.ago(50*time.Hour), "mara-ito"
	return i
}

func facets() db.Facets {
	return db.Facets{
		Imported:     []db.FacetValue{{Value: "false", Count: 9_963}, {Value: "true", Count: 37}},
		Permissions:  []db.FacetValue{{Value: "admin", Count: 9_000}, {Value: "pull", Count: 1_000}},
		Topics:       []db.FacetValue{{Value: "ocean", Count: 3_334}, {Value: longName(50), Count: 1}},
		Licenses:     []db.FacetValue{{Value: "MIT", Count: 5_000}, {Value: "Apache-2.0", Count: 2_500}},
		Archived:     []db.FacetValue{{Value: "false", Count: 9_091}, {Value: "true", Count: 909}},
		Forks:        []db.FacetValue{{Value: "false", Count: 8_889}, {Value: "true", Count: 1_111}},
		Templates:    []db.FacetValue{{Value: "false", Count: 9_412}, {Value: "true", Count: 588}},
		Accounts:     []db.FacetValue{{Value: "abyssal", Count: 7_000}, {Value: "octavia", Count: 3_000}},
		Any:          map[string]int64{"imported": 10_000, "visibility": 10_000, "language": 10_000, "permission": 10_000, "topic": 10_000, "license": 10_000, "archived": 10_000, "fork": 10_000, "template": 10_000, "account": 10_000},
		Visibilities: []db.FacetValue{{Value: "public", Count: 6_200}, {Value: "private", Count: 3_750}, {Value: "internal", Count: 50}},
		Languages:    []db.FacetValue{{Value: "Go", Count: 3_100}, {Value: "TypeScript", Count: 2_480}, {Value: "Python", Count: 1_207}, {Value: "C++", Count: 88}, {Value: "Vim Script", Count: 1}},
	}
}

var (
	galleryNames = []string{
		"tide-tables", "sonar", "lighthouse-api", "harbor-master", "current-meter", "kelp-forest", "salvage", "deepwater-horizon-report",
		"buoy-firmware", "chart-room", "fog-signal", "keelson",
	}
	galleryTexts = []string{
		"Predicts high and low water for every harbour we serve, and publishes the tables as JSON and PDF",
		"Echo location for lost packets",
		"The API behind the lamp: schedules, rotation and outages, with a small client for shore stations",
		"",
		"Reads the current meters along the coast every ten seconds and keeps the last two years at hand for the forecasting group",
		"Design tokens and components used by all of our products",
	}
	galleryLanguages = []string{"Go", "TypeScript", "Python", "", "C++", "Rust"}
	galleryLicenses  = []string{"MIT", "Apache-2.0", "", "BSD-3-Clause"}
	galleryRights    = []string{"admin", "push", "pull", "maintain", "triage"}
	galleryVisible   = []string{"public", "private", "public", "internal", "private"}
)

// repository is the n-th of an endless and unchanging supply.
func (g gallery) repository(n int) db.Repository {
	name := galleryNames[n%len(galleryNames)]
	if n >= len(galleryNames) {
		name = fmt.Sprintf("%s-%d", name, n/len(galleryNames)+1)
	}
	r := db.Repository{
		ID: int64(700_000_000 + n*7_919), Owner: "abyssal", Name: name,
		HTMLURL:       "https://github.com/abyssal/" + name,
		Description:   galleryTexts[n%len(galleryTexts)],
		Language:      galleryLanguages[n%len(galleryLanguages)],
		License:       galleryLicenses[n%len(galleryLicenses)],
		SizeKB:        int64(n*n*613 + 40),
		DefaultBranch: "main",
		Visibility:    galleryVisible[n%len(galleryVisible)],
		IsFork:        n%9 == 4,
		IsTemplate:    n%17 == 6,
		IsArchived:    n%11 == 7,
		PushedAt:      g.ago(time.Duration(n*n*n) * 17 * time.Minute),
	}
	r.IsPrivate = r.Visibility != "public"
	if n%3 == 0 {
		r.Topics = []string{"ocean", "telemetry", "edge", "never-shown"}
	}
	return r
}

func (g gallery) repositories(n int) []db.Available {
	list := make([]db.Available, n)
	for i := range list {
		list[i] = db.Available{Repository: g.repository(i), InstallationID: 2, Permission: galleryRights[i%len(galleryRights)]}
		if i%6 == 1 {
			list[i].ImportID = int64(i + 1)
		}
	}
	return list
}

func (g gallery) imported(n int) []db.Import {
	list := make([]db.Import, n)
	for i := range list {
		list[i] = db.Import{ID: int64(i + 1), InstallationID: int64(2 + i%7/6), Repository: g.repository(i), CreatedAt: g.ago(time.Duration(i*i) * time.Hour)}
	}
	return list
}

// nasty are repositories that break careless pages.
func (g gallery) nasty() []db.Available {
	list := g.repositories(8)
	list[0].Name, list[0].Description = longName(100), strings.Repeat("unbreakable", 32)
	list[1].Description = `<script>alert(1)</script> <b>bold</b> & "quotes" 'single' </p></li><img src=x onerror=alert(2)>`
	list[2].Description = "مستودع الشفرة المصدرية للمنارة: جداول الدوران والأعطال مع عميل صغير"
	list[3].Description = "潮汐表を計算し、すべての港に配信するサービス。港湾局のための社内ツール"
	list[4].Description = "🌊🔱 waves 👩🏽‍🚀👨‍👩‍👧‍👦 \u202eevil.txt\u202c and Z\u0351\u0327alg\u0306o"
	list[5].HTMLURL, list[5].Description = "javascript:alert(3)", "Its address is not one to follow"
	list[6].Repository = db.Repository{ID: 1, Owner: "elsewhere", Name: "bare", Visibility: "public", HTMLURL: "http://ghe.example/elsewhere/bare"}
	list[7].Topics = []string{longName(50), "<i>x</i>", "a", "b"}
	list[7].PushedAt = g.now.Add(time.Hour)
	return list
}

func longName(n int) string {
	return strings.Repeat("the-longest-name-github-takes-", n/30+1)[:n]
}
