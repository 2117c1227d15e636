package input

import (
	"strconv"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// Selection is the repositories that an action is for: these, or all that match.
type Selection struct {
	IDs    []int64
	Filter *db.Filter
}

// ReadSelection reads what was chosen: in a form of a page, or in a body.
func ReadSelection(c echo.Context) (Selection, error) {
	if web.IsAPI(c.Request().URL.Path) {
		return readSelectionBody(c)
	}
	return ReadSelectionForm(c)
}

// ReadSelectionForm reads what was chosen on a page: the one row whose own button was
// pressed, or all that match, or the rows that are ticked.
func ReadSelectionForm(c echo.Context) (Selection, error) {
	form, err := c.FormParams()
	if err != nil {
		return Selection{}, web.BodyError(err)
	}
	ticked := form["repository_ids"]
	switch only := form.Get("only"); {
	case only != "":
		ticked = []string{only}
	case form.Get("all") == "true":
		p := web.Params{Values: form}
		filter := ReadFilter(&p)
		return Selection{Filter: &filter}, p.Err()
	}
	chosen := Selection{IDs: make([]int64, 0, len(ticked))}
	for _, value := range ticked {
		id, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return Selection{}, web.InvalidField("repository_ids", "must be whole numbers")
		}
		chosen.IDs = append(chosen.IDs, id)
	}
	return chosen, nil
}

func readSelectionBody(c echo.Context) (Selection, error) {
	var asked openapi.ImportBody
	if err := web.DecodeBody(c, &asked); err != nil {
		return Selection{}, err
	}
	switch {
	case (asked.RepositoryIDs == nil) == (asked.Filter == nil):
		return Selection{}, web.InvalidField("repository_ids", "or filter is needed, and not both")
	case asked.Filter != nil:
		p := web.Params{Values: openapi.Values(*asked.Filter)}
		filter := ReadFilter(&p)
		return Selection{Filter: &filter}, p.Err()
	}
	return Selection{IDs: *asked.RepositoryIDs}, nil
}
