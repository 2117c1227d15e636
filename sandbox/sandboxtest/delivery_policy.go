package sandboxtest

import (
	"math/rand/v2"

	"neptun/sandbox"
)

// RandomDeliveryPolicy picks outcomes with rng: about six of ten webhooks are delivered in order. The others are lost,
// time out, or are duplicated or delayed, some of them both. GitHub records an attempt for all of them.
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
