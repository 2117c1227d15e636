package sandbox

import "slices"

// webhooks queues the webhooks for a world's Apps.
type webhooks struct {
	world *World
	site  *site // renders and sends them; nil before a server exists
}

func (a *app) hookID() int64 { return 500_000_000 + a.ID }

// SetHookURL sets the payload URL of the App's webhook; with "" none are sent, and events until the next URL are lost.
func (aps *Apps) SetHookURL(url string) { aps.edit(func(a *app) { a.hook.url = url }) }

// SetWebhookSecret changes the secret that webhooks are signed with; with "" they aren't signed.
func (aps *Apps) SetWebhookSecret(secret string) { aps.edit(func(a *app) { a.WebhookSecret = secret }) }

// Ping sends the App the webhook that GitHub sends when a webhook is set up.
func (aps *Apps) Ping() {
	aps.world.mu.Lock()
	defer aps.world.mu.Unlock()
	aps.world.webhooks.ping(aps.must())
}

func (hs *webhooks) ping(a *app) {
	hs.queue(a, Delivery{Event: "ping"}, func(bs *bodies) object {
		config := bs.hookConfig(a)
		return object{
			"zen":     "Keep it logically awesome.",
			"hook_id": a.hookID(),
			"hook": object{
				"type": "App", "id": a.hookID(), "name": "web", "active": true, "events": a.events, "config": config, "app_id": a.ID,
				"created_at": timestamp(a.createdAt), "updated_at": timestamp(a.updatedAt),
				"deliveries_url": bs.apiURL("/app/hook/deliveries"),
			},
		}
	})
}

// queue queues a webhook for the App. The payload is encoded immediately, with the state at the time of the
// event. The world must be locked.
func (hs *webhooks) queue(a *app, d Delivery, draw func(*bodies) object) {
	if hs.site == nil || a.hook.url == "" {
		return
	}
	payload := hs.site.behavior.Load().rewrite(RowWebhook, d.InstallationID, draw(hs.site.bodies))
	d.app, d.GUID, d.Payload = a, newGUID(), encode(payload)
	hs.site.deliveries.put(hs.site, &d)
}

// deliver sends a webhook to an installation: always if it is about the installation itself, otherwise if the App is subscribed
// to the event and the installation isn't suspended. rest is the payload without the common properties.
func (hs *webhooks) deliver(i *installation, event, action string, by *account, r *repository, rest func(*bodies) object) {
	own := event == "installation"
	if !own && (i.suspended() || !i.receives(event)) {
		return
	}
	d := Delivery{Event: event, Action: action, InstallationID: i.id}
	if r != nil {
		d.RepositoryID = r.ID
	}
	hs.queue(i.app, d, func(bs *bodies) object {
		body := object{"sender": bs.simpleUser(by)}
		if action != "" {
			body["action"] = action
		}
		if own || event == "installation_repositories" {
			body["installation"] = bs.installation(i)
		} else {
			body["installation"] = object{"id": i.id, "node_id": nodeID("MDIz", i.id)}
			if i.account.organization {
				body["organization"] = bs.organizationSimple(i.account)
			}
		}
		if r != nil {
			body["repository"] = bs.repository(r)
		}
		if rest != nil {
			for key, value := range rest(bs) {
				body[key] = value
			}
		}
		return body
	})
}

// receives reports whether an event is sent to the installation: always if it is about the installation, otherwise if
// the App is subscribed and has the permission that the event needs
// (https://docs.github.com/apps/creating-github-apps/registering-a-github-app/using-webhooks-with-github-apps).
func (i *installation) receives(event string) bool {
	if event == "installation_repositories" || event == "installation_target" {
		return true
	}
	needed := eventPermissions[event]
	return slices.Contains(i.events, event) && (needed == "" || i.permissions[needed] != "")
}

// deliverForRepository sends a webhook to every installation with access to the repository.
func (hs *webhooks) deliverForRepository(r *repository, event, action string, by *account, rest func(*bodies) object) {
	for _, i := range r.owner.installations {
		if i.reaches(r) {
			hs.deliver(i, event, action, by, r, rest)
		}
	}
}

// deliverForAccount sends a webhook to every installation on the account.
func (hs *webhooks) deliverForAccount(on *account, event, action string, by *account, rest func(*bodies) object) {
	for _, i := range on.installations {
		hs.deliver(i, event, action, by, nil, rest)
	}
}

// deliverRevoked sends the webhook for a user who revoked the App's authorization. It names no installation.
func (hs *webhooks) deliverRevoked(a *app, u *account) {
	hs.queue(a, Delivery{Event: "github_app_authorization", Action: "revoked"}, func(bs *bodies) object {
		return object{"action": "revoked", "sender": bs.simpleUser(u)}
	})
}

// repositorySummaries are repositories in the format of webhooks about an installation.
func repositorySummaries(repositories []*repository) []object {
	all := []object{}
	for _, r := range repositories {
		all = append(all, object{"id": r.ID, "node_id": nodeID("R", r.ID), "name": r.Name, "full_name": r.fullName(), "private": r.Private})
	}
	return all
}

func withRepositories(repositories []*repository) func(*bodies) object {
	return func(*bodies) object {
		return object{"repositories": repositorySummaries(repositories), "requester": nil}
	}
}

// changes is the part of the payload with the previous values.
func changes(before object) func(*bodies) object {
	return func(*bodies) object { return object{"changes": before} }
}
