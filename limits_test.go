package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestS6HeadersAreLimited(t *testing.T) {
	p := start(t, complete(t, nil))
	for size, want := range map[int]int{50 << 10: http.StatusOK, 70 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.address+"/healthz", nil)
		must(t, err)
		request.Header.Set("X-Large", strings.Repeat("a", size))
		response, err := http.DefaultClient.Do(request)
		must(t, err)
		must(t, response.Body.Close())
		if response.StatusCode != want {
			t.Errorf("headers of %d bytes are answered %d, want %d", size, response.StatusCode, want)
		}
	}
	p.end(t)
}
