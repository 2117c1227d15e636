package handlers

import (
	"time"

	"github.com/labstack/echo/v4"
)

// Routes are all addresses that a Server answers.
func (s *Server) Routes() []*echo.Route { return s.echo.Routes() }

// HurryStreams has streams speak and check their credential this often.
func (s *Server) HurryStreams(beat, often time.Duration) {
	s.streams.beat, s.streams.often = beat, often
}

// What bounds the streams of one session and of one person.
const (
	StreamsOfSession = streamsOfSession
	StreamsOfPerson  = streamsOfPerson
)
