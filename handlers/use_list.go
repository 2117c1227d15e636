package handlers

import (
	"iter"
	"net/http"
	"strings"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/recipes"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

var errNoRecipe = &web.Error{Status: http.StatusNotFound, Message: "Page not found"}

// maxShownText limits the texts that a page shows. Longer ones can be downloaded.
const maxShownText = 16 << 10

// toolList is a list that is used in other tools.
type toolList struct {
	page, api string // the paths of its page and of its list in the API
	params    input.List
	recipes.List
}

// UseList shows a filtered list as the input of other tools.
func (s *Server) UseList(c echo.Context) error {
	list, err := s.toolList(c)
	if err != nil {
		return err
	}
	params := list.params.View(int64(len(list.Repositories)))
	query := ui.Query(params.Filter, list.params.Sort, 1).Encode()
	address := func(path string) string {
		if query == "" {
			return path
		}
		return path + "?" + query
	}
	page := views.UseListPage{
		Back: params.URL(list.page, 1), Found: ui.Counted(int64(len(list.Repositories)), "repository", "repositories") + ", exactly as filtered.",
		Files: []views.UseFile{{Title: "CSV", URL: address(list.api + ".csv")}, {Title: "NDJSON", URL: address(list.api + ".ndjson")}, {Title: "JSON", URL: address(list.api + ".json")}},
	}
	for _, recipe := range recipes.All {
		use := views.Use{ID: recipe.ID, Title: recipe.Title, About: recipe.About, LeftOut: recipe.LeftOut(list.List), Download: address(list.page + "/use/" + recipe.ID)}
		if text := recipe.Write(list.List); len(text) <= maxShownText {
			use.Text = text
		}
		page.Uses = append(page.Uses, use)
	}
	return s.respond.Show(c, respond.Page{Title: "Use this list", Notices: list.params.Notices(), Draw: func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return views.UseList(page)
	}})
}

// DownloadUse sends a filtered list as the input of one tool.
func (s *Server) DownloadUse(c echo.Context) error {
	recipe, ok := recipes.Find(c.Param("tool"))
	if !ok {
		return errNoRecipe
	}
	list, err := s.toolList(c)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+recipe.File+`"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(recipe.Write(list.List)))
}

// toolList reads all rows of the list in the path.
func (s *Server) toolList(c echo.Context) (toolList, error) {
	list := toolList{page: "/repositories", api: "/api/users/me/repositories"}
	sorts, own := input.AvailableSorts, db.SortName
	var in db.InstallationRecord
	var err error
	switch {
	case c.Param("installation_id") != "":
		if in, err = s.auth.Installation(c); err != nil {
			return list, err
		}
		list.page = ui.InstallationPath(in.ID)
		list.api = "/api/users/me" + list.page + "/repositories"
	case strings.HasPrefix(c.Path(), "/imports"):
		list.page, list.api, list.Imports = "/imports", "/api/users/me/imports", true
		sorts, own = input.ImportSorts, db.SortIDDesc
	}
	if list.params, err = input.ReadList(c, sorts, own); err != nil {
		return list, err
	}
	add := func(r db.Repository) {
		list.Repositories = append(list.Repositories, recipes.Repository{Owner: r.Owner, Name: r.Name, URL: r.HTMLURL, CloneURL: r.CloneURL, Branch: r.DefaultBranch})
	}
	if list.Imports {
		imports, err := s.listImports(c, list.params)
		if err != nil {
			return list, err
		}
		for _, i := range imports {
			add(i.Repository)
		}
	} else {
		available, err := s.listAvailable(c, in, list.params)
		if err != nil {
			return list, err
		}
		for _, a := range available {
			add(a.Repository)
		}
	}
	address := s.config.URL.JoinPath(list.api + ".json")
	address.RawQuery = ui.Query(list.params.Filter, list.params.Sort, 1).Encode()
	list.URL, list.GitHubURL = address.String(), s.config.GitHub.WebURL()
	return list, nil
}

// listAvailable lists what can be imported through an installation, or through any if its
// ID is 0.
func (s *Server) listAvailable(c echo.Context, in db.InstallationRecord, params input.List) (list []db.Available, err error) {
	ctx := c.Request().Context()
	if in.ID == 0 {
		err = s.DB.StreamAllAvailable(ctx, s.auth.Key(c), params.Filter, params.Sort, db.Page{}, func(_ db.Versions, _ int64, rows iter.Seq2[db.Available, error]) (err error) {
			list, err = collect(rows)
			return err
		})
		return list, listError(err)
	}
	err = s.DB.StreamAvailable(ctx, in.UserID, auth.Credential(c).Restriction, in.ID, params.Filter, params.Sort, db.Page{},
		func(_ db.InstallationRecord, _ int64, rows iter.Seq2[db.Available, error]) (err error) {
			list, err = collect(rows)
			return err
		})
	return list, listError(err)
}

func (s *Server) listImports(c echo.Context, params input.List) (list []db.Import, err error) {
	err = s.DB.StreamAllImports(c.Request().Context(), s.auth.Key(c), params.Filter, params.Sort, db.Page{}, func(_ db.Versions, _ int64, rows iter.Seq2[db.Import, error]) (err error) {
		list, err = collect(rows)
		return err
	})
	return list, listError(err)
}

func collect[Row any](rows iter.Seq2[Row, error]) (list []Row, err error) {
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, nil
}
