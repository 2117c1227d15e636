package web

import (
	"fmt"
	"testing"
	"time"
)

func TestNetworksAreDistinguished(t *testing.T) {
	for _, same := range [][]string{
		{"192.0.2.1", "::ffff:192.0.2.1"}, {"2001:db8::1", "2001:db8:0:0:ffff::", "2001:db8::1%eth0"}, {"nonsense", "", "?"},
	} {
		for _, ip := range same {
			if NetworkOf(ip) != NetworkOf(same[0]) {
				t.Errorf("%q is in another network than %q", ip, same[0])
			}
		}
	}
	for _, ip := range []string{"192.0.2.2", "2001:db8::1", "2001:db8:0:1::1", ""} {
		if ip != "2001:db8::1" && NetworkOf(ip) == NetworkOf("2001:db8::1") || NetworkOf(ip) == NetworkOf("192.0.2.1") {
			t.Errorf("%q shares a network", ip)
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
		t.Errorf("the next token takes %s", wait)
	}
	if wait := Take(all.Of("another"), now); wait != 0 {
		t.Errorf("another client waits %s", wait)
	}
	if wait := Take(all.Of("one"), now.Add(10*time.Second)); wait != 0 {
		t.Errorf("after the wait the token takes %s", wait)
	}
	all.known.Invalidate("one")
	if wait := Take(all.Of("one"), now); wait != 0 {
		t.Errorf("a forgotten client waits %s", wait)
	}
}

func TestTheNumberOfBucketsIsLimited(t *testing.T) {
	all, err := NewBuckets[string](1)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(0, 0)
	Take(all.Of("busy"), now)
	for n := range 3 * maxBuckets {
		Take(all.Of(fmt.Sprint("passing by ", n)), now)
		if n%10 == 0 && Take(all.Of("busy"), now) == 0 {
			t.Fatalf("the most active client is forgotten after %d others", n)
		}
	}
	all.known.CleanUp()
	if n := all.known.EstimatedSize(); n > maxBuckets {
		t.Errorf("%d buckets are remembered", n)
	}
}
