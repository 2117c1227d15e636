package operators

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

// Who owns the app, and who may install it.
const (
	OwnerPersonal     = "personal"
	OwnerOrganization = "organization"
	InstallOwner      = "owner"
	InstallAnyone     = "anyone"
)

// The app's repository permissions.
const (
	AccessList   = "list"
	AccessTokens = "tokens"
	AccessOwn    = "own"
)

// SetupForm describes the app to create.
type SetupForm struct {
	Name string
	// Owner is OwnerPersonal, or OwnerOrganization with the login in Organization.
	Owner, Organization string
	// Install is InstallOwner or InstallAnyone.
	Install string
	// PublicURL is the URL that users and GitHub use.
	PublicURL string
	Webhooks  bool
	// Access is AccessList, AccessTokens, or AccessOwn with the selected Permissions and
	// Events.
	Access      string
	Permissions map[string]string
	Events      []string
	Errors      SetupErrors
}

// SetupErrors are the errors of the form's fields; empty for none.
type SetupErrors struct {
	Name, Owner, Install, PublicURL, Webhooks, Access string
}

// PermissionOption is a permission that can be selected, in GitHub's words.
type PermissionOption struct {
	Name, Label, Description string
	Levels, Events           []string
}

// PermissionField is the field of the form with the level of a permission.
func PermissionField(name string) string { return "permission_" + name }

// levelWords are GitHub's words for the levels of a permission.
func levelWords(level string) string {
	switch level {
	case "read":
		return "Read-only"
	case "write":
		return "Read and write"
	}
	return "No access"
}

// owner names the app's owner.
func (f SetupForm) owner() string {
	if f.Owner == OwnerOrganization {
		return "the organization " + f.Organization
	}
	return "your personal account"
}

// install says who may install the app.
func (f SetupForm) install() string {
	switch {
	case f.Install == InstallAnyone:
		return "any account"
	case f.Owner == OwnerOrganization:
		return "only " + f.Organization
	}
	return "only your personal account"
}

// url encodes the form.
func (f SetupForm) url() templ.SafeURL {
	query := url.Values{
		"name": {f.Name}, "owner": {f.Owner}, "organization": {f.Organization}, "install": {f.Install}, "public_url": {f.PublicURL},
	}
	if f.Webhooks {
		query.Set("webhooks", "on")
	}
	query.Set("access", f.Access)
	for name, level := range f.Permissions {
		query.Set(PermissionField(name), level)
	}
	query["event"] = f.Events
	return templ.SafeURL("/setup?" + query.Encode())
}

// permissions lists permissions in one line, in order.
func (p SetupReviewPage) permissions() string {
	var all []string
	for name, right := range p.Permissions {
		all = append(all, name+": "+right)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
