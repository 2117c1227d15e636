package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

func (s *web) showHome(w http.ResponseWriter, r *http.Request) {
	s.world.mu.RLock()
	people := s.world.Accounts.users()
	s.world.mu.RUnlock()
	s.render(w, r, http.StatusOK, "Sandbox", homePage(people))
}

// homePage lists the users to sign in as.
type homePage []*account

// avatarURL is the URL of the account's avatar; GitHub's URLs have a version too.
func (bs *bodies) avatarURL(a *account) string {
	return fmt.Sprintf("%s/avatars/u/%d?v=4", bs.url, a.id)
}

// showAvatar renders the initial of the login on a color derived from the id.
func (s *web) showAvatar(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	s.world.mu.RLock()
	initial := "?"
	if a := s.world.Accounts.byID(id); a != nil {
		initial = strings.ToUpper(a.Login[:1])
	}
	s.world.mu.RUnlock()
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80" viewBox="0 0 80 80">`+
		`<rect width="80" height="80" fill="hsl(%d 45%% 38%%)"/>`+
		`<text x="40" y="54" font-family="sans-serif" font-size="40" text-anchor="middle" fill="#fff">%s</text></svg>`,
		id*47%360, initial)
}
