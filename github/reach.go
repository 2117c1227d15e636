package github

import "context"

// CountRepositories returns how many repositories the installation has access to. It
// decodes only the number
// (https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation).
// The error is ErrSuspended for a suspended installation, and ErrNotFound if it is gone.
func (i *InstallationClient) CountRepositories(ctx context.Context) (int64, error) {
	var answer struct {
		TotalCount optional[int64] `json:"total_count"`
	}
	err := i.do(ctx, 0, func(c *client) error {
		_, err := c.get(ctx, "installation/repositories?per_page=1", &answer)
		return err
	})
	if err != nil {
		return 0, err
	}
	count := total(answer.TotalCount)
	if count == UnknownTotal {
		return 0, malformed("the number of repositories")
	}
	return count, nil
}
