package handlers

import (
	"net/http"

	"neptun/db"
	"neptun/handlers/web"
	"neptun/static"

	"github.com/labstack/echo/v4"
)

// routes is every URL, grouped by noun. Middleware stands at each route and
// never on a group: a group adds catch-all routes, under which a wrong method
// would be told as "not found". What is under /api is described in openapi/.
func (s *Server) routes() {
	e := s.echo
	get := func(path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
		e.GET(path, handler, middleware...)
		e.HEAD(path, handler, middleware...) // net/http leaves the body out
	}
	setUp, load, person, own := s.needApp, s.loadSession, s.needPerson, s.ownPath
	// list is a list for scripts: as Accept has it, or as the suffix says.
	list := func(path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
		get(path, handler, middleware...)
		get(path+".:format", handler, middleware...)
	}
	ask := s.asksGitHub

	// Pages.
	get("/", s.Landing, setUp, load)
	get("/setup", s.Setup)
	e.POST("/setup", s.EnterSetupCode)
	e.POST("/setup/app", s.DescribeApp)
	e.POST("/setup/operator", s.BecomeOperator, load, person)
	get("/setup/callback", s.FinishSetup)
	get("/login", s.Login, setUp, load)
	e.POST("/logout", s.LogOut, load)
	get("/auth/github", s.StartLogin, setUp)
	get("/auth/github/callback", s.FinishLogin, setUp, load)
	get(installPath, s.StartInstall, setUp)
	get("/auth/github/setup", s.FinishInstall, setUp, load)

	get("/installations", s.Installations, setUp, load, person)
	e.POST("/installations/sync", s.SyncInstallations, load, person)
	get("/installations/new", s.Arrival, setUp, load, person)
	get("/installations/:installation_id", s.Repositories, setUp, load, person)
	get("/installations/:installation_id/settings", s.Manage, setUp, load, person, ask)
	e.POST("/installations/:installation_id/suspended", s.Suspend, load, person, ask)
	e.POST("/installations/:installation_id/unsuspended", s.Unsuspend, load, person, ask)
	e.POST("/installations/:installation_id/uninstalled", s.DeleteInstallation, load, person, ask)
	e.POST("/installations/:installation_id/sync", s.SyncRepositories, load, person)
	e.POST("/installations/:installation_id/imports", s.CreateImports, load, person)
	e.POST("/installations/:installation_id/removals", s.RemoveImports, load, person)
	get("/installations/:installation_id/history", s.History, setUp, load, person)
	get("/installations/:installation_id/auto-import", s.AutomaticImport, setUp, load, person)
	e.POST("/installations/:installation_id/auto-import", s.SetAutomaticImport, load, person)
	e.POST("/installations/:installation_id/auto-import/exclusions/removal", s.LiftExclusion, load, person)

	get("/imports", s.Imports, setUp, load, person)
	e.POST("/removals", s.RemoveImports, load, person)

	// What open pages follow.
	get("/events", s.Events, person)

	get("/account", s.Authorization, setUp, load, person, ask)
	e.POST("/account/authorization", s.ResetAuthorization, load, person, ask)
	e.POST("/account/disconnection", s.Disconnect, load, person, ask)
	get("/tokens", s.Scripts, setUp, load, person)
	e.POST("/tokens", s.CreateScriptToken, load, person)
	get("/tokens/:token_id/rotation", s.AfterRotation, setUp, load, person)
	e.POST("/tokens/:token_id/rotation", s.RotateScriptToken, load, person)
	e.POST("/tokens/:token_id/revocation", s.RevokeScriptToken, load, person)
	get("/account/sessions", s.BrowserSessions, setUp, load, person)
	e.POST("/account/sessions/revocation", s.EndOtherSessions, load, person)
	e.POST("/account/sessions/:session_id/revocation", s.EndSession, load, person)
	get("/access", s.Doctor, setUp, load, person, ask)

	get("/docs", s.Docs)
	for former, path := range movedPages {
		e.Match([]string{http.MethodGet, http.MethodHead, http.MethodPost}, former, moved(path))
	}

	// JSON, for scripts. Each route names the credentials it takes: read, write
	// and mint also take script tokens that may, session takes none. The two
	// published endpoints take all, and ask for the credential in the statement
	// that asks for the versions of the reply.
	session := s.needSession
	read, write, mint := s.needScope(db.ScopeRead), s.needScope(db.ScopeWrite), s.needScope(db.ScopeAccessTokens)
	part := s.needReadPart
	const user = "/api/users/:user_id"
	const record = user + "/installations/:installation_id"
	get("/api/openapi.json", s.Description)
	e.HEAD("/api/auth/check", s.CheckSession, part)
	get(user, s.Person, part, own)
	list(user+"/installations", s.PublishedInstallations)
	get(record, s.Installation, read, own)
	list(record+"/imports", s.PublishedImports)
	e.POST(record+"/imports", s.CreateImports, write, own)
	e.DELETE(record+"/imports/:import_id", s.DeleteImport, write, own)
	get(record+"/history", s.History, read, own)
	get(record+"/automatic_import", s.AutomaticImport, read, own)
	e.PUT(record+"/automatic_import", s.SetAutomaticImport, write, own)
	e.POST(record+"/automatic_import/preview", s.PreviewAutomaticImport, read, own)
	get(record+"/automatic_import/exclusions", s.Exclusions, read, own)
	e.DELETE(record+"/automatic_import/exclusions/:repository_id", s.LiftExclusion, write, own)
	list(record+"/repositories", s.Repositories, read, own)
	get(record+"/sync", s.Sync, read, own)
	e.POST(record+"/sync", s.SyncRepositories, write, own)
	list(user+"/imports", s.Imports, part, own)
	get(user+"/doctor", s.Doctor, read, own, ask)
	// What reaches GitHub for everybody there.
	e.PUT(record+"/suspended", s.Suspend, session, own, ask)
	e.DELETE(record+"/suspended", s.Unsuspend, session, own, ask)
	e.DELETE(record, s.DeleteInstallation, session, own, ask)

	get(user+"/authorization", s.Authorization, session, own, ask)
	e.POST(user+"/authorization", s.ResetAuthorization, session, own, ask)
	e.DELETE(user+"/authorization", s.Disconnect, session, own, ask)
	get(user+"/rate_limit", s.RateLimit, read, own, ask)
	get(record+"/rate_limit", s.RateLimit, read, own, ask)
	e.POST(record+"/access_tokens", s.CreateAccessToken, mint, own, ask)
	e.DELETE(record+"/access_tokens", s.RevokeAccessToken, mint, own, ask)
	e.PUT(record+"/repositories/:repository_id", s.AddToInstallation, session, own, ask)
	e.DELETE(record+"/repositories/:repository_id", s.RemoveFromInstallation, session, own, ask)
	e.POST(record+"/content_attachments", s.CreateContentAttachment, write, own, ask)

	get(user+"/tokens", s.ScriptTokens, session, own)
	e.POST(user+"/tokens", s.CreateScriptToken, session, own)
	e.DELETE(user+"/tokens/:token_id", s.RevokeScriptToken, session, own)
	e.POST(user+"/tokens/:token_id/rotation", s.RotateScriptToken, session, own)
	get(user+"/sessions", s.BrowserSessions, session, own)
	e.DELETE(user+"/sessions", s.EndOtherSessions, session, own)
	e.DELETE(user+"/sessions/:session_id", s.EndSession, session, own)

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
	e.POST("/app/catch-ups", s.StartCatchUp, load, person, operator)

	get("/api/app", s.App, session, operator)
	get("/api/app/self-test", s.SelfTest, session, operator, ask)
	get("/api/app/installation", s.AppInstallationLookup, session, operator, ask)
	get("/api/app/installations", s.AppInstallations, session, operator)
	get("/api/app/installations/:github_id", s.AppInstallation, session, operator)
	get("/api/app/installations/:github_id/reach", s.AppInstallationReach, session, operator, ask)
	get("/api/app/readings", s.AppReading, session, operator)
	e.POST("/api/app/readings", s.ReadApp, session, operator)
	get("/api/app/installation-requests", s.InstallRequests, session, operator)
	get("/api/app/hook", s.Hook, session, operator, ask)
	e.PATCH("/api/app/hook", s.ChangeHook, session, operator, ask)
	get("/api/app/deliveries", s.Deliveries, session, operator, ask)
	get("/api/app/deliveries/:delivery_id", s.Delivery, session, operator, ask)
	e.POST("/api/app/deliveries/:delivery_id/attempts", s.Redeliver, session, operator, ask)
	get("/api/app/catch-ups", s.CatchUp, session, operator)
	e.POST("/api/app/catch-ups", s.StartCatchUp, session, operator)

	// Machines and browsers.
	e.POST(web.WebhookPath, s.ReceiveWebhook)
	get("/healthz", s.Healthy)
	get("/readyz", s.Ready)
	get("/static/*", echo.WrapHandler(static.Handler()))
	get("/favicon.ico", func(c echo.Context) error {
		return c.Redirect(http.StatusMovedPermanently, static.URL("favicon.svg"))
	})
}
