package views

import (
	"net/http"
	"strconv"
)

type words struct {
	heading, sentence string
	link              Link
}

var home = Link{Text: "Go to your installations", URL: "/installations"}

// statusWords are what a status says where the handler knows nothing better.
var statusWords = map[int]words{
	http.StatusBadRequest:            {"That request doesn't make sense", "Something in the address or the form isn't what this page expects. Go back and try again.", home},
	http.StatusUnauthorized:          {"Please log in", "Your session has ended, or you haven't logged in yet.", Link{Text: "Log in", URL: "/login"}},
	http.StatusForbidden:             {"That isn't allowed", "You may look, but this is for somebody with more rights, or the form came from another site.", home},
	http.StatusNotFound:              {"Nothing here", "There is no such page, or it isn't yours to see. It may also have moved on GitHub.", home},
	http.StatusMethodNotAllowed:      {"That doesn't work here", "This address exists, but not for what was asked of it.", home},
	http.StatusConflict:              {"That can't be done now", "Things aren't as they were when this page was drawn. Look again, then try again.", home},
	http.StatusGone:                  {"No longer on offer", "This was there once, and isn't any more.", home},
	http.StatusRequestEntityTooLarge: {"That is too much at once", "What you sent is larger than Neptun takes. Choose fewer repositories and try again.", home},
	http.StatusUnprocessableEntity:   {"Something isn't right", "Neptun understood the form, but a value in it can't be right. Go back and check it.", home},
	http.StatusTooManyRequests:       {"A little slower, please", "Too many requests came at once. Wait a moment, then try again.", home},
	http.StatusInternalServerError:   {"Something broke on our side", "It isn't your fault, and nothing was lost. Try again; if it stays, tell whoever runs this Neptun the request's number.", home},
	http.StatusBadGateway:            {"That didn't work with GitHub", "Neptun asked GitHub and couldn't use what came back. Try again in a minute.", home},
	http.StatusServiceUnavailable:    {"Back in a moment", "Neptun can't answer right now. Try again in a minute.", home},
	http.StatusGatewayTimeout:        {"GitHub didn't answer in time", "Neptun waited for GitHub and gave up. Your lists are still here; try again in a minute.", home},
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

func (p ErrorPage) sentence() string {
	if p.Sentence != "" {
		return p.Sentence
	}
	return p.words().sentence
}

func (p ErrorPage) links() []Link {
	if len(p.Links) > 0 {
		return p.Links
	}
	return []Link{p.words().link}
}

// fragmentLinks are fewer: the page that was left standing is way enough on.
func (p ErrorPage) fragmentLinks() []Link {
	if p.Status == http.StatusUnauthorized {
		return p.links()
	}
	return p.Links
}

func (p ErrorPage) code() string {
	return strconv.Itoa(p.Status) + " " + http.StatusText(p.Status)
}
