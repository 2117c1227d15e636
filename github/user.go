package github

import (
	"context"

	"neptun/db"
)

type user struct {
	ID        int64  `json:"id"`
	Login     string `json:"login"`
	Name      string `json:"name"`
	AvatarURL string `json:"avatar_url"`
}

// User requests the owner of a newly issued token.
func (g *GitHub) User(ctx context.Context, token db.Token) (db.Profile, error) {
	var answer user
	client := g.newClient(g.interactive, token.Access, ErrSignInAgain)
	if err := g.retryYoung(ctx, ErrSignInAgain, func() error {
		_, err := client.get(ctx, "user", &answer)
		return err
	}); err != nil {
		return db.Profile{}, err
	}
	if answer.ID <= 0 || answer.Login == "" {
		return db.Profile{}, malformed("a user")
	}
	return convertProfile(answer), nil
}

func convertProfile(u user) db.Profile {
	return db.Profile{
		GitHubID:  u.ID,
		Login:     Clean(u.Login),
		Name:      Clean(u.Name),
		AvatarURL: link(u.AvatarURL),
	}
}
