package sandbox

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFatesOfDeliveries(t *testing.T) {
	s := open(t, EmptyWorld())
	receiver := s.receive()
	fates := map[string]Fate{
		"created": {Doubled: true}, "suspend": {Behind: 2}, "unsuspend": {Lost: true}, "deleted": {Unheard: true}, "revoked": {Never: true},
	}
	s.DecideDeliveries(func(d Delivery) Fate {
		if d.Redelivery {
			return Fate{}
		}
		return fates[d.Action]
	})
	s.token("ada")
	id := s.world.Install("ada", SelectAll)
	s.world.Suspend(id, "ada")
	s.world.Unsuspend(id)
	s.world.Uninstall(id)
	s.Revoke("ada")
	got := strings.Join(receiver.taken(s), ", ")
	if got != "installation created, installation created, installation deleted, installation suspend" {
		t.Errorf("came: %s", got)
	}
	if receiver.guids[0] != receiver.guids[1] {
		t.Errorf("doubled under %v", receiver.guids[:2])
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
	if got := strings.Join(receiver.taken(s), ", "); got != "installation unsuspend" || receiver.guids[4] != lost.GUID {
		t.Errorf("repeated: %s as %v", got, receiver.guids)
	}

	fates["created"] = Fate{Behind: 100}
	s.world.Install("ada", SelectAll)
	if got := strings.Join(receiver.taken(s), ", "); got != "installation created" {
		t.Errorf("settled with %q", got)
	}
	s.HoldDeliveries()
	s.world.Ping()
	if got := receiver.taken(s); len(got) != 0 {
		t.Errorf("held, and came: %v", got)
	}
	s.DecideDeliveries(nil)
	s.ReleaseDeliveries(nil)
	if got := strings.Join(receiver.taken(s), ", "); got != "ping" {
		t.Errorf("released: %s", got)
	}
}

func TestRandomFatesAreOfEachKindAndTheSameFromTheSameSeed(t *testing.T) {
	draw := func() (drawn []Fate) {
		fate := RandomFates(rand.New(rand.NewPCG(1, 2)))
		for range 200 {
			drawn = append(drawn, fate(Delivery{}))
		}
		return drawn
	}
	kinds := map[string]int{}
	again := draw()
	for i, fate := range draw() {
		if fate != again[i] {
			t.Fatal("another draw differs")
		}
		for kind, is := range map[string]bool{
			"lost": fate.Lost, "unheard": fate.Unheard, "doubled": fate.Doubled, "late": fate.Behind > 0, "fine": fate == Fate{},
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
