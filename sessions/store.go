package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"neptun/db"
)

// store stores scs's sessions in the database, by the hash of their token and with the
// user they belong to, so that they can be listed and revoked.
type store struct{ db *db.DB }

// errNobody is the error for storing a session without a user: anonymous visitors don't
// write to the database.
var errNobody = errors.New("sessions: a session without a user is not stored")

// dataKey is the context key of the session data that Load received.
type dataKey struct{}

// FindCtx implements scs.CtxStore. The session's data was read together with the
// credential, so this reads nothing.
func (s store) FindCtx(ctx context.Context, _ string) (data []byte, exists bool, err error) {
	data, _ = ctx.Value(dataKey{}).([]byte)
	return data, data != nil, nil
}

// CommitCtx implements scs.CtxStore.
func (s store) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	var stored envelope
	if err := json.Unmarshal(data, &stored); err != nil {
		return fmt.Errorf("sessions: decode: %w", err)
	}
	userID, _ := stored.Values[keyUserID].(string)
	if userID == "" {
		return errNobody
	}
	tag, _ := stored.Values[keyBrowser].(string)
	return s.db.PutSession(ctx, Hash(bound(token, tag)), userID, data, expiry)
}

// DeleteCtx implements scs.CtxStore.
func (s store) DeleteCtx(ctx context.Context, token string) error {
	return s.db.RevokeSession(ctx, Hash(token))
}

// Find implements scs.Store; scs calls FindCtx.
func (s store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements scs.Store; scs calls CommitCtx.
func (s store) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete implements scs.Store; scs calls DeleteCtx.
func (s store) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

// codec stores a session as JSON: scs's gob codec is slower than reading the row.
type codec struct{}

type envelope struct {
	Deadline time.Time      `json:"deadline"`
	Values   map[string]any `json:"values"`
}

// Encode implements scs.Codec.
func (codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(envelope{deadline, values})
}

// Decode implements scs.Codec.
func (codec) Decode(data []byte) (time.Time, map[string]any, error) {
	var stored envelope
	err := json.Unmarshal(data, &stored)
	return stored.Deadline, stored.Values, err
}
