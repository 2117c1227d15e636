package sandbox

// DeliveryOutcome is the outcome of sending a webhook. The zero value delivers it once, in order.
type DeliveryOutcome struct {
	Lost       bool // the receiver is unreachable; GitHub records a failed attempt and doesn't retry
	TimedOut   bool // it is received, but the response is too late: GitHub records a failed attempt
	Skipped    bool // GitHub neither sends nor records it
	Duplicated bool // it is sent twice in a row under the same GUID, as two attempts
	Delay      int  // how many later deliveries are sent first; WaitForDeliveries doesn't wait for that many
}

// SetDeliveryPolicy sets the function that decides the outcome of each webhook from now on, redeliveries included; nil
// delivers all. It is called for one webhook at a time and must not call the server's delivery methods. GitHub doesn't
// redeliver failed deliveries automatically
// (https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries).
func (s *Server) SetDeliveryPolicy(policy func(Delivery) DeliveryOutcome) {
	s.deliveries.mu.Lock()
	defer s.deliveries.mu.Unlock()
	s.deliveries.policy = policy
}

// enqueue adds the delivery with the outcome that the policy decides. d.mu is held.
func (d *deliveries) enqueue(next *Delivery) {
	var outcome DeliveryOutcome
	if d.policy != nil {
		outcome = d.policy(*next)
	}
	var due, delayed []*Delivery
	for _, waiting := range d.delayed {
		if waiting.delay--; waiting.delay == 0 {
			due = append(due, waiting)
		} else {
			delayed = append(delayed, waiting)
		}
	}
	d.delayed = delayed
	next.lost, next.timedOut, next.delay = outcome.Lost, outcome.TimedOut, outcome.Delay
	sends := []*Delivery{next}
	if outcome.Duplicated {
		again := *next
		sends = append(sends, &again)
	}
	switch {
	case outcome.Skipped:
	case outcome.Delay > 0:
		d.delayed = append(d.delayed, sends...)
	default:
		d.queue = append(d.queue, sends...)
	}
	d.queue = append(d.queue, due...)
}
