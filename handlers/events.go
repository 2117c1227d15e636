package handlers

import (
	"context"

	"neptun/handlers/auth"
	"neptun/handlers/live"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// Events tells a page of a browser which of the topics that it names have
// changed.
func (s *Server) Events(c echo.Context) error {
	topics, err := live.Topics(c)
	if err != nil {
		return err
	}
	key := s.Sessions.PageKey(c.Request())
	web.LeaveShare(c) // a stream waits more than it works
	return s.streams.Serve(c, auth.User(c).ID, key, topics, func(ctx context.Context) (bool, error) {
		_, err := s.auth.Find(ctx, key)
		if auth.IsSignedOut(err) {
			return false, nil
		}
		return err == nil, err
	})
}

// EndStreams ends the streams that pages have open, which would otherwise keep
// the program from stopping, and waits until nothing is watched for them.
func (s *Server) EndStreams() { s.streams.End() }
