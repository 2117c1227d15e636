package sandbox

import "net/http"

// apiRoutes is every operation of the API, with who may ask for it and the page of GitHub's documentation it has.
func (s *Server) apiRoutes() http.Handler {
	mux := http.NewServeMux()
	get := func(path string, who gate, docs string, act action) {
		mux.Handle("GET "+apiPrefix+path, s.operation(who, docsREST+docs, act))
	}

	get("", anyone, "/meta/meta#github-api-root", s.getRoot)
	get("/{$}", anyone, "/meta/meta#github-api-root", s.getRoot)
	get("/meta", anyone, "/meta/meta#get-github-enterprise-server-meta-information", s.getMeta)
	get("/rate_limit", anyone, "/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user", s.getRateLimit)

	get("/user", person, "/users/users#get-the-authenticated-user", s.getUser)
	get("/users/{username}", anyone, "/users/users#get-a-user", s.getUserByName)
	get("/user/memberships/orgs/{org}", person, "/orgs/members#get-an-organization-membership-for-the-authenticated-user", s.getMembership)

	get("/user/installations", person, "/apps/installations#list-app-installations-accessible-to-the-user-access-token", s.listInstallationsForUser)
	get("/user/installations/{id}/repositories", person, "/apps/installations#list-repositories-accessible-to-the-user-access-token", s.listRepositoriesForUser)

	get("/repos/{owner}/{repo}", personOrNobody, "/repos/repos#get-a-repository", s.getRepository)
	get("/repositories/{id}", personOrNobody, "/repos/repos#get-a-repository", s.getRepositoryByID)

	get("/app", theApp, "/apps/apps#get-the-authenticated-app", s.getApp)
	get("/app/installations", theApp, "/apps/apps#list-installations-for-the-authenticated-app", s.listInstallations)
	get("/app/installations/{id}", theApp, "/apps/apps#get-an-installation-for-the-authenticated-app", s.getInstallation)

	mux.Handle("/", s.operation(anyone, docsREST, func(*call) (any, error) { return nil, errNotFound }))
	return mux
}
