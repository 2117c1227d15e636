package sandbox

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

var (
	demoNouns = strings.Fields(`anchor beacon buoy chart compass current dock drift ebb estuary ferry fjord gull harbor hull jetty
		kelp lagoon lantern lighthouse log lock mast moor oar pilot pier plankton rudder sail salt sextant shoal signal sonar spray
		swell tide wake wharf`)
	demoKinds        = strings.Fields(`api cli sdk web worker docs infra ui schema proxy sync store tests tools`)
	demoDescriptions = []string{
		"%s for the harbor office", "Small %s, few dependencies", "The %s behind the morning tide report",
		"Experiments around %s", "%s, kept simple", "How we do %s", "Terraform for %s", "Data and scripts: %s", "",
	}
	demoLanguages = []string{"Go", "Go", "TypeScript", "TypeScript", "Python", "Rust", "Java", "C++", "Shell", "HCL", "Jupyter Notebook", ""}
	demoLicenses  = []string{"mit", "mit", "apache-2.0", "mpl-2.0", "gpl-3.0", "bsd-3-clause", "agpl-3.0", "other", "", "", ""}
	demoTopics    = strings.Fields(`golang kubernetes maps tides sailing open-data machine-learning typescript sensors mqtt good-first-issue`)
)

// addDemoRepositories adds n ordinary repositories to an account, derived from the seed.
func addDemoRepositories(w *World, owner string, n int, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 2026))
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	used := map[string]bool{}
	for len(used) < n {
		thing, role := pick(demoNouns), pick(demoKinds)
		name := thing + "-" + role
		if used[name] {
			continue
		}
		used[name] = true
		r := Repository{
			Name:       name,
			Language:   pick(demoLanguages),
			License:    pick(demoLicenses),
			Private:    rng.IntN(100) < 55,
			Archived:   rng.IntN(100) < 12,
			Template:   rng.IntN(100) < 4,
			Stars:      int(rng.ExpFloat64() * 40),
			Forks:      int(rng.ExpFloat64() * 6),
			OpenIssues: int(rng.ExpFloat64() * 9),
			Size:       int(rng.ExpFloat64() * 8000),
			CreatedAt:  demoNow.Add(-time.Duration(rng.IntN(8*365*24)) * time.Hour),
		}
		if description := pick(demoDescriptions); description != "" {
			r.Description = fmt.Sprintf(description, thing)
		}
		for range rng.IntN(4) {
			if topic := pick(demoTopics); !strings.Contains(strings.Join(r.Topics, " "), topic) {
				r.Topics = append(r.Topics, topic)
			}
		}
		if rng.IntN(5) == 0 {
			r.Homepage = "https://" + name + ".tidewater.example"
		}
		if rng.IntN(25) > 0 {
			r.PushedAt = r.CreatedAt.Add(time.Duration(rng.Float64() * float64(demoNow.Sub(r.CreatedAt)))).Truncate(time.Second)
			r.UpdatedAt = r.PushedAt
		}
		w.Repositories.Add(owner, r)
	}
}

// addUnusualRepositories adds repositories with edge cases, which break lists that were only tested with ordinary ones.
func addUnusualRepositories(w *World) {
	pushed := demoNow.Add(-26 * time.Hour)
	odd := func(owner string, r Repository) Repository {
		r.CreatedAt = demoNow.AddDate(-2, 0, 0)
		return w.Repositories.Add(owner, r)
	}
	upstream := odd("tidewater-labs", Repository{
		Name: "handbook", Private: true, PushedAt: pushed, Size: 2210, OpenIssues: 31,
		Description: "How we work. Ask before you merge.",
	})
	odd("marin", Repository{Name: "handbook", ForkOf: upstream.ID, Private: true, PushedAt: pushed, Description: "My copy of the handbook."})
	odd("tidewater-labs", Repository{Name: "sora-no-kaizu", Description: "空の海図: 潮汐表と海図 — 毎朝更新 🌊", Language: "Python", PushedAt: pushed, Topics: []string{"maps", "tides"}})
	odd("tidewater-labs", Repository{Name: "jadwal-al-mad", Description: "جداول المد والجزر للموانئ (v2)", Language: "Go", PushedAt: pushed, Private: true})
	odd("tidewater-labs", Repository{Name: "luach-geut", Description: "לוח גאות ושפל — תאריכים ושעות", PushedAt: pushed})
	odd("tidewater-labs", Repository{Name: "emoji", Description: "👩🏽‍🚀 + 🏴‍☠️ = 🚀⛵️ (ZWJ, flags and skin tones)", PushedAt: pushed})
	odd("tidewater-labs", Repository{Name: "markup", Description: `<b>bold</b> &amp; <script>alert("no")</script> & "quotes" 'too' {{.}}`, PushedAt: pushed})
	odd("tidewater-labs", Repository{Name: strings.Repeat("very-long-name-", 6) + "0123456789", Description: strings.Repeat("A description that goes on. ", 12), PushedAt: pushed})
	odd("tidewater-labs", Repository{Name: "empty", Description: "Nothing was ever pushed here."})
	odd("tidewater-labs", Repository{Name: ".github", PushedAt: pushed})
	odd("tidewater-labs", Repository{
		Name: "fleet", Private: true, PushedAt: pushed, Language: "Go", Size: 4_812_554, Description: "One property with several values.",
		CustomProperties: map[string]any{"tier": "gold", "regions": []string{"eu-west", "us-east"}},
	})
	odd("kelp-and-co", Repository{Name: "Kelp.js", Language: "JavaScript", License: "mit", Stars: 18_204, Forks: 903, PushedAt: pushed, Homepage: "https://kelp.example/?a=1&b=2"})
	odd("kelp-and-co", Repository{Name: "seedlings", Template: true, PushedAt: pushed, DefaultBranch: "trunk"})
}
