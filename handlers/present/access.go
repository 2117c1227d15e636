// Package present converts values of db and github into those that pages and the
// API show. Its functions are pure.
package present

import (
	"fmt"
	"strings"

	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/views"
	"neptun/views/ui"
)

// home is the list of installations.
const home = "/installations"

// AccessResult explains a check: one verdict, its possible reasons, and a link
// to what can be done. repository is its full name as it was entered.
func AccessResult(d github.AccessCheck, repository, installURL string) views.AccessResult {
	result := views.AccessResult{Verdict: string(d.Verdict), Repository: repository, Reasons: []string{}}
	configure := ui.Link{Text: "Configure on GitHub", URL: d.ConfigureURL}
	owner, _, _ := strings.Cut(repository, "/")
	switch d.Verdict {
	case github.VerdictAccessible:
		result.Message = "You have access to it, and so does the app. If it isn't listed yet, sync the installation."
		result.Link = ui.Link{Text: "Go to installations", URL: home}
	case github.VerdictArchived:
		result.Message = "You have access to it. It is archived, so it is read-only on GitHub. You can still import it."
		result.Link = ui.Link{Text: "Go to installations", URL: home}
	case github.VerdictRenamed:
		result.Message = fmt.Sprintf("It was renamed to %s, and you have access to it.", d.Repository.FullName())
		result.RenamedTo = d.Repository.FullName()
		result.Link = ui.Link{Text: "Go to installations", URL: home}
	case github.VerdictSuspended:
		result.Message = fmt.Sprintf("The app is suspended on %s.", owner)
		result.Reasons = []string{"The user who suspended it, or an owner of the account, can unsuspend it."}
		result.Link = configure
	case github.VerdictAwaiting:
		result.Message = fmt.Sprintf("Your request to install the app on %s is waiting for approval.", owner)
		result.Reasons = []string{"When an owner approves the request on GitHub, the installation appears automatically."}
		result.Link = ui.Link{Text: "Go to installations", URL: home}
	case github.VerdictNotVisible:
		result.Message = fmt.Sprintf("The app isn't installed on %s, or you don't have access to the installation.", owner)
		result.Reasons = []string{
			"The app isn't installed on this account.",
			"You don't have access to any repository of the installation.",
			"The organization requires single sign-on. Sign in at /orgs/" + owner + "/sso on GitHub, revoke the authorization under Account, and sign in again.",
			"The account doesn't exist.",
		}
		result.Link = ui.Link{Text: "Install the app on GitHub", URL: installURL}
	case github.VerdictNotReachable:
		result.Message = fmt.Sprintf("The app is installed on %s, but you can't access this repository through it.", owner)
		result.Reasons = notReachable(d)
		result.Link = configure
	case github.VerdictIPAllowList:
		result.Message = github.Explain(&github.IPAllowListError{})
		if d.HelpURL != "" {
			result.Link = ui.Link{Text: "Read more on GitHub", URL: d.HelpURL}
		}
	case github.VerdictManagedUser:
		result.Message = github.Explain(github.ErrManagedUser)
	case github.VerdictBlocked:
		result.Message = github.Explain(github.ErrBlocked)
	case github.VerdictUnavailable:
		result.Message = github.Explain(github.ErrUnavailable)
	}
	return result
}

// notReachable gives the reasons that are left after what the App could say.
func notReachable(d github.AccessCheck) []string {
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

// ToAccessCheck is the result of an access check in JSON.
func ToAccessCheck(r views.AccessResult) openapi.AccessCheck {
	check := openapi.AccessCheck{Verdict: r.Verdict, Repository: r.Repository, RenamedTo: r.RenamedTo, Message: r.Message, Reasons: r.Reasons}
	check.Link.Text, check.Link.URL = r.Link.Text, r.Link.URL
	return check
}
