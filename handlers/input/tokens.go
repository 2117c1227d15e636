package input

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

const (
	// MaxTokenName bounds the name of an API token, in characters.
	MaxTokenName = 80
	// TokenDays is how long a token lives where nothing is said of it, and
	// maxTokenDays how long one lives at most, in days.
	TokenDays    = 30
	maxTokenDays = 365
	// A rotated token goes on for a while, in hours.
	overlapHours    = 24
	maxOverlapHours = 7 * 24
)

var scopes = []string{string(db.ScopeRead), string(db.ScopeWrite), string(db.ScopeAccessTokens)}

// Token is the body of POST …/tokens.
type Token openapi.TokenBody

// Check converts the request into a token, or returns what isn't valid. By default
// it is a read-only token for a month.
func (b Token) Check(now time.Time) (db.NewAPIToken, error) {
	var p web.Params
	token := db.NewAPIToken{Name: strings.TrimSpace(b.Name), Scope: db.ScopeRead}
	switch length := utf8.RuneCountInString(token.Name); {
	case length == 0:
		p.Add("name", "is required")
	case length > MaxTokenName:
		p.Add("name", "must have "+strconv.Itoa(MaxTokenName)+" characters at most")
	case !utf8.ValidString(token.Name) || strings.ContainsFunc(token.Name, unicode.IsControl):
		p.Add("name", "must be a single line of UTF-8 text")
	}
	switch {
	case slices.Contains(scopes, b.Scope):
		token.Scope = db.Scope(b.Scope)
	case b.Scope != "":
		p.Add("scope", "must be one of "+strings.Join(scopes, ", "))
	}
	token.ExpiresAt = b.expiry(&p, now)
	if b.InstallationIDs != nil {
		token.Installations = slices.Compact(slices.Sorted(slices.Values(*b.InstallationIDs)))
		if len(token.Installations) == 0 {
			p.Add("installation_ids", "must contain at least one ID. Leave it out for all installations")
		}
	}
	return token, p.Err()
}

func (b Token) expiry(p *web.Params, now time.Time) time.Time {
	switch {
	case b.ExpiresOn == "" && b.ExpiresInDays == nil:
		return now.AddDate(0, 0, TokenDays)
	case b.ExpiresOn == "":
		if days := *b.ExpiresInDays; days >= 1 && days <= maxTokenDays {
			return now.AddDate(0, 0, days)
		}
		p.Add("expires_in_days", "must be a whole number from 1 to "+strconv.Itoa(maxTokenDays))
	case b.ExpiresInDays != nil:
		p.Add("expires_on", "can't be combined with expires_in_days")
	default:
		lastDay, err := time.Parse(time.DateOnly, b.ExpiresOn)
		if end := lastDay.AddDate(0, 0, 1); err == nil && end.After(now) && !end.After(now.Add(db.MaxAPITokenAge)) {
			return end
		}
		p.Add("expires_on", "must be a date such as "+now.UTC().AddDate(0, 0, TokenDays).Format(time.DateOnly)+", at most one year from today")
	}
	return time.Time{}
}

// ReadToken reads what token is asked for: from a body, or from the form of the
// page, which it also returns as it was filled in.
func ReadToken(c echo.Context) (form views.TokenForm, token Token, err error) {
	values, err := web.Form(c)
	switch {
	case err != nil:
		return form, token, err
	case values == nil:
		err = web.DecodeBody(c, &token)
		return form, token, err
	}
	form, token = ParseTokenForm(values)
	return form, token, nil
}

// ParseTokenForm is the form of the page as it was filled in, and what it asks for.
func ParseTokenForm(values url.Values) (views.TokenForm, Token) {
	form := views.TokenForm{
		Request: values.Get("request"), Name: values.Get("name"), Scope: values.Get("scope"),
		Expiry: values.Get("expires"), On: values.Get("expires_on"), Access: values.Get("access"), Selected: map[int64]bool{},
	}
	body := Token{Name: form.Name, Scope: form.Scope}
	if form.Expiry == views.ExpiryDate {
		body.ExpiresOn = form.On
		if form.On == "" {
			body.ExpiresOn = "none"
		}
	} else {
		days, _ := strconv.Atoi(form.Expiry) // what is no number is no number of days either
		body.ExpiresInDays = &days
	}
	if form.Access == views.AccessSelected {
		ids := chosenInstallations(values)
		for _, id := range ids {
			form.Selected[id] = true
		}
		body.InstallationIDs = &ids
	}
	return form, body
}

func chosenInstallations(values url.Values) []int64 {
	var ids []int64
	for _, value := range values["installation_ids"] {
		id, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			id = 0 // which no installation has
		}
		ids = append(ids, id)
	}
	return ids
}

// TokenErrors are what is wrong with a form, as its page words it.
func TokenErrors(fields []web.FieldError) views.TokenErrors {
	var problems views.TokenErrors
	for _, field := range fields {
		switch field.Field {
		case "name":
			problems.Name = "The name " + field.Message + "."
		case "scope":
			problems.Scope = "Select the permissions."
		case "expires_in_days":
			problems.Expiry = "Select an expiration."
		case "expires_on":
			problems.Expiry = "The date " + field.Message + "."
		case "installation_ids":
			problems.Access = "Select at least one installation, or all installations."
		}
	}
	return problems
}

// ReadOverlap reads how long a rotated token stays valid: from the form of a page,
// or from the body, where there is one.
func ReadOverlap(c echo.Context) (time.Duration, error) {
	form, err := web.Form(c)
	if err != nil {
		return 0, err
	}
	body := openapi.RotationBody{OverlapHours: overlapHours}
	if has, err := web.HasBody(c); err != nil {
		return 0, err
	} else if form == nil && has {
		if err := web.DecodeBody(c, &body); err != nil {
			return 0, err
		}
	}
	if hours := form.Get("overlap_hours"); hours != "" {
		if body.OverlapHours, err = strconv.Atoi(hours); err != nil {
			body.OverlapHours = -1
		}
	}
	var p web.Params
	if body.OverlapHours < 0 || body.OverlapHours > maxOverlapHours {
		p.Add("overlap_hours", "must be a whole number from 0 to "+strconv.Itoa(maxOverlapHours))
	}
	return time.Duration(body.OverlapHours) * time.Hour, p.Err()
}
