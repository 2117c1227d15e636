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
		Account    *github.Account `json:"account"`
		TargetType string          `json:"target_type"`
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

// incompleteError is the reason why a delivery can't be applied. It is then ignored.
type incompleteError struct{ reason string }

func (e *incompleteError) Error() string { return "webhook: " + e.reason }

func missing(what string) error { return &incompleteError{"the payload lacks " + what} }

func decode(delivery db.Delivery) (payload, error) {
	p := payload{guid: delivery.GUID, installationID: delivery.InstallationID}
	if err := json.Unmarshal(delivery.Body, &p); err != nil && !github.IsOddField(err) {
		return payload{}, &incompleteError{"the payload doesn't match GitHub's schema"}
	}
	return p, nil
}

// repository returns the payload's repository, or an *incompleteError.
func (p payload) repository() (namedRepository, error) {
	if p.Repository == nil || p.Repository.ID <= 0 || p.Repository.Owner.ID <= 0 {
		return namedRepository{}, missing("a repository with its owner")
	}
	r := *p.Repository
	if r.owner().Kind == "" {
		r.Owner.Type = p.kindOf(r.Owner)
	}
	return r, nil
}

// kindOf returns the kind of an account without a type: GitHub includes the organization in
// the payloads of what belongs to one
// (https://docs.github.com/webhooks/webhook-events-and-payloads#webhook-payload-object-common-properties).
func (p payload) kindOf(account github.Account) string {
	if p.Organization != nil && p.Organization.ID == account.ID {
		return db.KindOrganization
	}
	return db.KindUser
}

// organization returns the payload's organization, or an *incompleteError.
func (p payload) organization() (db.Account, error) {
	if p.Organization == nil || p.Organization.ID <= 0 {
		return db.Account{}, missing("an organization")
	}
	return p.Organization.Convert(db.KindOrganization), nil
}

// account returns the account of the payload's installation, or an *incompleteError.
func (p payload) account() (db.Account, error) {
	on := p.Installation.Account
	if on == nil || on.ID <= 0 {
		return db.Account{}, missing("the installation's account")
	}
	account := on.Convert(p.Installation.TargetType)
	if account.Kind == "" {
		account.Kind = p.kindOf(*on)
	}
	return account, nil
}

func (r namedRepository) owner() db.Account { return r.Owner.Convert("") }

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
