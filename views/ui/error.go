package ui

import (
	"net/http"
	"strconv"
)

type words struct {
	heading, sentence string
	link              Link
}

var home = Link{Text: "Go to installations", URL: "/installations"}

// statusWords are the default messages of statuses.
var statusWords = map[int]words{
	http.StatusBadRequest:            {"Bad request", "The URL or the form contains an invalid value. Go back and try again.", home},
	http.StatusUnauthorized:          {"Sign in to continue", "Your session has expired, or you aren't signed in yet.", Link{Text: "Sign in", URL: "/login"}},
	http.StatusForbidden:             {"Access denied", "You don't have permission to do this, or the request came from another site.", home},
	http.StatusNotFound:              {"Page not found", "This page doesn't exist, or you don't have access to it.", home},
	http.StatusMethodNotAllowed:      {"Method not allowed", "This page doesn't support that request.", home},
	http.StatusConflict:              {"Conflict", "Something changed since you loaded the page. Reload it and try again.", home},
	http.StatusGone:                  {"No longer available", "This feature or resource was removed.", home},
	http.StatusRequestEntityTooLarge: {"Request too large", "You sent too much data. Select fewer repositories and try again.", home},
	http.StatusUnprocessableEntity:   {"Invalid value", "One of the values isn't valid. Go back and check it.", home},
	http.StatusTooManyRequests:       {"Too many requests", "Wait a moment, then try again.", home},
	http.StatusInternalServerError:   {"Something went wrong", "Nothing was lost. Try again. If it keeps happening, contact the operator of this server with the request ID.", home},
	http.StatusBadGateway:            {"GitHub error", "GitHub returned an unexpected response. Try again in a minute.", home},
	http.StatusServiceUnavailable:    {"Temporarily unavailable", "Neptun can't respond right now. Try again in a minute.", home},
	http.StatusGatewayTimeout:        {"GitHub timed out", "GitHub didn't respond in time. Your lists are still available. Try again in a minute.", home},
}

func (p ErrorPage) words() words {
	if w, ok := statusWords[p.Status]; ok {
		return w
	}
	if p.Status >= 400 && p.Status < 500 {
		return statusWords[http.StatusBadRequest]
	}
	return statusWords[http.StatusInternalServerError]
}

func (p ErrorPage) heading() string {
	if p.Heading != "" {
		return p.Heading
	}
	return p.words().heading
}

func (p ErrorPage) message() string {
	if p.Text != "" {
		return p.Text
	}
	return p.words().sentence
}

func (p ErrorPage) links() []Link {
	if len(p.Links) > 0 {
		return p.Links
	}
	return []Link{p.words().link}
}

// fragmentLinks are fewer, since the page stays open.
func (p ErrorPage) fragmentLinks() []Link {
	if p.Status == http.StatusUnauthorized {
		return p.links()
	}
	return p.Links
}

func (p ErrorPage) code() string {
	return strconv.Itoa(p.Status) + " " + http.StatusText(p.Status)
}
