package sandbox

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Content attachments were removed in Enterprise Server 3.4. The responses follow the documentation of
// 3.3, "Apps", "Create a content attachment".

// attachmentPreview is the media type that the operation requires.
const attachmentPreview = "application/vnd.github.corsair-preview+json"

// Limits of an attachment.
const (
	longestAttachmentTitle = 1024
	longestAttachmentBody  = 262_144
)

// contentReferenceLifetime is how long after content_reference.created GitHub accepts an attachment.
const contentReferenceLifetime = 6 * time.Hour

// attachmentAPI serves the operations on content attachments.
type attachmentAPI struct{ *site }

// contentReference is a URL in an issue of the repository.
type contentReference struct {
	repository *repository
	created    time.Time
}

// ContentAttachments are the URLs in a world's issues that an App can create attachments for.
type ContentAttachments struct {
	world         *World
	status        int                        // of requests for content attachments; 0: not found
	references    map[int64]contentReference // by id
	lastReference int64
	lastID        int64
}

// SetStatus sets the status of requests for content attachments: http.StatusOK serves them, as Enterprise
// Server did up to 3.3; 404, the default, 410 and 415 are the responses of servers that removed them.
func (cas *ContentAttachments) SetStatus(status int) {
	switch status {
	case http.StatusOK, http.StatusNotFound, http.StatusGone, http.StatusUnsupportedMediaType:
	default:
		panic(fmt.Sprintf("sandbox: no server answers content attachments with %d", status))
	}
	cas.world.mu.Lock()
	defer cas.world.mu.Unlock()
	cas.status = status
}

// AddReference adds a URL that the App can create an attachment for to an issue of the repository, and returns its
// id.
func (cas *ContentAttachments) AddReference(repositoryID int64) int64 {
	cas.world.mu.Lock()
	defer cas.world.mu.Unlock()
	cas.lastReference++
	id := cas.lastReference
	cas.references[id] = contentReference{cas.world.Repositories.must(repositoryID), cas.world.now()}
	return id
}

func (s *attachmentAPI) createAttachment(c *call) (any, error) {
	r, moved := s.world.Repositories.find(c.PathValue("owner"), c.PathValue("repo"))
	if r == nil || moved {
		r = nil
	}
	return s.attach(c, func(reference *repository) bool { return reference == r })
}

// createAttachmentByReference is the older form, without the repository.
func (s *attachmentAPI) createAttachmentByReference(c *call) (any, error) {
	return s.attach(c, func(*repository) bool { return true })
}

func (s *attachmentAPI) attach(c *call, right func(*repository) bool) (any, error) {
	switch s.world.ContentAttachments.status {
	case http.StatusOK:
	case http.StatusGone:
		return nil, &apiError{status: http.StatusGone, message: "Content attachments are no longer available."}
	case http.StatusUnsupportedMediaType:
		return nil, errNoPreview
	default:
		return nil, &apiError{status: http.StatusNotFound, message: "Not Found", docs: docsREST} // as for any unknown path
	}
	if !asksFor(c.Header.Values("Accept"), attachmentPreview) {
		return nil, errNoPreview
	}
	id, err := strconv.ParseInt(c.PathValue("id"), 10, 64)
	reference := s.world.ContentAttachments.references[id]
	r := reference.repository
	if err != nil || r == nil || c.now.Sub(reference.created) > contentReferenceLifetime || !right(r) || !c.caller.canSee(r) || s.world.Repositories.byID[r.ID] != r {
		return nil, errNotFound
	}
	sent, err := c.fields()
	if err != nil {
		return nil, err
	}
	title, err := sent.requiredText("title")
	if err != nil {
		return nil, err
	}
	body, err := sent.requiredText("body")
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(title) > longestAttachmentTitle || utf8.RuneCountInString(body) > longestAttachmentBody {
		return nil, unprocessable("Validation Failed: title or body is too long.")
	}
	s.world.ContentAttachments.lastID++
	attachment := s.world.ContentAttachments.lastID
	return object{"id": attachment, "node_id": nodeID("CA", attachment), "title": title, "body": body}, nil
}

var errNoPreview = noPreview("Content Attachments")

func asksFor(accept []string, mediaType string) bool {
	for kind := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		if kind, _, err := mime.ParseMediaType(kind); err == nil && kind == mediaType {
			return true
		}
	}
	return false
}
