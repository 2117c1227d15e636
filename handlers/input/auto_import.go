package input

import (
	"fmt"
	"net/url"
	"strconv"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// MaxRules is how many rules one installation may have.
const MaxRules = 20

var importModes = []string{string(db.ImportOff), string(db.ImportAll), string(db.ImportRules)}

// ReadRules reads a setting of auto-import, from the form of its page or from a
// body. What a form says is returned also where it isn't valid.
func ReadRules(c echo.Context) (db.AutoImport, error) {
	form, err := web.Form(c)
	if err != nil {
		return db.AutoImport{}, err
	}
	if form != nil {
		return ReadRulesForm(form)
	}
	var body openapi.RulesBody
	if err := web.DecodeBody(c, &body); err != nil {
		return db.AutoImport{}, err
	}
	return readRules(body.Mode, openapi.Each(body.Rules, openapi.Values), false)
}

// ReadRulesForm reads the form of the page, which numbers its rules. The rows
// left blank are no rules.
func ReadRulesForm(form url.Values) (db.AutoImport, error) {
	var list []url.Values
	for i := range MaxRules {
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
		p.Add("mode", "is required: off, all or rules")
	}
	if len(list) > MaxRules {
		p.Add("rules", "must be "+strconv.Itoa(MaxRules)+" at most")
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
	f := ReadFilter(&p)
	rule := db.ImportRule{
		Name: p.Text("name"), Visibility: f.Visibility, Language: f.Language, Archived: f.Archived, Fork: f.Fork, Topic: f.Topic,
		Query: f.Query, License: f.License, Template: f.Template, Permission: f.Permission, PropertyName: f.PropertyName, PropertyValue: f.PropertyValue,
	}
	return rule, p.Errors
}
