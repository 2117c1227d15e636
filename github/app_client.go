package github

import "fmt"

// AppClient sends requests to GitHub as the app. Every call fails with
// ErrAppCredentials if the app has no private key, or if GitHub refuses it.
type AppClient struct{ g *GitHub }

// AsApp returns a client for requests as the app.
func (g *GitHub) AsApp() *AppClient { return &AppClient{g} }

// client creates a client for each request, because reading a long list takes longer
// than a token is valid.
func (a *AppClient) client() (*client, error) {
	credentials := a.g.app()
	if credentials.PrivateKey == nil {
		return nil, fmt.Errorf("%w: there is no private key", ErrAppCredentials)
	}
	token, err := credentials.tokens.Token()
	if err != nil {
		return nil, err
	}
	client := a.g.newClient(a.g.interactive, token.AccessToken, ErrAppCredentials)
	client.appLimit = &appLimit{db: a.g.db}
	return client, nil
}
