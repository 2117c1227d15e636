package handlers

import "github.com/labstack/echo/v4"

// Routes returns all routes of a Server.
func (s *Server) Routes() []*echo.Route { return s.echo.Routes() }
