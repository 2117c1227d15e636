package input

import (
	"net/url"
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

// ReadSelection reads a selection from the form of a page or from a body.
func ReadSelection(c echo.Context) (Selection, error) {
	switch form, err := web.Form(c); {
	case err != nil:
		return Selection{}, err
	case form != nil:
		return readSelectionForm(form)
	}
	return readSelectionBody(c)
}

// readSelectionForm reads a form: the one row whose own button was pressed, or all
// that match, or the rows that are ticked.
func readSelectionForm(form url.Values) (Selection, error) {
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
	var body openapi.ImportBody
	if err := web.DecodeBody(c, &body); err != nil {
		return Selection{}, err
	}
	switch {
	case (body.RepositoryIDs == nil) == (body.Filter == nil):
		return Selection{}, web.InvalidField("repository_ids", "or filter is required, but not both")
	case body.Filter != nil:
		p := web.Params{Values: openapi.Values(*body.Filter)}
		filter := ReadFilter(&p)
		return Selection{Filter: &filter}, p.Err()
	}
	return Selection{IDs: *body.RepositoryIDs}, nil
}
