package input

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"neptun/handlers/openapi"
	"neptun/handlers/web"
)

// The most characters that GitHub takes
// (https://docs.github.com/enterprise-server@3.3/rest/reference/apps#create-a-content-attachment).
const (
	maxAttachmentTitle = 1024
	maxAttachmentBody  = 262144
)

// ContentAttachment is the body of POST …/content_attachments.
type ContentAttachment openapi.ContentAttachmentBody

// Check is an error unless the body is valid.
func (b ContentAttachment) Check() error {
	var p web.Params
	if b.RepositoryID <= 0 {
		p.Add("repository_id", "is required")
	}
	if b.ContentReferenceID <= 0 {
		p.Add("content_reference_id", "is required")
	}
	for _, field := range []struct {
		name, value string
		most        int
	}{{"title", b.Title, maxAttachmentTitle}, {"body", b.Body, maxAttachmentBody}} {
		if n := utf8.RuneCountInString(strings.TrimSpace(field.value)); n == 0 || n > field.most {
			p.Add(field.name, "must have 1 to "+strconv.Itoa(field.most)+" characters")
		}
	}
	return p.Err()
}
