package sessions

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// keyForm is where KeepForm leaves a form in the session.
const keyForm = "form"

// maxForm bounds what is kept of a form, in bytes as it is stored.
const maxForm = 16 << 10

// keptForm is what somebody entered in a form.
type keptForm struct {
	Action string     `json:"action"`
	Values url.Values `json:"values"`
}

// KeepForm keeps what a user entered in a form, named by its action, for when they
// come back to it from GitHub. Secrets don't belong into it. A form that is too large
// is not kept. What another user signs in to is gone.
func (s *Sessions) KeepForm(ctx context.Context, action string, values url.Values) error {
	encoded, err := json.Marshal(keptForm{action, values})
	if err != nil {
		return fmt.Errorf("sessions: encode a form: %w", err)
	}
	if len(encoded) > maxForm {
		return nil
	}
	s.manager.Put(ctx, keyForm, string(encoded))
	return s.commit(ctx)
}

// TakeForm returns what KeepForm kept for a form whose action begins so, once; nil
// for nothing.
func (s *Sessions) TakeForm(ctx context.Context, prefix string) (action string, values url.Values, err error) {
	var kept keptForm
	encoded := s.manager.GetString(ctx, keyForm)
	if encoded == "" {
		return "", nil, nil
	}
	if err := json.Unmarshal([]byte(encoded), &kept); err != nil {
		return "", nil, fmt.Errorf("sessions: decode a form: %w", err)
	}
	if kept.Action == "" || !strings.HasPrefix(kept.Action, prefix) {
		return "", nil, nil
	}
	s.manager.Remove(ctx, keyForm)
	return kept.Action, kept.Values, s.commit(ctx)
}
