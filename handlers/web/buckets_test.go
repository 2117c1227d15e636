package web

import (
	"fmt"
	"testing"
	"time"
)

func TestPlacesAreToldApart(t *testing.T) {
	for _, same := range [][]string{
		{"192.0.2.1", "::ffff:192.0.2.1"}, {"2001:db8::1", "2001:db8:0:0:ffff::", "2001:db8::1%eth0"}, {"nonsense", "", "?"},
	} {
		for _, ip := range same {
			if NetworkOf(ip) != NetworkOf(same[0]) {
				t.Errorf("%q is at another place than %q", ip, same[0])
			}
		}
	}
	for _, ip := range []string{"192.0.2.2", "2001:db8::1", "2001:db8:0:1::1", ""} {
		if ip != "2001:db8::1" && NetworkOf(ip) == NetworkOf("2001:db8::1") || NetworkOf(ip) == NetworkOf("192.0.2.1") {
			t.Errorf("%q shares a place", ip)
		}
	}
}

func TestBucketsFillEvenly(t *testing.T) {
	all, err := NewBuckets[string](6)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(0, 0)
	for n := range 6 {
		if wait := Take(all.Of("one"), now); wait != 0 {
			t.Errorf("token %d takes %s", n, wait)
		}
	}
	if wait := Take(all.Of("one"), now); wait.Round(time.Millisecond) != 10*time.Second {
		t.Errorf("the next one takes %s", wait)
	}
	if wait := Take(all.Of("another"), now); wait != 0 {
		t.Errorf("another waits %s", wait)
	}
	if wait := Take(all.Of("one"), now.Add(10*time.Second)); wait != 0 {
		t.Errorf("after the wait it takes %s", wait)
	}
	all.known.Invalidate("one")
	if wait := Take(all.Of("one"), now); wait != 0 {
		t.Errorf("forgotten, one waits %s", wait)
	}
}

func TestOnlySoManyBucketsAreRemembered(t *testing.T) {
	all, err := NewBuckets[string](1)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(0, 0)
	Take(all.Of("busy"), now)
	for n := range 3 * rememberedBuckets {
		Take(all.Of(fmt.Sprint("passing by ", n)), now)
		if n%10 == 0 && Take(all.Of("busy"), now) == 0 {
			t.Fatalf("whoever asks most is forgotten after %d others", n)
		}
	}
	all.known.CleanUp()
	if n := all.known.EstimatedSize(); n > rememberedBuckets {
		t.Errorf("%d buckets are remembered", n)
	}
}
