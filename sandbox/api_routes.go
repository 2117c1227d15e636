package sandbox

import "net/http"

// routes lists every operation of the API, with its authorization and its page in GitHub's documentation.
func (s *api) routes() http.Handler {
	mux := http.NewServeMux()
	hook, attachments, authorizations := &hookAPI{s.site}, &attachmentAPI{s.site}, &authorizationAPI{s.site, s}
	route := func(method string) func(string, authorization, string, action) {
		return func(path string, who authorization, docs string, act action) {
			pattern := method + " " + apiPrefix + path
			mux.Handle(pattern, s.operation(pattern, who, docsREST+docs, act))
		}
	}
	get, post, put, patch, remove := route("GET"), route("POST"), route("PUT"), route("PATCH"), route("DELETE")

	get("", anyone, "/meta/meta#github-api-root", s.getRoot)
	get("/{$}", anyone, "/meta/meta#github-api-root", s.getRoot)
	get("/meta", anyone, "/meta/meta#get-github-enterprise-server-meta-information", s.getMeta)
	get("/rate_limit", anyone, "/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user", s.getRateLimit)

	get("/user", userToken, "/users/users#get-the-authenticated-user", s.getUser)
	get("/users/{username}", anyone, "/users/users#get-a-user", s.getUserByName)
	get("/user/memberships/orgs/{org}", userToken, "/orgs/members#get-an-organization-membership-for-the-authenticated-user", s.getMembership)
	get("/orgs/{org}/memberships/{username}", userOrInstallation, "/orgs/members#get-organization-membership-for-a-user", s.getMembershipOf)

	get("/user/installations", appUserToken, "/apps/installations#list-app-installations-accessible-to-the-user-access-token", s.listInstallationsForUser)
	get("/user/installations/{id}/repositories", appUserToken, "/apps/installations#list-repositories-accessible-to-the-user-access-token", s.listRepositoriesForUser)
	put("/user/installations/{id}/repositories/{repository}", personalAccess, "/apps/installations#add-a-repository-to-an-app-installation", s.addToInstallation)
	remove("/user/installations/{id}/repositories/{repository}", personalAccess, "/apps/installations#remove-a-repository-from-an-app-installation", s.removeFromInstallation)
	get("/installation/repositories", installationAccess, "/apps/installations#list-repositories-accessible-to-the-app-installation", s.listRepositoriesForInstallation)
	remove("/installation/token", installationAccess, "/apps/installations#revoke-an-installation-access-token", s.revokeInstallationToken)

	get("/repos/{owner}/{repo}", notAppToken, "/repos/repos#get-a-repository", s.getRepository)
	get("/repositories/{id}", notAppToken, "/repos/repos#get-a-repository", s.getRepositoryByID)

	get("/app", appToken, "/apps/apps#get-the-authenticated-app", s.getApp)
	get("/app/hook/config", appToken, "/apps/webhooks#get-a-webhook-configuration-for-an-app", hook.getHookConfig)
	patch("/app/hook/config", appToken, "/apps/webhooks#update-a-webhook-configuration-for-an-app", hook.updateHookConfig)
	get("/app/hook/deliveries", appToken, "/apps/webhooks#list-deliveries-for-an-app-webhook", hook.listDeliveries)
	get("/app/hook/deliveries/{id}", appToken, "/apps/webhooks#get-a-delivery-for-an-app-webhook", hook.getDelivery)
	post("/app/hook/deliveries/{id}/attempts", appToken, "/apps/webhooks#redeliver-a-delivery-for-an-app-webhook", hook.redeliver)
	get("/app/installation-requests", appToken, "/apps/apps#list-installation-requests-for-the-authenticated-app", s.listInstallationRequests)
	get("/app/installations", appToken, "/apps/apps#list-installations-for-the-authenticated-app", s.listInstallations)
	get("/app/installations/{id}", appToken, "/apps/apps#get-an-installation-for-the-authenticated-app", s.getInstallation)
	remove("/app/installations/{id}", appToken, "/apps/apps#delete-an-installation-for-the-authenticated-app", s.deleteInstallation)
	put("/app/installations/{id}/suspended", appToken, "/apps/apps#suspend-an-app-installation", s.suspendInstallation)
	remove("/app/installations/{id}/suspended", appToken, "/apps/apps#unsuspend-an-app-installation", s.unsuspendInstallation)
	post("/app/installations/{id}/access_tokens", appToken, "/apps/apps#create-an-installation-access-token-for-an-app", s.createInstallationToken)
	post("/app-manifests/{code}/conversions", anyone, "/apps/apps#create-a-github-app-from-a-manifest", s.convertManifest)
	get("/apps/{slug}", anyone, "/apps/apps#get-an-app", s.getAppBySlug)
	get("/orgs/{owner}/installation", appToken, "/apps/apps#get-an-organization-installation-for-the-authenticated-app", s.getInstallationOfOrganization)
	get("/users/{owner}/installation", appToken, "/apps/apps#get-a-user-installation-for-the-authenticated-app", s.getInstallationOfUser)
	get("/repos/{owner}/{repo}/installation", appToken, "/apps/apps#get-a-repository-installation-for-the-authenticated-app", s.getInstallationOfRepository)
	get("/repositories/{id}/installation", appToken, "/apps/apps#get-a-repository-installation-for-the-authenticated-app", s.getInstallationOfRepositoryByID)

	post("/repos/{owner}/{repo}/content_references/{id}/attachments", userOrInstallation, "/apps/installations#create-a-content-attachment", attachments.createAttachment)
	post("/content_references/{id}/attachments", userOrInstallation, "/apps/installations#create-a-content-attachment", attachments.createAttachmentByReference)

	post("/applications/{client_id}/token", clientCredentials, "/apps/oauth-applications#check-a-token", authorizations.checkToken)
	patch("/applications/{client_id}/token", clientCredentials, "/apps/oauth-applications#reset-a-token", authorizations.resetToken)
	remove("/applications/{client_id}/token", clientCredentials, "/apps/oauth-applications#delete-an-app-token", authorizations.deleteToken)
	remove("/applications/{client_id}/grant", clientCredentials, "/apps/oauth-applications#delete-an-app-authorization", authorizations.deleteGrant)
	post("/applications/{client_id}/token/scoped", clientCredentials, "/apps/apps#create-a-scoped-access-token", authorizations.scopeToken)

	mux.Handle("/", s.operation("", anyone, docsREST, func(*call) (any, error) { return nil, errNotFound }))
	return mux
}
