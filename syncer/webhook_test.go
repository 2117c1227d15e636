package syncer

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/sandbox"
)

// deliver stores a webhook about an installation and applies it.
func (s *stage) deliver(guid, event, action string, installation int64) db.Delivery {
	s.t.Helper()
	if err := s.syncer.db.AddDelivery(s.t.Context(), db.Delivery{GUID: guid, Event: event, Action: action, InstallationID: installation, Body: []byte("{}")}); err != nil {
		s.t.Fatal(err)
	}
	s.work()
	return s.delivery(guid)
}

func (s *stage) delivery(guid string) db.Delivery {
	s.t.Helper()
	d, err := s.syncer.db.FindDelivery(s.t.Context(), guid)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func TestAWebhookIsAppliedAfterAnOutage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		id := s.at("reef").GitHubID
		s.world.Installations.Suspend(id, "owner")
		s.server.Fault(func(*http.Request) *sandbox.Fault { return sandbox.BadGateway(502) })
		if d := s.deliver("one", "installation", "suspend", id); d.Outcome != db.DeliveryPending {
			t.Errorf("during the outage it is %s", d.Outcome)
		}
		s.server.Fault(nil)
		s.clock.Advance(time.Minute)
		s.work()
		if d := s.delivery("one"); d.Outcome != db.DeliveryApplied || !s.at("reef").Suspended() {
			t.Errorf("the delivery is %s, and the installation %+v", d.Outcome, s.at("reef"))
		}
	})
}

func TestARateLimitedWebhookWaitsUntilTheTimeThatGitHubNames(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	id := s.at("reef").GitHubID
	reset := s.clock.Now().Add(4 * time.Minute)
	s.server.Fault(func(*http.Request) *sandbox.Fault { return sandbox.PrimaryLimit(reset) })
	if d := s.deliver("one", "installation", "suspend", id); d.Outcome != db.DeliveryPending {
		t.Errorf("at the limit it is %s", d.Outcome)
	}
	s.server.Fault(nil)
	s.clock.Advance(3 * time.Minute)
	s.work()
	if d := s.delivery("one"); d.Outcome != db.DeliveryPending {
		t.Errorf("before its time it is %s", d.Outcome)
	}
	s.clock.Advance(2 * time.Minute)
	s.work()
	if d := s.delivery("one"); d.Outcome != db.DeliveryApplied {
		t.Errorf("at its time it is %s", d.Outcome)
	}
}

func TestAResponseOlderThanAChangeIsRequestedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := member(t, databaseURL)
		id := s.at("reef").GitHubID
		now, err := s.github.AsApp().Installation(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		requests := 0
		s.server.Fault(func(r *http.Request) *sandbox.Fault {
			if requests++; requests > 1 {
				return nil
			}
			// While the request is in flight, a newer change is stored.
			_, err := s.syncer.db.RecordInstallationChange(context.Background(), id)
			if err == nil {
				err = s.syncer.db.PutInstallation(context.Background(), now)
			}
			if err != nil {
				t.Error(err)
			}
			body := `{"id":` + r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] + `,"account":{"id":1,"login":"reef","type":"Organization"},"suspended_at":"2026-01-01T00:00:00Z"}`
			return &sandbox.Fault{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
		})
		if d := s.deliver("one", "installation", "suspend", id); d.Outcome != db.DeliveryApplied || s.at("reef").Suspended() || requests != 2 {
			t.Errorf("after %d requests it is %s, and the installation %+v", requests, d.Outcome, s.at("reef"))
		}
	})
}

func TestDeliveriesThatCannotBeAppliedAreIgnored(t *testing.T) {
	s := member(t, dbtest.SQLite(t))
	id := s.at("reef").GitHubID
	s.server.ResetRequests()
	for guid, c := range map[string]struct {
		event, action string
		id            int64
	}{
		"no-id":      {"installation", "created", 0},
		"misspelt":   {"installation", "suspended", id},
		"unknown":    {"sponsorship", "created", id},
		"nameless":   {"repository", "renamed", id},
		"nobody":     {"github_app_authorization", "revoked", 0},
		"no-action":  {"installation", "", id},
		"other-name": {"installation_target", "deleted", id},
	} {
		if d := s.deliver(guid, c.event, c.action, c.id); d.Outcome != db.DeliveryIgnored || len(d.Body) != 0 || !d.AppliedAt.IsZero() {
			t.Errorf("%s is %+v", guid, d)
		}
	}
	s.github.SetApp(github.App{ClientID: s.app().ClientID, ClientSecret: s.app().ClientSecret})
	if d := s.deliver("no-key", "installation", "suspend", id); d.Outcome != db.DeliveryIgnored {
		t.Errorf("without a key it is %s", d.Outcome)
	}
	if d := s.deliver("ping", "ping", "", 0); d.Outcome != db.DeliveryApplied {
		t.Errorf("a ping is %s", d.Outcome)
	}
	if requests := s.server.Requests(); len(requests) != 0 {
		t.Errorf("%d requests were sent to GitHub", len(requests))
	}
	s.github.SetApp(github.App{})
	if d := s.deliver("no-app", "installation", "suspend", id); d.Outcome != db.DeliveryIgnored {
		t.Errorf("without an App it is %s", d.Outcome)
	}
}
