package handlers

import (
	"fmt"
	"testing"
	"time"
)

func TestThrottleTellsPlacesApart(t *testing.T) {
	now := time.Unix(0, 0)
	throttle := newThrottle(2, time.Minute, func() time.Time { return now })
	for _, ip := range []string{"192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "2001:db8::2", "nonsense", ""} {
		if wait := throttle.try(ip); wait != 0 {
			t.Errorf("%q has to wait %s", ip, wait)
		}
	}
	for _, ip := range []string{"192.0.2.1", "2001:db8:0:0:ffff::", "?"} {
		if wait := throttle.try(ip); wait != time.Minute {
			t.Errorf("%q has to wait %s", ip, wait)
		}
	}
	for _, ip := range []string{"192.0.2.2", "2001:db8:0:1::1"} {
		if wait := throttle.try(ip); wait != 0 {
			t.Errorf("%q has to wait %s for another's failures", ip, wait)
		}
	}
	throttle.clear("192.0.2.1")
	if wait := throttle.try("192.0.2.1"); wait != 0 {
		t.Errorf("after the right code there is a wait of %s", wait)
	}
	now = now.Add(time.Minute)
	if wait := throttle.try("nonsense"); wait != 0 {
		t.Errorf("after the wait there is one of %s", wait)
	}
}

func TestThrottleRemembersOnlySoMuch(t *testing.T) {
	now := time.Unix(0, 0)
	throttle := newThrottle(1, time.Minute, func() time.Time { return now })
	for i := range throttled + 5 {
		throttle.try(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
	}
	if n := len(throttle.failures); n > throttled+1 {
		t.Errorf("%d places are remembered", n)
	}
	if throttle.try("192.0.2.1") == 0 {
		t.Error("beyond the bound nobody waits")
	}
	now = now.Add(time.Minute)
	if throttle.try("192.0.2.2") != 0 || len(throttle.failures) > 1 {
		t.Errorf("%d places are still remembered", len(throttle.failures))
	}
}
