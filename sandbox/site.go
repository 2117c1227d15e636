package sandbox

import (
	"net/url"
	"sync/atomic"
	"time"
)

// site is the state that the pages and the API share: the world, and the issued tokens and sent webhooks.
type site struct {
	world    *World
	url      string
	now      func() time.Time
	behavior atomic.Pointer[Behavior]
	bodies   *bodies

	sessions      webSessions
	auth          tokenStore
	limits        rateLimits
	requests      requestLog
	deliveries    deliveries
	manifests     manifests
	tokenRequests tokenRequests
}

// bodies are the JSON objects of the API's responses and of webhooks, by the names of GitHub's schemas.
type bodies struct {
	url    string
	origin *url.URL
}
