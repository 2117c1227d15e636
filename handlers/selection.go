package handlers

import (
	"strconv"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// choice says which repositories an action is for: these, or all that match.
type choice struct {
	ids    []int64
	filter *db.Filter
}

// readSelection reads what was chosen: in a form of a page, or in a body.
func readSelection(c echo.Context) (choice, error) {
	if web.IsAPI(c.Request().URL.Path) {
		return readBody(c)
	}
	return readForm(c)
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

func readBody(c echo.Context) (choice, error) {
	var asked openapi.ImportBody
	if err := web.DecodeBody(c, &asked); err != nil {
		return choice{}, err
	}
	switch {
	case (asked.RepositoryIDs == nil) == (asked.Filter == nil):
		return choice{}, web.InvalidField("repository_ids", "or filter is needed, and not both")
	case asked.Filter != nil:
		p := web.Params{Values: openapi.Values(*asked.Filter)}
		filter := readFilter(&p)
		return choice{filter: &filter}, p.Err()
	}
	return choice{ids: *asked.RepositoryIDs}, nil
}
