package sandbox

import "net/http"

// apiRoutes is every operation of the API, with who may ask for it and the page of GitHub's documentation it has.
func (s *Server) apiRoutes() http.Handler {
	mux := http.NewServeMux()
	route := func(method string) func(string, gate, string, action) {
		return func(path string, who gate, docs string, act action) {
			mux.Handle(method+" "+apiPrefix+path, s.operation(who, docsREST+docs, act))
		}
	}
	get, post, put, patch, remove := route("GET"), route("POST"), route("PUT"), route("PATCH"), route("DELETE")

	get("", anyone, "/meta/meta#github-api-root", s.getRoot)
	get("/{$}", anyone, "/meta/meta#github-api-root", s.getRoot)
	get("/meta", anyone, "/meta/meta#get-github-enterprise-server-meta-information", s.getMeta)
	get("/rate_limit", anyone, "/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user", s.getRateLimit)

	get("/user", person, "/users/users#get-the-authenticated-user", s.getUser)
	get("/users/{username}", anyone, "/users/users#get-a-user", s.getUserByName)
	get("/user/memberships/orgs/{org}", person, "/orgs/members#get-an-organization-membership-for-the-authenticated-user", s.getMembership)
	get("/orgs/{org}/memberships/{username}", personOrInstallation, "/orgs/members#get-organization-membership-for-a-user", s.getMembershipOf)

	get("/user/installations", personThroughApp, "/apps/installations#list-app-installations-accessible-to-the-user-access-token", s.listInstallationsForUser)
	get("/user/installations/{id}/repositories", personThroughApp, "/apps/installations#list-repositories-accessible-to-the-user-access-token", s.listRepositoriesForUser)
	put("/user/installations/{id}/repositories/{repository}", personally, "/apps/installations#add-a-repository-to-an-app-installation", s.addToInstallation)
	remove("/user/installations/{id}/repositories/{repository}", personally, "/apps/installations#remove-a-repository-from-an-app-installation", s.removeFromInstallation)
	get("/installation/repositories", anInstallation, "/apps/installations#list-repositories-accessible-to-the-app-installation", s.listRepositoriesForInstallation)
	remove("/installation/token", anInstallation, "/apps/installations#revoke-an-installation-access-token", s.revokeInstallationToken)

	get("/repos/{owner}/{repo}", notTheApp, "/repos/repos#get-a-repository", s.getRepository)
	get("/repositories/{id}", notTheApp, "/repos/repos#get-a-repository", s.getRepositoryByID)

	get("/app", theApp, "/apps/apps#get-the-authenticated-app", s.getApp)
	get("/app/hook/config", theApp, "/apps/webhooks#get-a-webhook-configuration-for-an-app", s.getHookConfig)
	patch("/app/hook/config", theApp, "/apps/webhooks#update-a-webhook-configuration-for-an-app", s.updateHookConfig)
	get("/app/hook/deliveries", theApp, "/apps/webhooks#list-deliveries-for-an-app-webhook", s.listDeliveries)
	get("/app/hook/deliveries/{id}", theApp, "/apps/webhooks#get-a-delivery-for-an-app-webhook", s.getDelivery)
	post("/app/hook/deliveries/{id}/attempts", theApp, "/apps/webhooks#redeliver-a-delivery-for-an-app-webhook", s.redeliver)
	get("/app/installation-requests", theApp, "/apps/apps#list-installation-requests-for-the-authenticated-app", s.listInstallationRequests)
	get("/app/installations", theApp, "/apps/apps#list-installations-for-the-authenticated-app", s.listInstallations)
	get("/app/installations/{id}", theApp, "/apps/apps#get-an-installation-for-the-authenticated-app", s.getInstallation)
	remove("/app/installations/{id}", theApp, "/apps/apps#delete-an-installation-for-the-authenticated-app", s.deleteInstallation)
	put("/app/installations/{id}/suspended", theApp, "/apps/apps#suspend-an-app-installation", s.suspendInstallation)
	remove("/app/installations/{id}/suspended", theApp, "/apps/apps#unsuspend-an-app-installation", s.unsuspendInstallation)
	post("/app/installations/{id}/access_tokens", theApp, "/apps/apps#create-an-installation-access-token-for-an-app", s.createInstallationToken)
	post("/app-manifests/{code}/conversions", anyone, "/apps/apps#create-a-github-app-from-a-manifest", s.convertManifest)
	get("/apps/{slug}", anyone, "/apps/apps#get-an-app", s.getAppBySlug)
	get("/orgs/{owner}/installation", theApp, "/apps/apps#get-an-organization-installation-for-the-authenticated-app", s.getInstallationOfOrganization)
	get("/users/{owner}/installation", theApp, "/apps/apps#get-a-user-installation-for-the-authenticated-app", s.getInstallationOfUser)
	get("/repos/{owner}/{repo}/installation", theApp, "/apps/apps#get-a-repository-installation-for-the-authenticated-app", s.getInstallationOfRepository)
	get("/repositories/{id}/installation", theApp, "/apps/apps#get-a-repository-installation-for-the-authenticated-app", s.getInstallationOfRepositoryByID)

	post("/repos/{owner}/{repo}/content_references/{id}/attachments", personOrInstallation, "/apps/installations#create-a-content-attachment", s.createAttachment)
	post("/content_references/{id}/attachments", personOrInstallation, "/apps/installations#create-a-content-attachment", s.createAttachmentByReference)

	post("/applications/{client_id}/token", theClient, "/apps/oauth-applications#check-a-token", s.checkToken)
	patch("/applications/{client_id}/token", theClient, "/apps/oauth-applications#reset-a-token", s.resetToken)
	remove("/applications/{client_id}/token", theClient, "/apps/oauth-applications#delete-an-app-token", s.deleteToken)
	remove("/applications/{client_id}/grant", theClient, "/apps/oauth-applications#delete-an-app-authorization", s.deleteGrant)
	post("/applications/{client_id}/token/scoped", theClient, "/apps/apps#create-a-scoped-access-token", s.narrowToken)

	mux.Handle("/", s.operation(anyone, docsREST, func(*call) (any, error) { return nil, errNotFound }))
	return mux
}
