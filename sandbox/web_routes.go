package sandbox

import (
	"embed"
	"net/http"
)

//go:embed static
var static embed.FS

// web serves the pages.
type web struct {
	*site
	oauth *oauth
}

// manifestRoutes accept forms from other sites, unlike all other routes.
var manifestRoutes = []string{"POST /settings/apps/new", "POST /organizations/{org}/settings/apps/new"}

// routes are the pages, at GitHub's paths. Every other path is an account or a repository.
func (s *web) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showHome)
	mux.Handle("GET /static/sandbox.css", http.FileServerFS(static))
	mux.HandleFunc("GET /avatars/u/{id}", s.showAvatar)

	mux.HandleFunc("GET /login", s.showLogin)
	mux.HandleFunc("POST /session", form(s.signIn))
	mux.HandleFunc("POST /logout", form(s.signOut))

	mux.HandleFunc("GET /login/oauth/authorize", s.showAuthorize)
	mux.HandleFunc("POST /login/oauth/authorize", form(s.submitAuthorize))
	mux.HandleFunc("POST /login/oauth/access_token", s.oauth.exchange)

	mux.HandleFunc("GET /apps/{slug}", s.showApp)
	mux.HandleFunc("GET /apps/{slug}/installations/new", s.showInstall)
	mux.HandleFunc("POST /apps/{slug}/installations", form(s.installApp))
	mux.HandleFunc("GET /apps/{slug}/installations/new/permissions", s.showInstall)
	mux.HandleFunc("POST /apps/{slug}/installations/requests", form(s.requestInstall))
	for _, open := range manifestRoutes {
		mux.HandleFunc(open, form(s.receiveManifest))
	}
	for _, settings := range []string{"/settings", "/organizations/{org}/settings"} {
		mux.HandleFunc("GET "+settings+"/apps/new", s.showManifest)
		mux.HandleFunc("POST "+settings+"/apps", form(s.registerApp))
		mux.HandleFunc("GET "+settings+"/installations", s.showInstallations)
		mux.HandleFunc("GET "+settings+"/installations/{id}", s.showInstallation)
		mux.HandleFunc("POST "+settings+"/installations/{id}", form(s.changeInstallation))
		mux.HandleFunc("GET "+settings+"/installations/{id}/permissions/update", s.showPermissions)
		mux.HandleFunc("POST "+settings+"/installations/{id}/permissions/update", form(s.acceptPermissions))
	}
	mux.HandleFunc("POST /organizations/{org}/settings/installations/requests/{id}", form(s.decideRequest))

	mux.HandleFunc("GET /orgs/{org}/sso", s.showSSO)
	mux.HandleFunc("POST /orgs/{org}/sso", form(s.authorizeSSO))

	mux.HandleFunc("GET /{owner}", s.showProfile)
	mux.HandleFunc("POST /{owner}", form(s.createRepository))
	mux.HandleFunc("GET /{owner}/{repo}", s.showRepository)
	mux.HandleFunc("POST /{owner}/{repo}", form(s.changeRepository))
	mux.HandleFunc("GET /", s.notFound)
	return mux
}

// form parses a posted form before the handler runs.
func form(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 4<<20)
		if err := r.ParseForm(); err != nil {
			http.Error(w, "Bad Request", http.StatusBadRequest)
			return
		}
		next(w, r)
	}
}
