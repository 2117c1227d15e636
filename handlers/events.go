package handlers

import (
	"context"

	"neptun/handlers/auth"
	"neptun/handlers/live"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// Events streams to an open page which of its topics have changed.
func (s *Server) Events(c echo.Context) error {
	topics, err := live.Topics(c)
	if err != nil {
		return err
	}
	key := s.Sessions.PageKey(c.Request())
	web.LeaveShare(c) // a stream mostly waits
	return s.streams.Serve(c, auth.User(c).ID, key, topics, func(ctx context.Context) (bool, error) {
		_, err := s.auth.Find(ctx, key)
		if auth.IsSignedOut(err) {
			return false, nil
		}
		return err == nil, err
	})
}

// EndStreams ends the streams of open pages, which would otherwise keep the program from
// stopping, and waits until nothing is watched for them.
func (s *Server) EndStreams() { s.streams.End() }
