package webhook

import (
	"encoding/json"

	"neptun/db"
	"neptun/github"
)

// payload is the part of a delivery's body that event handlers use.
type payload struct {
	guid           string // the delivery's
	installationID int64  // 0 for none

	Installation struct {
		Account *github.Account `json:"account"`
	} `json:"installation"`
	Repository          *namedRepository               `json:"repository"`
	Organization        *github.Account                `json:"organization"`
	Sender              *github.Account                `json:"sender"`
	Requester           *github.Account                `json:"requester"`
	Member              *github.Account                `json:"member"`
	Membership          struct{ User *github.Account } `json:"membership"`
	RepositoriesAdded   []namedRepository              `json:"repositories_added"`
	RepositoriesRemoved []namedRepository              `json:"repositories_removed"`
}

// namedRepository is a repository in a payload.
type namedRepository struct {
	ID       int64          `json:"id"`
	FullName string         `json:"full_name"`
	Name     string         `json:"name"`
	Owner    github.Account `json:"owner"` // the zero value in lists
}

// incompleteError is why a delivery can't be applied. It is then ignored.
type incompleteError struct{ reason string }

func (e *incompleteError) Error() string { return "webhook: " + e.reason }

func missing(what string) error { return &incompleteError{"it lacks " + what} }

func decode(delivery db.Delivery) (payload, error) {
	p := payload{guid: delivery.GUID, installationID: delivery.InstallationID}
	if err := json.Unmarshal(delivery.Body, &p); err != nil {
		return payload{}, &incompleteError{"its payload is not as GitHub describes it"}
	}
	return p, nil
}

// repository is the payload's repository. The error is an *incompleteError.
func (p payload) repository() (namedRepository, error) {
	if p.Repository == nil || p.Repository.ID <= 0 || p.Repository.Owner.ID <= 0 {
		return namedRepository{}, missing("a repository with its owner")
	}
	return *p.Repository, nil
}

// organization is the payload's organization. The error is an *incompleteError.
func (p payload) organization() (db.Account, error) {
	if p.Organization == nil || p.Organization.ID <= 0 {
		return db.Account{}, missing("an organization")
	}
	return p.Organization.Convert(db.KindOrganization), nil
}

// account is the account of the payload's installation. The error is an *incompleteError.
func (p payload) account() (db.Account, error) {
	account := p.Installation.Account
	if account == nil || account.ID <= 0 {
		return db.Account{}, missing("the installation's account")
	}
	return account.Convert(account.Type), nil
}

func (r namedRepository) owner() db.Account { return r.Owner.Convert(r.Owner.Type) }

// namesByID maps the ids of repositories to their names, and skips those without an id.
func namesByID(list ...namedRepository) map[int64]string {
	names := map[int64]string{}
	for _, r := range list {
		if r.ID > 0 {
			names[r.ID] = github.Clean(r.FullName)
		}
	}
	return names
}
