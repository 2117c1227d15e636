package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"

	"github.com/labstack/echo/v4"
)

// OPTIONS lists exactly the methods of a path, and so does the response to any other method.
// Neither allows other origins.
func TestOptionsListTheMethods(t *testing.T) {
	h := openInstance(t, dbtest.SQLite(t))
	server := h.handler.(*handlers.Server)
	routes := map[string][]string{}
	for _, route := range server.Routes() {
		if route.Method != echo.RouteNotFound {
			routes[route.Path] = append(routes[route.Path], route.Method)
		}
	}
	send := func(method, path string) *httptest.ResponseRecorder {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequest(method, h.url+parts("1", "1").Replace(path), nil)
		if method == http.MethodOptions { // a preflight request
			request.Header.Set("Origin", "https://elsewhere.example")
			request.Header.Set("Access-Control-Request-Method", "DELETE")
		}
		server.ServeHTTP(recorder, request)
		for name := range recorder.Header() {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s %s allows other origins: %s", method, path, name)
			}
		}
		return recorder
	}
	allowed := func(response *httptest.ResponseRecorder) []string {
		methods := strings.Split(response.Header().Get("Allow"), ", ")
		slices.Sort(methods)
		return methods
	}
	for path, methods := range routes {
		want := append(slices.Clone(methods), http.MethodOptions)
		slices.Sort(want)
		if response := send(http.MethodOptions, path); response.Code != http.StatusNoContent || !slices.Equal(allowed(response), slices.Compact(want)) || response.Body.Len() > 0 {
			t.Errorf("OPTIONS %s: %d, Allow %v, want %v", path, response.Code, allowed(response), want)
		}
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPatch} {
			if slices.Contains(methods, method) {
				continue
			}
			refused := send(method, path)
			if path == "/installations/sync" && method == http.MethodGet {
				continue // the page of an unknown installation
			}
			if refused.Code != http.StatusMethodNotAllowed || !slices.Equal(allowed(refused), slices.Compact(want)) {
				t.Errorf("%s %s: %d, Allow %v, want %v", method, path, refused.Code, allowed(refused), want)
			}
		}
	}
	if unknown := send(http.MethodOptions, "/api/nothing"); unknown.Code != http.StatusNotFound || !strings.Contains(unknown.Body.String(), `"statusCode":404`) {
		t.Errorf("OPTIONS of an unknown path: %d %s", unknown.Code, unknown.Body)
	}
}
