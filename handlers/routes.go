package handlers

import (
	"net/http"

	"neptun/handlers/docs"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/static"

	"github.com/labstack/echo/v4"
)

// routes is every URL, grouped by noun. Each line says who may call it: a page
// or an action of a page with a session in a browser, an operation of the API
// with a credential of that right. Operations are declared in openapi.
func (s *Server) routes() {
	const (
		anyone       = openapi.Anyone
		read         = openapi.Read
		readAll      = openapi.ReadAll
		write        = openapi.Write
		accessTokens = openapi.AccessTokens
		session      = openapi.Session
		operator     = openapi.Operator
	)
	github := s.respond.WithGitHubTimeout
	signIn, setup, app := s.signIn, s.setup, s.operators

	// Pages and their actions.
	s.page(anyone, "/", s.Home)
	s.setupPage("/setup", setup.Setup)
	s.action(anyone, "/setup", setup.EnterSetupCode)
	s.action(anyone, "/setup/app", setup.DescribeApp)
	s.action(session, "/setup/operator", setup.BecomeOperator)
	s.setupPage("/setup/callback", setup.FinishSetup)
	s.page(anyone, "/login", signIn.Login)
	s.action(anyone, "/logout", signIn.LogOut)
	s.page(anyone, "/auth/github", signIn.StartLogin)
	s.page(anyone, "/auth/github/callback", signIn.FinishLogin)
	s.page(anyone, respond.InstallPath, signIn.StartInstall)
	s.page(anyone, "/auth/github/setup", signIn.FinishInstall)

	s.page(session, "/installations", s.InstallationsPage)
	s.action(session, "/installations/sync", s.SyncInstallations)
	s.page(session, "/installations/new", signIn.NewInstallation)
	s.page(session, "/installations/:installation_id", s.RepositoriesPage)
	s.page(session, "/installations/:installation_id/settings", s.Settings, github)
	s.action(session, "/installations/:installation_id/suspended", s.Suspend, github)
	s.action(session, "/installations/:installation_id/unsuspended", s.Unsuspend, github)
	s.action(session, "/installations/:installation_id/uninstalled", s.DeleteInstallation, github)
	s.action(session, "/installations/:installation_id/removal", s.RemoveInstallation)
	s.action(session, "/removed-installations/:github_installation_id/addition", s.AddInstallation)
	s.action(session, "/installations/:installation_id/sync", s.SyncRepositories)
	s.action(session, "/installations/:installation_id/imports", s.ImportSelected)
	s.action(session, "/installations/:installation_id/removals", s.RemoveImports)
	s.page(session, "/installations/:installation_id/history", s.History)
	s.page(session, "/installations/:installation_id/auto-import", s.AutoImport)
	s.action(session, "/installations/:installation_id/auto-import", s.SetAutoImport)
	s.action(session, "/installations/:installation_id/auto-import/exclusions/removal", s.RemoveExclusion)

	s.page(session, "/repositories", s.AllRepositories)
	s.action(session, "/repositories/imports", s.CreateAllImports)
	s.page(session, "/views", s.SavedViews)
	s.action(session, "/views", s.CreateView)
	s.action(session, "/views/:view_id/deletion", s.DeleteView)
	for _, list := range []string{"/repositories", "/imports", "/installations/:installation_id"} {
		s.page(session, list+"/use", s.UseList)
		s.page(session, list+"/use/:tool", s.DownloadUse)
		s.action(session, list+"/export/:format", s.ExportSelection)
	}
	s.page(session, "/bulk-actions/:bulk_action_id", s.BulkAction)
	s.action(session, "/bulk-actions/:bulk_action_id", s.ConfirmBulkAction)
	s.page(session, "/imports", s.Imports)
	s.action(session, "/removals", s.RemoveImports)
	s.action(session, "/actions/:action_id/undo", s.UndoAction)

	s.page(session, "/account", s.Authorization, github)
	s.action(session, "/account/authorization", s.ResetAuthorization, github)
	s.action(session, "/account/disconnection", s.RevokeAuthorization, github)
	s.action(session, "/account/deletion", s.DeleteUser, github)
	s.page(session, "/tokens", s.Tokens)
	s.action(session, "/tokens", s.CreateToken)
	s.page(session, "/tokens/:token_id/rotation", s.AfterRotation)
	s.action(session, "/tokens/:token_id/rotation", s.RotateToken)
	s.action(session, "/tokens/:token_id/revocation", s.RevokeToken)
	s.page(session, "/account/sessions", s.BrowserSessions)
	s.action(session, "/account/sessions/revocation", s.RevokeOtherSessions)
	s.action(session, "/account/sessions/:session_id/revocation", s.RevokeSession)
	s.page(session, "/account/security-log", s.SecurityLog)
	s.page(session, "/access", s.CheckAccess, github)

	s.page(operator, "/app", app.App, github)
	s.page(operator, "/app/self-test", app.SelfTest, github)
	s.page(operator, "/app/installations", app.AppInstallations)
	s.page(operator, "/app/installations/:github_installation_id", app.AppInstallation)
	s.page(operator, "/app/installations/:github_installation_id/reach", app.CountRepositories, github)
	s.action(operator, "/app/readings", app.StartAppSync)
	s.page(operator, "/app/requests", app.InstallRequests)
	s.page(operator, "/app/hook", app.Hook, github)
	s.action(operator, "/app/hook", app.ChangeHook, github)
	s.page(operator, "/app/deliveries", app.Deliveries, github)
	s.page(operator, "/app/deliveries/:delivery_id", app.Delivery, github)
	s.action(operator, "/app/deliveries/:delivery_id/attempts", app.Redeliver, github)
	s.action(operator, "/app/catch-ups", app.StartCatchUp)
	s.page(operator, "/app/audit", app.AuditLog)

	// The API.
	s.api(anyone, openapi.GetDocument, s.Description)
	s.api(read, openapi.CheckAuthentication, s.CheckAuthentication)
	s.api(read, openapi.GetUser, s.GetUser)
	s.api(session, openapi.ExportUser, s.ExportUser)
	s.api(session, openapi.DeleteUser, s.DeleteUser)
	s.api(readAll, openapi.CheckAccess, s.CheckAccess)
	s.api(readAll, openapi.GetRateLimit, s.RateLimit)
	s.api(read, openapi.GetInstallationRateLimit, s.RateLimit)

	s.api(read, openapi.ListInstallations, s.Installations)
	s.api(read, openapi.GetInstallation, s.Installation)
	s.api(session, openapi.Uninstall, s.DeleteInstallation)
	s.api(session, openapi.RemoveInstallation, s.RemoveInstallation)
	s.api(readAll, openapi.ListRemovedInstallations, s.RemovedInstallations)
	s.api(session, openapi.AddInstallation, s.AddInstallation)
	s.api(session, openapi.Suspend, s.Suspend)
	s.api(session, openapi.Unsuspend, s.Unsuspend)
	s.api(read, openapi.GetSync, s.Sync)
	s.api(write, openapi.StartSync, s.SyncRepositories)

	s.api(read, openapi.ListRepositories, s.Repositories)
	s.api(read, openapi.ListAllRepositories, s.AllRepositories)
	s.api(session, openapi.AddToInstallation, s.AddToInstallation)
	s.api(session, openapi.RemoveFromInstallation, s.RemoveFromInstallation)

	s.api(read, openapi.ListImports, s.InstallationImports)
	s.api(read, openapi.ListAllImports, s.Imports)
	s.api(write, openapi.CreateImports, s.CreateImports)
	s.api(write, openapi.DeleteImport, s.DeleteImport)

	s.api(readAll, openapi.ListActions, s.Actions)
	s.api(write, openapi.UndoAction, s.UndoAction)

	s.api(readAll, openapi.ListViews, s.SavedViews)
	s.api(write, openapi.CreateView, s.CreateView)
	s.api(write, openapi.DeleteView, s.DeleteView)

	s.api(read, openapi.GetAutoImport, s.AutoImport)
	s.api(write, openapi.SetAutoImport, s.SetAutoImport)
	s.api(read, openapi.PreviewAutoImport, s.PreviewAutoImport)
	s.api(read, openapi.ListExclusions, s.ListExclusions)
	s.api(write, openapi.RemoveExclusion, s.RemoveExclusion)

	s.api(read, openapi.ListHistory, s.History)

	s.api(session, openapi.GetAuthorization, s.Authorization)
	s.api(session, openapi.ResetAuthorization, s.ResetAuthorization)
	s.api(session, openapi.RevokeAuthorization, s.RevokeAuthorization)

	s.api(accessTokens, openapi.CreateAccessToken, s.CreateAccessToken)
	s.api(accessTokens, openapi.RevokeAccessToken, s.RevokeAccessToken)
	s.api(write, openapi.CreateContentAttachment, s.CreateContentAttachment)

	s.api(session, openapi.ListTokens, s.ListTokens)
	s.api(session, openapi.CreateToken, s.CreateToken)
	s.api(session, openapi.RevokeToken, s.RevokeToken)
	s.api(session, openapi.RotateToken, s.RotateToken)
	s.api(session, openapi.ListSessions, s.BrowserSessions)
	s.api(session, openapi.RevokeOtherSessions, s.RevokeOtherSessions)
	s.api(session, openapi.RevokeSession, s.RevokeSession)
	s.api(session, openapi.ListSecurityLog, s.SecurityLog)

	s.api(operator, openapi.GetApp, app.App)
	s.api(operator, openapi.TestApp, app.SelfTest)
	s.api(operator, openapi.GetFindings, app.Findings)
	s.api(operator, openapi.ListAppInstallations, app.AppInstallations)
	s.api(operator, openapi.GetAppInstallation, app.AppInstallation)
	s.api(operator, openapi.CountRepositories, app.CountRepositories)
	s.api(operator, openapi.CreateAppToken, app.CreateAppToken)
	s.api(operator, openapi.FindAppInstallation, app.FindAppInstallation)
	s.api(operator, openapi.GetAppSync, app.GetAppSync)
	s.api(operator, openapi.StartAppSync, app.StartAppSync)
	s.api(operator, openapi.ListInstallRequests, app.InstallRequests)

	s.api(operator, openapi.GetHook, app.Hook)
	s.api(operator, openapi.UpdateHook, app.ChangeHook)
	s.api(operator, openapi.ListDeliveries, app.Deliveries)
	s.api(operator, openapi.GetDelivery, app.Delivery)
	s.api(operator, openapi.Redeliver, app.Redeliver)
	s.api(operator, openapi.GetCatchUp, app.CatchUp)
	s.api(operator, openapi.StartCatchUp, app.StartCatchUp)
	s.api(operator, openapi.ListAudit, app.AuditLog)

	// Machines, browsers, and addresses of former versions.
	s.add(anyone, http.MethodPost, web.WebhookPath, s.ReceiveWebhook)
	s.get(anyone, docs.Path, s.Docs)
	s.get(anyone, docs.Path+"/:noun", s.Docs)
	s.get(anyone, docs.Path+"/reader", s.DocsReader)
	s.get(session, "/events", s.Events, s.auth.Require(session))
	s.get(anyone, "/healthz", s.Healthy)
	s.get(anyone, "/readyz", s.Ready)
	s.get(anyone, "/static/*", echo.WrapHandler(static.Handler()))
	s.get(anyone, "/favicon.ico", func(c echo.Context) error {
		return c.Redirect(http.StatusMovedPermanently, static.URL("favicon.svg"))
	})
	if s.config.Gallery != nil {
		s.get(anyone, "/gallery", echo.WrapHandler(s.config.Gallery))
		s.get(anyone, "/gallery/:state", echo.WrapHandler(s.config.Gallery))
	}
	for old, path := range movedPages {
		s.get(anyone, old, moved(path))
		s.add(anyone, http.MethodPost, old, moved(path))
	}
}
