package sandboxtest

import (
	"math/rand/v2"

	"neptun/sandbox"
)

// RandomDeliveryPolicy draws outcomes from rng: about six webhooks of ten are delivered in order. Every other one is lost,
// times out, is duplicated or delayed, a few are two of these. GitHub records an attempt for all of them.
func RandomDeliveryPolicy(rng *rand.Rand) func(sandbox.Delivery) sandbox.DeliveryOutcome {
	return func(sandbox.Delivery) sandbox.DeliveryOutcome {
		oneIn := func(n int) bool { return rng.IntN(n) == 0 }
		outcome := sandbox.DeliveryOutcome{Lost: oneIn(8), TimedOut: oneIn(16), Duplicated: oneIn(8)}
		if oneIn(8) {
			outcome.Delay = 1 + rng.IntN(6)
		}
		return outcome
	}
}
