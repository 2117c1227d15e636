package handlers

import (
	"net/http"

	"neptun/static"

	"github.com/labstack/echo/v4"
)

// routes is every URL, grouped by noun. Middleware stands at each route and
// never on a group: a group adds catch-all routes, under which a wrong method
// would be told as "not found".
func (s *Server) routes() {
	e := s.echo
	get := func(path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
		e.GET(path, handler, middleware...)
		e.HEAD(path, handler, middleware...) // net/http leaves the body out
	}
	setUp, load, person, own := s.needApp, s.loadSession, s.needPerson, s.ownPath

	// Pages.
	get("/", s.Landing, setUp, load)
	get("/setup", s.Setup)
	get("/login", s.Login, setUp, load)
	e.POST("/logout", s.LogOut, load)
	get("/auth/github", s.StartLogin, setUp)
	get("/auth/github/callback", s.FinishLogin, setUp, load)
	get(installPath, s.StartInstall, setUp)
	get("/auth/github/setup", s.FinishInstall, setUp, load)

	get("/installations", s.Installations, setUp, load, person)
	e.POST("/installations/sync", s.SyncInstallations, load, person)
	get("/installations/arrival", s.Arrival, setUp, load, person)
	get("/installations/:installation_id", s.Repositories, setUp, load, person)
	get("/installations/:installation_id/manage", s.Manage, setUp, load, person)
	e.POST("/installations/:installation_id/suspended", s.Suspend, load, person)
	e.POST("/installations/:installation_id/unsuspended", s.Unsuspend, load, person)
	e.POST("/installations/:installation_id/uninstalled", s.DeleteInstallation, load, person)
	e.POST("/installations/:installation_id/sync", s.SyncRepositories, load, person)
	e.POST("/installations/:installation_id/imports", s.CreateImports, load, person)
	e.POST("/installations/:installation_id/removals", s.RemoveImports, load, person)

	get("/imports", s.Imports, setUp, load, person)
	e.POST("/removals", s.RemoveImports, load, person)

	ask := s.asksGitHub
	get("/account", s.Authorization, setUp, load, person, ask)
	e.POST("/account/authorization", s.ResetAuthorization, load, person, ask)
	e.POST("/account/disconnection", s.Disconnect, load, person, ask)
	get("/doctor", s.Doctor, setUp, load, person)

	// JSON, for scripts. The two published endpoints ask for the credential in
	// the statement that asks for the versions of the reply.
	const user = "/api/users/:user_id"
	const record = user + "/installations/:installation_id"
	e.HEAD("/api/auth/check", s.CheckSession, person)
	get(user, s.Person, person, own)
	get(user+"/installations", s.PublishedInstallations)
	get(record, s.Installation, person, own)
	get(record+"/imports", s.PublishedImports)
	e.POST(record+"/imports", s.CreateImports, person, own)
	e.DELETE(record+"/imports/:import_id", s.DeleteImport, person, own)
	get(record+"/repositories", s.Repositories, person, own)
	get(record+"/sync", s.Sync, person, own)
	e.POST(record+"/sync", s.SyncRepositories, person, own)
	get(user+"/imports", s.Imports, person, own)
	get(user+"/doctor", s.Doctor, person, own)
	// A session alone may do these three: no other credential gets past here.
	e.PUT(record+"/suspended", s.Suspend, person, own)
	e.DELETE(record+"/suspended", s.Unsuspend, person, own)
	e.DELETE(record, s.DeleteInstallation, person, own)

	get("/api/app/installation-requests", s.InstallRequests, person, s.needOperator)

	get(user+"/authorization", s.Authorization, person, own, ask)
	e.POST(user+"/authorization", s.ResetAuthorization, person, own, ask)
	e.DELETE(user+"/authorization", s.Disconnect, person, own, ask)
	get(user+"/rate_limit", s.RateLimit, person, own, ask)
	get(record+"/rate_limit", s.RateLimit, person, own, ask)
	e.POST(record+"/access_tokens", s.CreateAccessToken, person, own, ask)
	e.DELETE(record+"/access_tokens", s.RevokeAccessToken, person, own, ask)
	e.PUT(record+"/repositories/:repository_id", s.AddToInstallation, person, own, ask)
	e.DELETE(record+"/repositories/:repository_id", s.RemoveFromInstallation, person, own, ask)
	e.POST(record+"/content_attachments", s.CreateContentAttachment, person, own, ask)

	// Machines and browsers.
	get("/healthz", s.Healthy)
	get("/readyz", s.Ready)
	get("/static/*", echo.WrapHandler(static.Handler()))
	get("/favicon.ico", func(c echo.Context) error {
		return c.Redirect(http.StatusMovedPermanently, static.URL("favicon.svg"))
	})
}
