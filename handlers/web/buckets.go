package web

import (
	"net/netip"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

// rememberedBuckets bounds those whose requests are counted, so that nobody can
// fill the memory by being many. Whoever asks most is remembered.
const rememberedBuckets = 10_000

// Buckets count by who asks: each has a bucket that holds so many tokens and is
// filled anew within a minute, at an even rate. What an instance forgets when it
// stops is no loss.
type Buckets[K comparable] struct {
	size  int // tokens that a full bucket holds, and that come within a minute
	known *otter.Cache[K, *rate.Limiter]
}

// NewBuckets makes buckets of a size.
func NewBuckets[K comparable](size int) (*Buckets[K], error) {
	known, err := otter.New(&otter.Options[K, *rate.Limiter]{MaximumSize: rememberedBuckets})
	return &Buckets[K]{size, known}, err
}

// Of is the bucket of somebody, a full one for a newcomer.
func (b *Buckets[K]) Of(key K) *rate.Limiter {
	bucket, ok := b.known.GetIfPresent(key)
	if !ok {
		bucket, _ = b.known.SetIfAbsent(key, rate.NewLimiter(rate.Every(time.Minute/time.Duration(b.size)), b.size))
	}
	return bucket
}

// Take takes a token from a bucket, or tells how long it takes until there is one.
func Take(bucket *rate.Limiter, now time.Time) (wait time.Duration) {
	if bucket.AllowN(now, 1) {
		return 0
	}
	return max(1, time.Duration((1-bucket.TokensAt(now))/float64(bucket.Limit())*float64(time.Second)))
}

// NetworkOf is an IPv4 address, or the network that one customer gets of IPv6. What
// can't be read shares one.
func NetworkOf(ip string) netip.Prefix {
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Prefix{}
	}
	address = address.Unmap().WithZone("")
	bits := 64
	if address.Is4() {
		bits = 32
	}
	network, _ := address.Prefix(bits) // fails for no address of that length
	return network
}
