package github

import "fmt"

// AppClient asks GitHub in the App's own name. Every call fails with
// ErrAppCredentials where the App has no private key, or GitHub refuses it.
type AppClient struct{ g *GitHub }

// AsApp asks in the App's own name while somebody waits for the answer.
func (g *GitHub) AsApp() *AppClient { return &AppClient{g} }

// client is made for each request: a long list outlives a token.
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
	client.brake = &brake{db: a.g.db}
	return client, nil
}
