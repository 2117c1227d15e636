package webhook

import (
	"encoding/json"

	"neptun/db"
	"neptun/github"
)

// news is what is read of a webhook's payload: whom and what it is about.
type news struct {
	installationID int64 // 0 for none

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

// namedRepository is a repository as webhooks name it.
type namedRepository struct {
	ID       int64          `json:"id"`
	FullName string         `json:"full_name"`
	Name     string         `json:"name"`
	Owner    github.Account `json:"owner"` // the zero value in lists
}

// lackError says why nothing can be done with a webhook.
type lackError struct{ reason string }

func (e *lackError) Error() string { return "github: " + e.reason }

func lacks(what string) error { return &lackError{"it lacks " + what} }

func readNews(delivery db.Delivery) (news, error) {
	told := news{installationID: delivery.InstallationID}
	if err := json.Unmarshal(delivery.Body, &told); err != nil {
		return news{}, &lackError{"its payload is not as GitHub describes it"}
	}
	return told, nil
}

// repository is the one that the news is about. The error is a *lackError.
func (n news) repository() (namedRepository, error) {
	if n.Repository == nil || n.Repository.ID <= 0 || n.Repository.Owner.ID <= 0 {
		return namedRepository{}, lacks("a repository with its owner")
	}
	return *n.Repository, nil
}

// organization is the one that the news is about.
func (n news) organization() (db.Account, error) {
	if n.Organization == nil || n.Organization.ID <= 0 {
		return db.Account{}, lacks("an organization")
	}
	return n.Organization.Convert(db.KindOrganization), nil
}

// account is whose installation the news is about.
func (n news) account() (db.Account, error) {
	on := n.Installation.Account
	if on == nil || on.ID <= 0 {
		return db.Account{}, lacks("the installation's account")
	}
	return on.Convert(on.Type), nil
}

func (r namedRepository) owner() db.Account { return r.Owner.Convert(r.Owner.Type) }

// named gives repositories by id with their names. Those without an id are none.
func named(list ...namedRepository) map[int64]string {
	names := map[int64]string{}
	for _, r := range list {
		if r.ID > 0 {
			names[r.ID] = github.Clean(r.FullName)
		}
	}
	return names
}
