package sandboxtest

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// Authorize does over HTTP what a user does in a browser after following a link to authorizeURL, the sandbox's
// /login/oauth/authorize with a client's parameters: sign in as login and, if needed, authorize the App. It returns the
// URL that GitHub redirects to, with code and state or with an error, without requesting it.
//
// The client's cookie jar keeps the user signed in; without one they are signed in for this call only. An error means
// that the flow did not get as far as a redirect to the client.
func Authorize(client *http.Client, authorizeURL, login string) (callbackURL string, err error) {
	return submitConsent(client, authorizeURL, login, "1")
}

// Cancel is Authorize for a user who declines. One who has authorized the App before sees no authorize page, and returns with a
// code.
func Cancel(client *http.Client, authorizeURL, login string) (callbackURL string, err error) {
	return submitConsent(client, authorizeURL, login, "0")
}

func submitConsent(client *http.Client, authorizeURL, login, choice string) (string, error) {
	start, err := url.Parse(authorizeURL)
	if err != nil {
		return "", err
	}
	b := browser{client: *client}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if b.client.Jar == nil {
		b.client.Jar, _ = cookiejar.New(nil) // fails for bad options only
	}
	if err := b.get(start.ResolveReference(&url.URL{Path: "/login", RawQuery: url.Values{"return_to": {start.RequestURI()}}.Encode()})); err != nil {
		return "", err
	}
	if err := b.submit("/session", "login", login); err != nil {
		return "", err
	}
	for range 10 {
		switch {
		case b.next != nil && b.next.Host != start.Host:
			return b.next.String(), nil
		case b.next != nil:
			err = b.get(b.next)
		case b.at.Path == "/login/oauth/authorize" && b.status == http.StatusOK:
			err = b.submit(b.at.Path, "authorize", choice)
		default:
			return "", fmt.Errorf("sandboxtest: stuck at %s with status %d", b.at, b.status)
		}
		if err != nil {
			return "", err
		}
	}
	return "", errors.New("sandboxtest: too many redirects")
}

// browser is a browser without JavaScript, with its current page.
type browser struct {
	client http.Client
	at     *url.URL
	next   *url.URL // the URL that the page redirects to, or nil
	status int
	page   string
}

func (b *browser) get(address *url.URL) error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address.String(), nil)
	if err != nil {
		return err
	}
	return b.open(request)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// submit posts the page's form with its hidden fields and the pressed button.
func (b *browser) submit(action, button, value string) error {
	form := url.Values{button: {value}}
	for _, field := range hiddenField.FindAllStringSubmatch(b.page, -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, b.at.ResolveReference(&url.URL{Path: action}).String(), strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", b.at.Scheme+"://"+b.at.Host)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.open(request)
}

func (b *browser) open(request *http.Request) error {
	response, err := b.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	b.at, b.status, b.page, b.next = request.URL, response.StatusCode, string(body), nil
	if location, err := response.Location(); err == nil {
		b.next = location
	}
	return nil
}
