package sandbox

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

// Approve does over HTTP what a person does with a browser who follows a link to authorizeURL, the sandbox's
// /login/oauth/authorize with a client's parameters: sign in as login, and authorize the App if asked. It returns the
// address that GitHub sends them to, with code and state or with an error, and does not open it.
//
// The client's cookie jar keeps the person signed in; without one they are signed in for this call only. An error means
// that the flow did not get as far as a redirect to the client.
func Approve(client *http.Client, authorizeURL, login string) (callbackURL string, err error) {
	return answerConsent(client, authorizeURL, login, "1")
}

// Cancel is Approve for a person who says no. One who has authorized the App before is not asked again, and comes back
// with a code.
func Cancel(client *http.Client, authorizeURL, login string) (callbackURL string, err error) {
	return answerConsent(client, authorizeURL, login, "0")
}

func answerConsent(client *http.Client, authorizeURL, login, answer string) (string, error) {
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
			err = b.submit(b.at.Path, "authorize", answer)
		default:
			return "", fmt.Errorf("sandbox: stuck at %s with status %d", b.at, b.status)
		}
		if err != nil {
			return "", err
		}
	}
	return "", errors.New("sandbox: too many redirects")
}

// browser is where a person is, one step at a time.
type browser struct {
	client http.Client
	at     *url.URL
	next   *url.URL // where the page redirects, or nil
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

// submit posts the page's form, with its hidden fields and the button that was pressed.
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
