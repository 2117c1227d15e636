package handlerstest

import (
	"net/http"
	"strings"
)

// ChangeIf sends a change with If-Match; an empty ETag is left out.
func (v *Visitor) ChangeIf(tag, method, path, body string) Answer {
	v.Stage.T.Helper()
	header := http.Header{}
	if tag != "" {
		header.Set("If-Match", tag)
	}
	return v.Do(method, path, "application/json", body, header)
}

// Refused checks that a response is the error for an outdated change.
func (a Answer) Refused() {
	a.t.Helper()
	data, _ := a.Status(http.StatusPreconditionFailed).Object()["data"].(map[string]any)
	if data["code"] != "precondition_failed" || !strings.Contains(a.Message(), "changed since you read it") {
		a.t.Errorf("the response is %s", a.Body)
	}
}
