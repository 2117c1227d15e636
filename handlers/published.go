package handlers

import (
	"errors"
	"fmt"
	"iter"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// The two published endpoints. Scripts poll them, so one statement tells who
// asks and which versions the reply stands under; the reply itself is built
// only where its bytes are not at hand.

// PublishedInstallations answers GET /api/users/{user_id}/installations.
func (s *Server) PublishedInstallations(c echo.Context) error {
	ctx, key := c.Request().Context(), s.Sessions.APIKey(c.Request())
	versions, err := s.DB.InstallationsVersions(ctx, key)
	if err := authorized(c, versions, err); err != nil {
		return err
	}
	s.limits.Admit(key)
	s.noteUse(c, key)
	asked, err := readScriptInstallations(c)
	if err != nil {
		return err
	}
	format, err := web.ReadFormat(c)
	if err != nil {
		return err
	}
	return s.respond.Stored(c, installationsVersion(c, versions, format), func(r *web.Reply) error {
		if err := s.shares.Enter(c, versions.UserID, web.LaneRead); err != nil {
			return err
		}
		defer web.LeaveShare(c)
		return published(s.DB.StreamInstallations(ctx, key, asked.Filter, asked.Order, asked.window(),
			func(now db.Versions, total int64, rows iter.Seq2[db.InstallationRecord, error]) error {
				if err := authorized(c, now, nil); err != nil {
					return err
				}
				r.Begin(installationsVersion(c, now, format), format.Header("installations", s.respond.Links(c, asked.Page, asked.PerPage, total)))
				return web.WriteRows(r, format, rows, openapi.ToInstallation)
			}))
	})
}

func installationsVersion(c echo.Context, v db.Versions, format web.Format) string {
	return fmt.Sprint("installations ", v.UserID, " ", v.Restriction, " ", v.User, " ", v.Records, " ", asked(c, format))
}

// PublishedImports answers GET
// /api/users/{user_id}/installations/{installation_id}/imports.
func (s *Server) PublishedImports(c echo.Context) error {
	// Who asks comes first: whoever isn't logged in hears of nothing else.
	record, notANumber := recordID(c)
	ctx, key := c.Request().Context(), s.Sessions.APIKey(c.Request())
	versions, err := s.DB.ImportsVersions(ctx, key, record)
	if err := authorized(c, versions, err); err != nil {
		return err
	}
	s.noteUse(c, key)
	if notANumber != nil || versions.RecordID == 0 {
		return errInstallationNotFound
	}
	s.limits.Admit(key)
	asked, err := readScriptList(c, importSorts, db.SortID)
	if err != nil {
		return err
	}
	format, err := web.ReadFormat(c)
	if err != nil {
		return err
	}
	return s.respond.Stored(c, importsVersion(c, versions, format), func(r *web.Reply) error {
		if err := s.shares.Enter(c, versions.UserID, web.LaneRead); err != nil {
			return err
		}
		defer web.LeaveShare(c)
		return published(s.DB.StreamImports(ctx, key, record, asked.Filter, asked.Sort, asked.window(),
			func(now db.Versions, total int64, rows iter.Seq2[db.Import, error]) error {
				if err := authorized(c, now, nil); err != nil {
					return err
				}
				r.Begin(importsVersion(c, now, format), format.Header("imports", s.respond.Links(c, asked.Page, asked.PerPage, total)))
				return web.WriteRows(r, format, rows, openapi.ToImport)
			}))
	})
}

func importsVersion(c echo.Context, v db.Versions, format web.Format) string {
	return fmt.Sprint("imports ", v.UserID, " ", v.Restriction, " ", v.RecordID, " ", v.Records, " ", asked(c, format))
}

// asked is what a list is asked for with, as far as the reply is a function of
// it: the address, which the links of a page repeat, and the format.
func asked(c echo.Context, format web.Format) string {
	address := c.Request().URL
	return format.Name + " " + address.Path + "?" + address.RawQuery
}

// published turns the errors of a list that is read with its credential into
// ours.
func published(err error) error {
	switch {
	case errors.Is(err, db.ErrRecordNotFound):
		return errInstallationNotFound
	case errors.Is(err, db.ErrNotFound):
		return errLoggedOut
	}
	return err
}

// authorized is what authorize and ownPath ask, of a credential that came with
// its versions.
func authorized(c echo.Context, versions db.Versions, err error) error {
	switch {
	case errors.Is(err, db.ErrNotFound):
		return errLoggedOut
	case err != nil:
		return err
	case !versions.Confirmed:
		return unconfirmed(versions.Refusal)
	case !isSelf(c, versions.UserID):
		return errUserNotFound
	}
	return nil
}
