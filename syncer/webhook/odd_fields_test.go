package webhook_test

import (
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// R5, R6: a malformed field in a payload loses only that field's data.
func TestR5AMalformedFieldIsIgnoredAlone(t *testing.T) {
	t.Parallel()
	in := func(object, key string, value any) func(map[string]any) {
		return func(body map[string]any) { body[object].(map[string]any)[key] = value }
	}
	for name, change := range map[string]func(map[string]any){
		"sender a word":         func(body map[string]any) { body["sender"] = "mats" },
		"sender null":           func(body map[string]any) { body["sender"] = nil },
		"organization a number": func(body map[string]any) { body["organization"] = 7 },
		"member a list":         func(body map[string]any) { body["member"] = []any{} },
		"repositories a word":   func(body map[string]any) { body["repositories_removed"] = "all" },
		"name a number":         in("repository", "name", 7),
		"owner without type": func(body map[string]any) {
			delete(body["repository"].(map[string]any)["owner"].(map[string]any), "type")
		},
		"owner of unknown type": func(body map[string]any) {
			body["repository"].(map[string]any)["owner"].(map[string]any)["type"] = "Bot"
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := handlerstest.Harbor()
			s, _ := handlerstest.Listening(t, w, dbtest.SQLite(t))
			crane := s.RepositoryNamed("harbor", "crane")
			mats := s.LogIn("mats")
			mats.SoonSees("harbor", "crane")
			s.GitHub.SetBehavior(sandbox.Behavior{Rewrite: func(row sandbox.Row, _ int64, body map[string]any) any {
				if row == sandbox.RowWebhook && body["repository"] != nil {
					change(body)
				}
				return body
			}})
			w.Repositories.Delete(crane.ID)
			s.Applied()
			mats.Sees("harbor")
		})
	}
}
