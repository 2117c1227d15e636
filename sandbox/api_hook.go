package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// hookAPI serves the operations on an App's webhook and its deliveries.
type hookAPI struct{ *site }

// hookConfig is the configuration of the App's webhook ("webhook-config"). It never contains the secret.
func (bs *bodies) hookConfig(a *app) object {
	config := object{"content_type": a.hook.contentType, "insecure_ssl": a.hook.insecureSSL}
	if a.hook.url != "" {
		config["url"] = a.hook.url
	}
	if a.WebhookSecret != "" {
		config["secret"] = "********"
	}
	return config
}

func (s *hookAPI) getHookConfig(c *call) (any, error) { return s.bodies.hookConfig(c.caller.app), nil }

// updateHookConfig changes the fields in the body and leaves the others unchanged.
func (s *hookAPI) updateHookConfig(c *call) (any, error) {
	sent, err := c.fields()
	if err != nil {
		return nil, err
	}
	a := c.caller.app
	hook, secret := a.hook, a.WebhookSecret
	for name, into := range map[string]*string{"url": &hook.url, "content_type": &hook.contentType, "secret": &secret} {
		if sent[name] == nil {
			continue
		}
		if *into, err = sent.text(name); err != nil {
			return nil, err
		}
	}
	if number, ok := wholeNumber(sent["insecure_ssl"]); ok {
		hook.insecureSSL = strconv.FormatInt(number, 10)
	} else if sent["insecure_ssl"] != nil {
		if hook.insecureSSL, err = sent.text("insecure_ssl"); err != nil {
			return nil, err
		}
	}
	if !isWebAddress(hook.url) && hook.url != "" || hook.contentType != "json" && hook.contentType != "form" ||
		hook.insecureSSL != "0" && hook.insecureSSL != "1" {
		return nil, &apiError{
			status: http.StatusUnprocessableEntity, message: "Validation Failed",
			errors: []any{object{"resource": "Hook", "field": "config", "code": "invalid"}},
		}
	}
	a.hook, a.WebhookSecret, a.updatedAt = hook, secret, c.now
	return s.bodies.hookConfig(a), nil
}

func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

const cursorPrefix = "v1_"

// listDeliveries pages by cursor: a cursor identifies the first delivery of a page, so that pages don't shift
// while new deliveries arrive.
func (s *hookAPI) listDeliveries(c *call) (any, error) {
	query := c.URL.Query()
	all := s.deliveries.attemptsFor(c.caller.app, c.now)
	switch query.Get("status") {
	case "":
	case "success":
		all = slices.DeleteFunc(all, func(d *Delivery) bool { return d.StatusCode < 200 || d.StatusCode > 399 })
	case "failure":
		all = slices.DeleteFunc(all, func(d *Delivery) bool { return d.StatusCode < 400 || d.StatusCode > 599 })
	default:
		return nil, unprocessable("Invalid request.\n\n%q is not a member of [success, failure].", query.Get("status"))
	}
	from := 0
	if cursor := query.Get("cursor"); cursor != "" {
		number, ok := strings.CutPrefix(cursor, cursorPrefix)
		id, err := strconv.ParseInt(number, 10, 64)
		if !ok || err != nil {
			return nil, &apiError{status: http.StatusBadRequest, message: "Invalid cursor"}
		}
		if from = slices.IndexFunc(all, func(d *Delivery) bool { return d.ID <= id }); from < 0 {
			from = len(all)
		}
	}
	size := min(positive(query.Get("per_page"), 30), 100)
	to := min(from+size, len(all))
	var links []string
	link := func(at int, rel string) {
		query.Set("cursor", cursorPrefix+strconv.FormatInt(all[at].ID, 10))
		links = append(links, "<"+s.url+c.URL.Path+"?"+query.Encode()+`>; rel="`+rel+`"`)
	}
	if from > 0 && len(all) > 0 {
		link(max(0, from-size), "prev")
	}
	if to < len(all) {
		link(to, "next")
	}
	if len(links) > 0 && !s.behavior.Load().NoLinkHeader {
		c.header.Set("Link", strings.Join(links, ", "))
	}
	items := []any{}
	for _, d := range all[from:to] {
		items = append(items, s.behavior.Load().rewrite(RowDelivery, d.ID, d.item()))
	}
	return items, nil
}

// deliveryNamed is the App's delivery whose id is in the path, or nil.
func (s *hookAPI) deliveryNamed(c *call) (*Delivery, error) {
	id, err := strconv.ParseInt(c.PathValue("id"), 10, 64)
	if err != nil {
		return nil, &apiError{status: http.StatusBadRequest, message: "Invalid delivery id"}
	}
	for _, d := range s.deliveries.attemptsFor(c.caller.app, c.now) {
		if d.ID == id {
			return d, nil
		}
	}
	return nil, errNotFound
}

func (s *hookAPI) getDelivery(c *call) (any, error) {
	d, err := s.deliveryNamed(c)
	if err != nil {
		return nil, err
	}
	body := d.item()
	body["url"] = d.URL
	body["request"] = object{"headers": flat(d.RequestHeader), "payload": raw(d.Payload)}
	body["response"] = object{"headers": flat(d.ResponseHeader), "payload": orNull(d.ResponseBody)}
	return s.behavior.Load().rewrite(RowDelivery, d.ID, body), nil
}

// redeliver sends the same webhook again, as another delivery with the same GUID.
func (s *hookAPI) redeliver(c *call) (any, error) {
	d, err := s.deliveryNamed(c)
	if err != nil {
		return nil, err
	}
	s.deliveries.put(s.site, &Delivery{
		GUID: d.GUID, Event: d.Event, Action: d.Action, InstallationID: d.InstallationID, RepositoryID: d.RepositoryID,
		Redelivery: true, Payload: d.Payload, app: d.app,
	})
	return response{http.StatusAccepted, object{}}, nil
}

// item is a delivery in the list ("hook-delivery-item").
func (d *Delivery) item() object {
	return object{
		"id":              d.ID,
		"guid":            d.GUID,
		"delivered_at":    timestamp(d.At),
		"redelivery":      d.Redelivery,
		"duration":        float64(d.Duration.Milliseconds()) / 1000,
		"status":          d.Status,
		"status_code":     d.StatusCode,
		"event":           d.Event,
		"action":          orNull(d.Action),
		"installation_id": idOrNull(d.InstallationID),
		"repository_id":   idOrNull(d.RepositoryID),
		"throttled_at":    nil,
	}
}

func idOrNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func flat(header http.Header) object {
	all := object{}
	for name, values := range header {
		all[name] = strings.Join(values, ", ")
	}
	return all
}
