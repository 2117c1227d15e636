package handlers

import (
	"encoding/json"
	"net/url"
	"strconv"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// choice says which repositories an action is for: these, or all that match.
type choice struct {
	ids    []int64
	filter *db.Filter
}

// readForm reads what was chosen on a page: the one row whose own button was
// pressed, or all that match, or the rows that are ticked.
func readForm(c echo.Context) (choice, error) {
	form, err := c.FormParams()
	if err != nil {
		return choice{}, web.BodyError(err)
	}
	ticked := form["repository_ids"]
	switch only := form.Get("only"); {
	case only != "":
		ticked = []string{only}
	case form.Get("all") == "true":
		p := web.Params{Values: form}
		filter := readFilter(&p)
		return choice{filter: &filter}, p.Err()
	}
	chosen := choice{ids: make([]int64, 0, len(ticked))}
	for _, value := range ticked {
		id, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return choice{}, web.InvalidField("repository_ids", "must be whole numbers")
		}
		chosen.ids = append(chosen.ids, id)
	}
	return chosen, nil
}

// importBody is the body of POST …/imports: ids or a filter.
type importBody struct {
	RepositoryIDs *[]int64    `json:"repository_ids"`
	Filter        *filterJSON `json:"filter"`
}

// filterJSON is a filter in a body. Yes and no may be written as JSON's own
// true and false, or as the words that stand in a URL.
type filterJSON struct {
	Query      string     `json:"q"`
	Imported   choiceJSON `json:"imported"`
	Visibility string     `json:"visibility"`
	Language   string     `json:"language"`
	Archived   choiceJSON `json:"archived"`
	Fork       choiceJSON `json:"fork"`
	Topic      string     `json:"topic"`
}

type choiceJSON string

// UnmarshalJSON implements json.Unmarshaler.
func (c *choiceJSON) UnmarshalJSON(data []byte) error {
	if string(data) == "true" || string(data) == "false" {
		*c = choiceJSON(data)
		return nil
	}
	return json.Unmarshal(data, (*string)(c))
}

func (f filterJSON) values() url.Values {
	return url.Values{
		"q":          {f.Query},
		"imported":   {string(f.Imported)},
		"visibility": {f.Visibility},
		"language":   {f.Language},
		"archived":   {string(f.Archived)},
		"fork":       {string(f.Fork)},
		"topic":      {f.Topic},
	}
}

func readBody(c echo.Context) (choice, error) {
	var asked importBody
	if err := web.DecodeBody(c, &asked); err != nil {
		return choice{}, err
	}
	switch {
	case (asked.RepositoryIDs == nil) == (asked.Filter == nil):
		return choice{}, web.InvalidField("repository_ids", "or filter is needed, and not both")
	case asked.Filter != nil:
		p := web.Params{Values: asked.Filter.values()}
		filter := readFilter(&p)
		return choice{filter: &filter}, p.Err()
	}
	return choice{ids: *asked.RepositoryIDs}, nil
}
