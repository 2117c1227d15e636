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
	ask := s.asksGitHub

	// Pages.
	get("/", s.Landing, setUp, load)
	get("/setup", s.Setup)
	e.POST("/setup", s.EnterSetupCode)
	e.POST("/setup/app", s.DescribeApp)
	get("/setup/callback", s.FinishSetup)
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
	get("/installations/:installation_id/manage", s.Manage, setUp, load, person, ask)
	e.POST("/installations/:installation_id/suspended", s.Suspend, load, person, ask)
	e.POST("/installations/:installation_id/unsuspended", s.Unsuspend, load, person, ask)
	e.POST("/installations/:installation_id/uninstalled", s.DeleteInstallation, load, person, ask)
	e.POST("/installations/:installation_id/sync", s.SyncRepositories, load, person)
	e.POST("/installations/:installation_id/imports", s.CreateImports, load, person)
	e.POST("/installations/:installation_id/removals", s.RemoveImports, load, person)
	get("/installations/:installation_id/automatic", s.AutomaticImport, setUp, load, person)
	e.POST("/installations/:installation_id/automatic", s.SetAutomaticImport, load, person)
	e.POST("/installations/:installation_id/automatic/readmissions", s.LiftExclusion, load, person)

	get("/imports", s.Imports, setUp, load, person)
	e.POST("/removals", s.RemoveImports, load, person)

	// What open pages follow.
	get("/events", s.Events, person)

	get("/account", s.Authorization, setUp, load, person, ask)
	e.POST("/account/authorization", s.ResetAuthorization, load, person, ask)
	e.POST("/account/disconnection", s.Disconnect, load, person, ask)
	get("/doctor", s.Doctor, setUp, load, person, ask)

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
	get(record+"/automatic_import", s.AutomaticImport, person, own)
	e.PUT(record+"/automatic_import", s.SetAutomaticImport, person, own)
	e.POST(record+"/automatic_import/preview", s.PreviewAutomaticImport, person, own)
	get(record+"/automatic_import/exclusions", s.Exclusions, person, own)
	e.DELETE(record+"/automatic_import/exclusions/:repository_id", s.LiftExclusion, person, own)
	get(record+"/repositories", s.Repositories, person, own)
	get(record+"/sync", s.Sync, person, own)
	e.POST(record+"/sync", s.SyncRepositories, person, own)
	get(user+"/imports", s.Imports, person, own)
	get(user+"/doctor", s.Doctor, person, own, ask)
	// A session alone may do these three: no other credential gets past here.
	e.PUT(record+"/suspended", s.Suspend, person, own, ask)
	e.DELETE(record+"/suspended", s.Unsuspend, person, own, ask)
	e.DELETE(record, s.DeleteInstallation, person, own, ask)

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

	// For operators: the App as a whole.
	operator := s.needOperator
	page := func(path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
		get(path, handler, append([]echo.MiddlewareFunc{setUp, load, person, operator}, middleware...)...)
	}
	page("/app", s.App, ask)
	page("/app/self-test", s.SelfTest, ask)
	page("/app/installations", s.AppInstallations)
	page("/app/installations/:github_id", s.AppInstallation)
	page("/app/installations/:github_id/reach", s.AppInstallationReach, ask)
	e.POST("/app/readings", s.ReadApp, load, person, operator)
	page("/app/requests", s.InstallRequests)
	page("/app/hook", s.Hook, ask)
	e.POST("/app/hook", s.ChangeHook, load, person, operator, ask)
	page("/app/deliveries", s.Deliveries, ask)
	page("/app/deliveries/:delivery_id", s.Delivery, ask)
	e.POST("/app/deliveries/:delivery_id/attempts", s.Redeliver, load, person, operator, ask)

	get("/api/app", s.App, person, operator)
	get("/api/app/self-test", s.SelfTest, person, operator, ask)
	get("/api/app/installation", s.AppInstallationLookup, person, operator, ask)
	get("/api/app/installations", s.AppInstallations, person, operator)
	get("/api/app/installations/:github_id", s.AppInstallation, person, operator)
	get("/api/app/installations/:github_id/reach", s.AppInstallationReach, person, operator, ask)
	get("/api/app/readings", s.AppReading, person, operator)
	e.POST("/api/app/readings", s.ReadApp, person, operator)
	get("/api/app/installation-requests", s.InstallRequests, person, operator)
	get("/api/app/hook", s.Hook, person, operator, ask)
	e.PATCH("/api/app/hook", s.ChangeHook, person, operator, ask)
	get("/api/app/deliveries", s.Deliveries, person, operator, ask)
	get("/api/app/deliveries/:delivery_id", s.Delivery, person, operator, ask)
	e.POST("/api/app/deliveries/:delivery_id/attempts", s.Redeliver, person, operator, ask)

	// Machines and browsers.
	e.POST(webhookPath, s.ReceiveWebhook)
	get("/healthz", s.Healthy)
	get("/readyz", s.Ready)
	get("/static/*", echo.WrapHandler(static.Handler()))
	get("/favicon.ico", func(c echo.Context) error {
		return c.Redirect(http.StatusMovedPermanently, static.URL("favicon.svg"))
	})
}
