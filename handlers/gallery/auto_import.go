package gallery

import (
	"time"

	"neptun/db"
	"neptun/views"
	"neptun/views/ui"
)

func (g gallery) automaticImport() []State {
	state := func(name string, change func(*views.AutoImportPage)) State {
		p := views.AutoImportPage{
			Frame: g.frame("Automatic import for abyssal", ui.NavInstallations), Installation: g.installation(2, "abyssal"),
			Set: db.AutoImport{Mode: db.ImportOff}, Facets: facets(), MaxRules: 20,
		}
		change(&p)
		return State{"auto-import" + name, views.AutoImport(p)}
	}
	rules := db.AutoImport{Mode: db.ImportRules, Rules: []db.ImportRule{
		{Name: "lighthouse-*", Archived: db.No, Fork: db.No},
		{Topic: "deployable", Language: "Go", Visibility: "private"},
	}}
	preview := db.ImportPreview{WouldImport: 57, Repositories: g.repositories(12), Imported: 9, Excluded: 1}
	removed := db.Exclusion{Repository: g.repository(3), Since: g.ago(3 * time.Hour)}
	return []State{
		state("-off", func(*views.AutoImportPage) {}),
		state("-rules", func(p *views.AutoImportPage) {
			p.Set, p.Exclusions, p.Excluded = rules, []db.Exclusion{removed}, 1
		}),
		state("-preview", func(p *views.AutoImportPage) {
			p.Set, p.Preview = rules, &preview
			p.Installation.AutoImport = db.ImportRules
		}),
		state("-preview-nothing", func(p *views.AutoImportPage) {
			p.Set, p.Preview, p.Installation = rules, &db.ImportPreview{}, g.suspended()
		}),
		state("-more-conditions", func(p *views.AutoImportPage) {
			p.Set = db.AutoImport{Mode: db.ImportRules, Rules: []db.ImportRule{{Permission: "admin", License: "MIT", Template: db.No, PropertyName: "team", PropertyValue: "core", Query: "tide"}}}
		}),
		state("-no-rule", func(p *views.AutoImportPage) {
			p.NoRule = "Can't be an auto-import rule: it shows a single repository. Open the view and import it."
		}),
		state("-wrong", func(p *views.AutoImportPage) {
			p.Set, p.Errors = rules, []string{"rules[0].visibility must be one of public, private, internal."}
		}),
	}
}
