package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"neptun/db"
)

// ContentAttachment is what an app attaches to a link to its own site in an issue
// or a pull request. Enterprise Server supports it up to 3.3
// (https://docs.github.com/enterprise-server@3.3/rest/reference/apps#create-a-content-attachment).
type ContentAttachment struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

// attachmentType is the media type that the operation requires.
const attachmentType = "application/vnd.github.corsair-preview+json"

// CreateContentAttachment creates an attachment for a content reference of a
// repository, as the app. The error is ErrNotFound if the reference doesn't exist, and
// ErrWithdrawn or ErrUnsupported from a GitHub without attachments.
func (i *InstallationClient) CreateContentAttachment(ctx context.Context, in db.NamedRepository, referenceID int64, title, body string) (ContentAttachment, error) {
	var answer ContentAttachment
	older := fmt.Sprintf("content_references/%d/attachments", referenceID)
	content := map[string]string{"title": title, "body": body}
	err := i.do(ctx, in.ID, func(c *client) (err error) {
		for _, path := range []string{repositoryPath(in) + "/" + older, older} {
			_, err = c.send(ctx, http.MethodPost, path, content, &answer, func(r *http.Request) { r.Header.Set("Accept", attachmentType) })
			switch {
			case errors.Is(err, ErrNotFound) && !namesOperation(err), errors.Is(err, ErrWithdrawn), errors.Is(err, ErrUnsupported):
				continue
			}
			return err
		}
		if errors.Is(err, ErrNotFound) {
			return ErrWithdrawn
		}
		return err
	})
	switch {
	case err != nil:
		return ContentAttachment{}, err
	case answer.ID <= 0:
		return ContentAttachment{}, malformed("the content attachment")
	}
	return answer, nil
}

// repositoryPath is the path of a repository in the API.
func repositoryPath(r db.NamedRepository) string {
	return "repos/" + url.PathEscape(r.Owner) + "/" + url.PathEscape(r.Name)
}
