package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

var (
	errViewNotFound = &web.Error{Code: "view_not_found", Status: http.StatusNotFound, Message: "View not found"}
	errViewExists   = &web.Error{Code: "view_exists", Status: http.StatusConflict, Message: "A view with this name exists. Choose another name"}
	errTooManyViews = &web.Error{Code: "too_many_views", Status: http.StatusConflict, Message: "You have " + strconv.Itoa(db.MaxViews) + " saved views. Delete some first"}
)

const (
	maxViewName  = 100
	maxViewQuery = 2048
)

// SavedViews lists a user's saved views.
func (s *Server) SavedViews(c echo.Context) error {
	list, err := s.DB.ListViews(c.Request().Context(), auth.User(c).ID)
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error {
		return s.respond.Value(c, "views", openapi.Each(list, s.toView), nil)
	}, func() error {
		installations, err := s.DB.ListInstallations(c.Request().Context(), auth.User(c).ID, db.InstallationFilter{}, db.OrderByLogin, db.Page{Limit: input.PageSize})
		if err != nil {
			return err
		}
		var page views.SavedViewsPage
		for _, v := range list {
			shown, err := savedView(v, installations)
			if err != nil {
				return err
			}
			page.Views = append(page.Views, shown)
		}
		return s.respond.Show(c, respond.Page{Title: "Saved views", Draw: func(frame ui.Frame) templ.Component {
			page.Frame = frame
			return views.SavedViews(page)
		}})
	})
}

func (s *Server) toView(v db.View) openapi.View {
	return openapi.ToView(v, s.config.URL, views.ViewPath(v))
}

// CreateView saves a filter of a list under a name.
func (s *Server) CreateView(c echo.Context) error {
	if auth.Credential(c).Restriction != 0 {
		return auth.ErrWholeOnly
	}
	view, err := readView(c)
	if err != nil {
		return err
	}
	view, err = s.DB.CreateView(c.Request().Context(), auth.User(c).ID, view)
	switch {
	case errors.Is(err, db.ErrRecordNotFound):
		return auth.ErrInstallationNotFound
	case errors.Is(err, db.ErrViewExists):
		return errViewExists
	case errors.Is(err, db.ErrTooManyViews):
		return errTooManyViews
	case err != nil:
		return err
	}
	return s.respond.Finish(c, respond.Result{
		Status: http.StatusCreated, Body: s.toView(view),
		Next: views.ViewPath(view), Notices: []ui.Notice{{Kind: ui.KindSuccess, Text: "View saved as " + view.Name + "."}},
	})
}

// readView reads a view from a JSON body, or from the form on a list's page.
func readView(c echo.Context) (db.View, error) {
	var body openapi.ViewBody
	switch form, err := web.Form(c); {
	case err != nil:
		return db.View{}, err
	case form == nil:
		if err := web.DecodeBody(c, &body); err != nil {
			return db.View{}, err
		}
	default:
		body.Name, body.List, body.Query = form.Get("name"), form.Get("list"), form.Get("query")
		if id := form.Get("installation_id"); id != "" {
			n, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				return db.View{}, auth.ErrInstallationNotFound
			}
			body.InstallationID = &n
		}
	}
	view := db.View{Name: strings.TrimSpace(body.Name), List: body.List}
	if view.List == "" {
		view.List = db.ViewRepositories
	}
	if body.InstallationID != nil {
		if view.InstallationID = *body.InstallationID; view.InstallationID <= 0 {
			return db.View{}, auth.ErrInstallationNotFound
		}
	}
	values, err := url.ParseQuery(strings.TrimPrefix(body.Query, "?"))
	if err != nil || len(body.Query) > maxViewQuery {
		return db.View{}, web.InvalidField("query", "must be the query of a URL, of at most "+strconv.Itoa(maxViewQuery)+" characters")
	}
	p := web.Params{Values: values}
	if n := utf8.RuneCountInString(view.Name); n == 0 || n > maxViewName {
		p.Add("name", "must have 1 to "+strconv.Itoa(maxViewName)+" characters")
	}
	if view.List != db.ViewRepositories && view.List != db.ViewImports {
		p.Add("list", "must be repositories or imports")
	}
	query := input.ReadSaved(&p, view.List == db.ViewImports, view.InstallationID == 0)
	view.Query = query.Encode()
	return view, p.Err()
}

// DeleteView deletes a saved view.
func (s *Server) DeleteView(c echo.Context) error {
	if auth.Credential(c).Restriction != 0 {
		return auth.ErrWholeOnly
	}
	id, err := strconv.ParseInt(c.Param("view_id"), 10, 64)
	if err != nil {
		return errViewNotFound
	}
	err = s.DB.DeleteView(c.Request().Context(), auth.User(c).ID, id)
	if errors.Is(err, db.ErrNotFound) {
		return errViewNotFound
	}
	if err != nil {
		return err
	}
	return s.respond.Finish(c, respond.Result{Next: "/views", Notices: []ui.Notice{{Kind: ui.KindSuccess, Text: "View deleted."}}})
}
