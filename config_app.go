package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"neptun/github"
)

// readApp reads the App from the environment: either all of its variables are set, or none.
func (s *settings) readApp(errs *configErrors) {
	variable, text := "GITHUB_PRIVATE_KEY", s.PrivateKey
	switch {
	case text != "" && s.PrivateKeyFile != "":
		errs.add("GITHUB_PRIVATE_KEY_FILE", "is set beside GITHUB_PRIVATE_KEY: unset one of them")
	case s.PrivateKeyFile != "":
		variable = "GITHUB_PRIVATE_KEY_FILE"
		content, err := os.ReadFile(s.PrivateKeyFile)
		if err != nil {
			errs.add(variable, "names a file that can't be read: %v", withoutName(err))
		}
		text = string(content)
	}
	s.checkWebhookSecrets(errs)
	named := s.ClientID != "" || s.ClientSecret != "" || s.PrivateKey != "" || s.PrivateKeyFile != ""
	if !named {
		return
	}
	const why = "is missing: the environment describes a GitHub App only in part. Set it, or unset all of GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET and GITHUB_PRIVATE_KEY to use the setup page's App"
	for _, required := range []struct{ variable, value string }{{"GITHUB_CLIENT_ID", s.ClientID}, {"GITHUB_CLIENT_SECRET", s.ClientSecret}} {
		switch {
		case required.value == "":
			errs.add(required.variable, why)
		case strings.ContainsAny(required.value, " \t\r\n\"'"):
			errs.add(required.variable, "contains blanks, quotes or line breaks, which GitHub's never do")
		}
	}
	s.app = github.App{ClientID: s.ClientID, ClientSecret: s.ClientSecret}
	if s.PrivateKey == "" && s.PrivateKeyFile == "" {
		s.warnings = append(s.warnings, "GITHUB_PRIVATE_KEY isn't set: without the App's private key, Neptun can't ask GitHub as the App. "+
			"It notices uninstalled and suspended installations late, and operators' pages and missed webhooks don't work")
		return
	}
	key, err := github.ParsePrivateKey(text)
	if err != nil {
		errs.add(variable, "can't be used: %v", err)
	}
	s.app.PrivateKey = key
}

func (s *settings) checkWebhookSecrets(errs *configErrors) {
	for _, secret := range s.WebhookSecrets {
		if secret == "" {
			errs.add("GITHUB_WEBHOOK_SECRET", "has an empty secret: anybody could sign with that")
			return
		}
		if wrong := checkSecret(secret); wrong != "" {
			errs.add("GITHUB_WEBHOOK_SECRET", "%s", wrong)
			return
		}
	}
}

// withoutName returns why a file can't be read. The name may be a secret, put into the wrong
// variable.
func withoutName(err error) error {
	var named *fs.PathError
	if errors.As(err, &named) {
		return named.Err
	}
	return err
}
