package handlers

import (
	"neptun/db"
	"neptun/handlers/web"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// InstallRequests shows operators who asked an account's owners to install the
// App, and what became of it.
func (s *Server) InstallRequests(c echo.Context) error {
	list, err := s.DB.ListInstallRequests(c.Request().Context())
	if err != nil {
		return err
	}
	if !web.IsAPI(c.Request().URL.Path) {
		frame, err := s.appFrame(c, "Requests")
		if err != nil {
			return err
		}
		return web.Page(c, views.AppRequests(views.AppRequestsPage{Frame: frame, Requests: list}), frame.Notices)
	}
	return s.respond.Value(c, "installation requests", each(list, toInstallRequestJSON), nil)
}

type installRequestJSON struct {
	ID                     int64           `json:"id"`
	State                  db.RequestState `json:"state"`
	GitHubAccountID        int64           `json:"github_account_id"`
	GitHubAccountLogin     string          `json:"github_account_login"`
	GitHubAccountType      string          `json:"github_account_type"`
	GitHubAccountAvatarURL *string         `json:"github_account_avatar_url"`
	RequesterID            int64           `json:"requester_github_id"`
	RequesterLogin         string          `json:"requester_github_login"`
	CreatedAt              *string         `json:"created_at"`
	SettledAt              *string         `json:"settled_at"`
}

func toInstallRequestJSON(r db.InstallRequest) installRequestJSON {
	return installRequestJSON{
		ID:                     r.ID,
		State:                  r.State,
		GitHubAccountID:        r.Account.GitHubID,
		GitHubAccountLogin:     r.Account.Login,
		GitHubAccountType:      r.Account.Kind,
		GitHubAccountAvatarURL: text(r.Account.AvatarURL),
		RequesterID:            r.RequesterID,
		RequesterLogin:         r.RequesterLogin,
		CreatedAt:              moment(r.RequestedAt),
		SettledAt:              moment(r.ResolvedAt),
	}
}
