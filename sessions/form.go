package sessions

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// keyForm is the session key of KeepForm.
const keyForm = "form"

// maxForm is the maximum size of a stored form, in bytes.
const maxForm = 16 << 10

// storedForm is a form that a user filled in.
type storedForm struct {
	Action string     `json:"action"`
	Values url.Values `json:"values"`
}

// KeepForm stores what a user entered in a form, identified by its action, until they
// return from GitHub. It must not contain secrets. A form that is too large is not stored.
// It is lost if another user signs in.
func (s *Sessions) KeepForm(ctx context.Context, action string, values url.Values) error {
	encoded, err := json.Marshal(storedForm{action, values})
	if err != nil {
		return fmt.Errorf("sessions: encode a form: %w", err)
	}
	if len(encoded) > maxForm {
		return nil
	}
	s.manager.Put(ctx, keyForm, string(encoded))
	return s.commit(ctx)
}

// TakeForm returns and deletes the form that KeepForm stored, if its action has this
// prefix; nil if there is none.
func (s *Sessions) TakeForm(ctx context.Context, prefix string) (action string, values url.Values, err error) {
	var form storedForm
	encoded := s.manager.GetString(ctx, keyForm)
	if encoded == "" {
		return "", nil, nil
	}
	if err := json.Unmarshal([]byte(encoded), &form); err != nil {
		return "", nil, fmt.Errorf("sessions: decode a form: %w", err)
	}
	if form.Action == "" || !strings.HasPrefix(form.Action, prefix) {
		return "", nil, nil
	}
	s.manager.Remove(ctx, keyForm)
	return form.Action, form.Values, s.commit(ctx)
}
