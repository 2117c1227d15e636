package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// CheckAccess tells why a person can or can't see a repository.
func (s *Server) CheckAccess(c echo.Context) error {
	api := web.IsAPI(c.Request().URL.Path)
	asked := strings.TrimSpace(c.QueryParam("repository"))
	page := views.AccessCheckPage{Asked: asked}
	if asked == "" && !api {
		return s.writeAccessCheck(c, page)
	}
	owner, name, err := s.parseRepository(asked)
	if err != nil {
		if api {
			return err
		}
		page.Problem = err.Error()
		return s.writeAccessCheck(c, page)
	}
	diagnosis, err := s.GitHub.AsUser(currentUser(c).ID).Diagnose(c.Request().Context(), owner, name)
	if err != nil {
		return err
	}
	app, _ := s.GitHub.AppFacts()
	page.Result = advise(diagnosis, owner+"/"+name, app.InstallURL())
	if api {
		return c.JSON(http.StatusOK, toAccessCheck(page.Result))
	}
	return s.writeAccessCheck(c, page)
}

func (s *Server) writeAccessCheck(c echo.Context, page views.AccessCheckPage) error {
	frame, err := s.pageFrame(c, "Access check", ui.NavAccess)
	if err != nil {
		return err
	}
	page.Frame = frame
	return web.Page(c, views.AccessCheck(page), frame.Notices)
}

// GitHub's rules for names: an owner has letters, digits and single hyphens, a
// repository letters, digits, dots, hyphens and underscores.
var fullName = regexp.MustCompile(`^([A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?)/([A-Za-z0-9._-]{1,100})$`)

// parseRepository reads owner/name, or the address of a repository's page on
// this GitHub in any of the forms that people copy.
func (s *Server) parseRepository(asked string) (owner, name string, err error) {
	path := asked
	if rest, ok := strings.CutPrefix(asked, "git@"); ok {
		host, after, _ := strings.Cut(rest, ":")
		asked = "https://" + host + "/" + after
	}
	if strings.Contains(asked, "://") {
		u, err := url.Parse(asked)
		if err != nil {
			return "", "", errRepositoryName
		}
		home, err := url.Parse(s.config.GitHub.WebURL())
		if err != nil {
			return "", "", err
		}
		if !strings.EqualFold(strings.TrimPrefix(u.Host, "www."), home.Host) {
			return "", "", web.InvalidField("repository", "is on another GitHub host: this server uses "+home.Host)
		}
		path = strings.Trim(u.Path, "/")
		if parts := strings.Split(path, "/"); len(parts) > 2 {
			path = parts[0] + "/" + parts[1] // a page within the repository
		}
		path = strings.TrimSuffix(path, ".git")
	}
	match := fullName.FindStringSubmatch(path)
	if match == nil || match[2] == "." || match[2] == ".." {
		return "", "", errRepositoryName
	}
	return match[1], match[2], nil
}

var errRepositoryName = web.InvalidField("repository", "must be owner/name or the URL of a repository on GitHub")

// advise turns a diagnosis into what to tell: one verdict, its possible
// reasons, and the link that mends it.
func advise(d github.Diagnosis, asked, installURL string) views.AccessResult {
	advice := views.AccessResult{Verdict: string(d.Verdict), Repository: asked, Reasons: []string{}}
	configure := ui.Link{Text: "Configure on GitHub", URL: d.ConfigureURL}
	owner, _, _ := strings.Cut(asked, "/")
	switch d.Verdict {
	case github.VerdictFine:
		advice.Sentence = "You have access to it, and so does the app. If it isn't listed yet, sync the installation."
		advice.Link = ui.Link{Text: "Go to installations", URL: home}
	case github.VerdictArchived:
		advice.Sentence = "You have access to it. It is archived, so it is read-only on GitHub. You can still import it."
		advice.Link = ui.Link{Text: "Go to installations", URL: home}
	case github.VerdictRenamed:
		advice.Sentence = fmt.Sprintf("It was renamed to %s, and you have access to it.", d.Repository.FullName())
		advice.RenamedTo = d.Repository.FullName()
		advice.Link = ui.Link{Text: "Go to installations", URL: home}
	case github.VerdictSuspended:
		advice.Sentence = fmt.Sprintf("The app is suspended on %s.", owner)
		advice.Reasons = []string{"The user who suspended it, or an owner of the account, can unsuspend it."}
		advice.Link = configure
	case github.VerdictAwaiting:
		advice.Sentence = fmt.Sprintf("Your request to install the app on %s is waiting for approval.", owner)
		advice.Reasons = []string{"When an owner approves the request on GitHub, the installation appears automatically."}
		advice.Link = ui.Link{Text: "Go to installations", URL: home}
	case github.VerdictNotVisible:
		advice.Sentence = fmt.Sprintf("The app isn't installed on %s, or you don't have access to the installation.", owner)
		advice.Reasons = []string{
			"The app isn't installed on this account.",
			"You don't have access to any repository of the installation.",
			"The organization requires single sign-on. Sign in at /orgs/" + owner + "/sso on GitHub, revoke the authorization under Account, and sign in again.",
			"The account doesn't exist.",
		}
		advice.Link = ui.Link{Text: "Install the app on GitHub", URL: installURL}
	case github.VerdictNotReachable:
		advice.Sentence = fmt.Sprintf("The app is installed on %s, but you can't access this repository through it.", owner)
		advice.Reasons = notReachable(d)
		advice.Link = configure
	case github.VerdictIPAllowList:
		advice.Sentence = github.Explain(&github.IPAllowListError{})
		if d.HelpURL != "" {
			advice.Link = ui.Link{Text: "Read more on GitHub", URL: d.HelpURL}
		}
	case github.VerdictManagedUser:
		advice.Sentence = github.Explain(github.ErrManagedUser)
	case github.VerdictBlocked:
		advice.Sentence = github.Explain(github.ErrBlocked)
	case github.VerdictUnavailable:
		advice.Sentence = github.Explain(github.ErrUnavailable)
	}
	return advice
}

// notReachable gives the reasons that are left after what the App could say.
func notReachable(d github.Diagnosis) []string {
	const (
		noRights    = "You don't have access to the repository. An admin can give you access."
		notSelected = "The app can only access selected repositories, and this isn't one of them. An owner can add it on GitHub."
		notThere    = "The repository doesn't exist. Check the spelling."
	)
	selected := d.Selection == "selected"
	switch {
	case d.Reached == github.ReachYes:
		return []string{noRights}
	case d.Reached == github.ReachNo && selected:
		return []string{notSelected, notThere}
	case d.Reached == github.ReachNo:
		return []string{notThere}
	case selected:
		return []string{notSelected, noRights, notThere}
	}
	return []string{noRights, notThere}
}

func toAccessCheck(r views.AccessResult) openapi.AccessCheck {
	check := openapi.AccessCheck{Verdict: r.Verdict, Repository: r.Repository, RenamedTo: r.RenamedTo, Message: r.Sentence, Reasons: r.Reasons}
	check.Link.Text, check.Link.URL = r.Link.Text, r.Link.URL
	return check
}
