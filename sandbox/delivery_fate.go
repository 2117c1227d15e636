package sandbox

import "math/rand/v2"

// Fate is what becomes of a webhook on its way. The zero value is what people hope for: it arrives once, in its turn.
type Fate struct {
	Lost    bool // nobody answers; GitHub notes a failed attempt and leaves it at that
	Unheard bool // it arrives, but its answer comes too late: GitHub notes a failed attempt all the same
	Never   bool // it isn't even tried, and GitHub notes nothing
	Doubled bool // it comes again right away, under the same GUID, as an attempt of its own
	Behind  int  // so many later ones pass first; SettleDeliveries waits for no more of them
}

// DecideDeliveries installs the function that decides what becomes of each webhook from now on, redeliveries included; nil
// lets all arrive. It is called as things happen, one at a time, and must not ask for deliveries itself. GitHub repeats
// none that failed of its own accord (https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries).
func (s *Server) DecideDeliveries(fate func(Delivery) Fate) {
	s.deliveries.mu.Lock()
	defer s.deliveries.mu.Unlock()
	s.deliveries.fate = fate
}

// RandomFates are fates drawn from the dice: of ten webhooks about six are left alone. Every one of the others is lost,
// not heard, doubled or late, and a few are two of these. GitHub notes them all.
func RandomFates(dice *rand.Rand) func(Delivery) Fate {
	return func(Delivery) Fate {
		one := func(in int) bool { return dice.IntN(in) == 0 }
		fate := Fate{Lost: one(8), Unheard: one(16), Doubled: one(8)}
		if one(8) {
			fate.Behind = 1 + dice.IntN(6)
		}
		return fate
	}
}

// enter puts the delivery in its place, as its fate is. d.mu is held.
func (d *deliveries) enter(next *Delivery) {
	var fate Fate
	if d.fate != nil {
		fate = d.fate(*next)
	}
	var due, late []*Delivery
	for _, waiting := range d.late {
		if waiting.behind--; waiting.behind == 0 {
			due = append(due, waiting)
		} else {
			late = append(late, waiting)
		}
	}
	d.late = late
	next.lost, next.unheard, next.behind = fate.Lost, fate.Unheard, fate.Behind
	sends := []*Delivery{next}
	if fate.Doubled {
		again := *next
		sends = append(sends, &again)
	}
	switch {
	case fate.Never:
	case fate.Behind > 0:
		d.late = append(d.late, sends...)
	default:
		d.queue = append(d.queue, sends...)
	}
	d.queue = append(d.queue, due...)
}
