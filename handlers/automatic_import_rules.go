package handlers

import (
	"fmt"
	"net/url"
	"strconv"

	"neptun/db"
	"neptun/handlers/web"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// maxRules is how many rules one installation may have.
const maxRules = 20

var importModes = []string{string(db.ImportOff), string(db.ImportAll), string(db.ImportRules)}

// rulesBody is the body of PUT …/automatic_import and of its preview.
type rulesBody struct {
	Mode  string         `json:"mode"`
	Rules []ruleBodyJSON `json:"rules"`
}

// ruleBodyJSON is a rule in a body; yes and no as in filterJSON.
type ruleBodyJSON struct {
	Name       string     `json:"name"`
	Visibility string     `json:"visibility"`
	Language   string     `json:"language"`
	Archived   choiceJSON `json:"archived"`
	Fork       choiceJSON `json:"fork"`
	Topic      string     `json:"topic"`
}

func (r ruleBodyJSON) values() url.Values {
	return url.Values{
		"name":       {r.Name},
		"visibility": {r.Visibility},
		"language":   {r.Language},
		"archived":   {string(r.Archived)},
		"fork":       {string(r.Fork)},
		"topic":      {r.Topic},
	}
}

func readRulesBody(c echo.Context) (db.AutoImport, error) {
	var asked rulesBody
	if err := web.DecodeBody(c, &asked); err != nil {
		return db.AutoImport{}, err
	}
	return readRules(asked.Mode, each(asked.Rules, ruleBodyJSON.values), false)
}

// readRulesForm reads the form of the page, which numbers its rules. The rows
// left blank are no rules.
func readRulesForm(form url.Values) (db.AutoImport, error) {
	var list []url.Values
	for i := range maxRules {
		values := url.Values{}
		for _, field := range views.RuleFields {
			values.Set(field, form.Get(views.RuleField(i, field)))
		}
		list = append(list, values)
	}
	return readRules(form.Get("mode"), list, true)
}

// readRules gives the draft also where it is wrong, so that nothing is lost.
func readRules(mode string, list []url.Values, blanks bool) (db.AutoImport, error) {
	p := web.Params{Values: url.Values{"mode": {mode}}}
	set := db.AutoImport{Mode: db.ImportMode(p.OneOf("mode", importModes))}
	if mode == "" {
		p.Add("mode", "is needed: off, all or rules")
	}
	if len(list) > maxRules {
		p.Add("rules", "must be "+strconv.Itoa(maxRules)+" at most")
		return set, p.Err()
	}
	for i, values := range list {
		rule, wrong := readRule(values)
		for _, w := range wrong {
			p.Add(fmt.Sprintf("rules[%d].%s", i, w.Field), w.Message)
		}
		switch {
		case !rule.Empty():
			set.Rules = append(set.Rules, rule)
		case len(wrong) == 0 && !blanks:
			p.Add(fmt.Sprintf("rules[%d]", i), "has no conditions. To import all repositories, use the mode all")
		}
	}
	if set.Mode == db.ImportRules && len(set.Rules) == 0 && len(p.Errors) == 0 {
		p.Add("rules", "must contain at least one rule with at least one condition")
	}
	return set, p.Err()
}

func readRule(values url.Values) (db.ImportRule, []web.FieldError) {
	p := web.Params{Values: values}
	f := readFilter(&p)
	rule := db.ImportRule{
		Name: p.Text("name"), Visibility: f.Visibility, Language: f.Language, Archived: f.Archived, Fork: f.Fork, Topic: f.Topic,
	}
	return rule, p.Errors
}

type rulesJSON struct {
	Mode  db.ImportMode `json:"mode"`
	Rules []ruleJSON    `json:"rules"`
}

type automaticImportJSON struct {
	rulesJSON
	ExcludedCount int64 `json:"excluded_count"`
}

type setAutomaticImportJSON struct {
	rulesJSON
	ImportedCount int64 `json:"imported_count"`
}

type ruleJSON struct {
	Name       *string `json:"name"`
	Visibility *string `json:"visibility"`
	Language   *string `json:"language"`
	Archived   *bool   `json:"archived"`
	Fork       *bool   `json:"fork"`
	Topic      *string `json:"topic"`
}

func toRulesJSON(set db.AutoImport) rulesJSON {
	return rulesJSON{set.Mode, each(set.Rules, func(r db.ImportRule) ruleJSON {
		return ruleJSON{
			Name: text(r.Name), Visibility: text(r.Visibility), Language: text(r.Language),
			Archived: yesOrNo(r.Archived), Fork: yesOrNo(r.Fork), Topic: text(r.Topic),
		}
	})}
}

// yesOrNo is a choice in JSON, null where it is none.
func yesOrNo(choice db.Choice) *bool {
	if choice == db.Any {
		return nil
	}
	yes := choice == db.Yes
	return &yes
}

type previewJSON struct {
	WouldImportCount int64           `json:"would_import_count"`
	ImportedCount    int64           `json:"imported_count"`
	ExcludedCount    int64           `json:"excluded_count"`
	Repositories     []availableJSON `json:"repositories"`
}

type exclusionJSON struct {
	RepositoryID int64   `json:"repository_id"`
	Name         string  `json:"name"`
	Owner        string  `json:"owner"`
	FullName     string  `json:"full_name"`
	URL          string  `json:"url"`
	ExcludedAt   *string `json:"excluded_at"`
}

func toExclusionJSON(e db.Exclusion) exclusionJSON {
	return exclusionJSON{
		RepositoryID: e.Repository.ID,
		Name:         e.Repository.Name,
		Owner:        e.Repository.Owner,
		FullName:     e.Repository.FullName(),
		URL:          e.Repository.HTMLURL,
		ExcludedAt:   moment(e.Since),
	}
}
