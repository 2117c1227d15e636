package sandbox

// deliverTeam sends the webhook for a change to a team itself.
func (hs *webhooks) deliverTeam(t *team, action string, rest func(*bodies) object) {
	hs.deliverForAccount(t.organization, "team", action, hs.world.Accounts.ownerOf(t.organization), func(bs *bodies) object {
		body := object{"team": bs.team(t)}
		if rest != nil {
			for key, value := range rest(bs) {
				body[key] = value
			}
		}
		return body
	})
}

// deliverTeamMember sends the webhook for a user who joined or left a team. For teams that a user leaves together with the
// organization there are no separate events: "An organization member was removed from a team" is all that GitHub documents
// (https://docs.github.com/webhooks/webhook-events-and-payloads#membership).
func (hs *webhooks) deliverTeamMember(t *team, u *account, action string) {
	hs.deliverForAccount(t.organization, "membership", action, hs.world.Accounts.ownerOf(t.organization), func(bs *bodies) object {
		return object{"scope": "team", "member": bs.simpleUser(u), "team": bs.team(t)}
	})
}

// deliverTeamRepository sends the webhook for a team's permission on a repository to installations with access to it.
func (hs *webhooks) deliverTeamRepository(t *team, r *repository, before, now Permission) {
	by := hs.world.Accounts.ownerOf(t.organization)
	named := func(bs *bodies) object {
		return object{"team": bs.teamOn(t, now), "repository": bs.repositoryFor(r, now)}
	}
	switch {
	case before == None:
		hs.deliverForRepository(r, "team", "added_to_repository", by, named)
		hs.deliverForRepository(r, "team_add", "", by, func(bs *bodies) object { return object{"team": bs.teamOn(t, now)} })
	case now == None:
		hs.deliverForRepository(r, "team", "removed_from_repository", by, func(bs *bodies) object {
			return object{"team": bs.teamOn(t, before), "repository": bs.repositoryFor(r, None)}
		})
	default:
		hs.deliverForRepository(r, "team", "edited", by, func(bs *bodies) object {
			body := named(bs)
			from := object{"admin": before.includes(Admin), "push": before.includes(Push), "pull": before.includes(Pull)}
			body["changes"] = object{"repository": object{"permissions": object{"from": from}}}
			return body
		})
	}
}

// team is a team in the format of webhooks ("webhooks_team_1"). Its own permission is the default for repositories without
// one; GitHub keeps it for old clients.
func (bs *bodies) team(t *team) object { return bs.teamOn(t, Pull) }

// teamOn is the team with its permission on the event's repository.
func (bs *bodies) teamOn(t *team, p Permission) object {
	api := bs.apiURL("/organizations/", t.organization.id, "/team/", t.ID)
	return object{
		"id":                   t.ID,
		"node_id":              nodeID("T", t.ID),
		"slug":                 t.Slug,
		"name":                 t.Name,
		"description":          orNull(t.Description),
		"privacy":              t.privacy(),
		"notification_setting": "notifications_enabled",
		"permission":           p,
		"url":                  api,
		"html_url":             bs.url + "/orgs/" + t.organization.Login + "/teams/" + t.Slug,
		"members_url":          api + "/members{/member}",
		"repositories_url":     api + "/repos",
		"type":                 "organization",
		"organization_id":      t.organization.id,
		"parent":               nil,
	}
}

// repositoryFor is a repository with a team's permission, in the format of webhooks about teams.
func (bs *bodies) repositoryFor(r *repository, p Permission) object {
	body := bs.repository(r)
	body["permissions"] = permissions(p)
	body["role_name"] = p.roleName()
	return body
}
