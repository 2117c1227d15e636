package sandbox_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func TestDeliveryPolicy(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	receiver := s.receive()
	outcomes := map[string]sandbox.DeliveryOutcome{
		"created": {Duplicated: true}, "suspend": {Delay: 2}, "unsuspend": {Lost: true}, "deleted": {TimedOut: true}, "revoked": {Skipped: true},
	}
	s.SetDeliveryPolicy(func(d sandbox.Delivery) sandbox.DeliveryOutcome {
		if d.Redelivery {
			return sandbox.DeliveryOutcome{}
		}
		return outcomes[d.Action]
	})
	s.token("ada")
	id := s.world.Installations.Install("ada", sandbox.SelectAll)
	s.world.Installations.Suspend(id, "ada")
	s.world.Installations.Unsuspend(id)
	s.world.Installations.Uninstall(id)
	s.Revoke("ada")
	got := strings.Join(receiver.take(s), ", ")
	if got != "installation created, installation created, installation deleted, installation suspend" {
		t.Errorf("arrived: %s", got)
	}
	if receiver.guids[0] != receiver.guids[1] {
		t.Errorf("duplicated, with the ids %v", receiver.guids[:2])
	}
	app := s.appToken(nil)
	var items []deliveryItem
	s.status(200, s.get("/app/hook/deliveries", app)).into(t, &items)
	var noted []string
	ids := map[int64]bool{}
	for _, d := range items {
		noted = append(noted, *d.Action+" "+d.Status)
		ids[d.ID] = true
	}
	if got := strings.Join(noted, ", "); got != "suspend OK, deleted timed out, unsuspend failed to connect to host, created OK, created OK" || len(ids) != 5 {
		t.Errorf("GitHub notes %s under %v", got, ids)
	}

	lost := items[2]
	s.status(202, s.send("POST", "/app/hook/deliveries/"+idText(lost.ID)+"/attempts", app, ""))
	if got := strings.Join(receiver.take(s), ", "); got != "installation unsuspend" || receiver.guids[4] != lost.GUID {
		t.Errorf("repeated: %s as %v", got, receiver.guids)
	}

	outcomes["created"] = sandbox.DeliveryOutcome{Delay: 100}
	s.world.Installations.Install("ada", sandbox.SelectAll)
	if got := strings.Join(receiver.take(s), ", "); got != "installation created" {
		t.Errorf("settled with %q", got)
	}
	s.HoldDeliveries()
	s.world.Apps.Ping()
	if got := receiver.take(s); len(got) != 0 {
		t.Errorf("arrived although deliveries are held: %v", got)
	}
	s.SetDeliveryPolicy(nil)
	s.ReleaseDeliveries(nil)
	if got := strings.Join(receiver.take(s), ", "); got != "ping" {
		t.Errorf("released: %s", got)
	}
}

func TestRandomDeliveryPolicyHasEveryOutcomeAndDependsOnlyOnTheSeed(t *testing.T) {
	draw := func() (drawn []sandbox.DeliveryOutcome) {
		policy := sandboxtest.RandomDeliveryPolicy(rand.New(rand.NewPCG(1, 2)))
		for range 200 {
			drawn = append(drawn, policy(sandbox.Delivery{}))
		}
		return drawn
	}
	kinds := map[string]int{}
	again := draw()
	for i, outcome := range draw() {
		if outcome != again[i] {
			t.Fatal("another rendering differs")
		}
		for kind, is := range map[string]bool{
			"lost": outcome.Lost, "timed out": outcome.TimedOut, "duplicated": outcome.Duplicated, "delayed": outcome.Delay > 0, "fine": outcome == sandbox.DeliveryOutcome{},
		} {
			if is {
				kinds[kind]++
			}
		}
	}
	if len(kinds) != 5 || kinds["fine"] < 100 || kinds["fine"] > 150 {
		t.Errorf("drew %v", kinds)
	}
}
