package web

import (
	"net/netip"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

// maxBuckets limits the number of buckets, so that many clients can't fill the memory. The
// least active are forgotten first.
const maxBuckets = 10_000

// Buckets rate-limit by key. Each key has a bucket of tokens that is refilled at an even rate
// within a minute. Buckets aren't stored, so they are full after a restart.
// Each type of keys, as each type of an otter.Cache, adds 150 KB to the program.
type Buckets[K comparable] struct {
	size  int // tokens that a full bucket holds, and that come within a minute
	known *otter.Cache[K, *rate.Limiter]
}

// NewBuckets creates buckets of a size.
func NewBuckets[K comparable](size int) (*Buckets[K], error) {
	known, err := otter.New(&otter.Options[K, *rate.Limiter]{MaximumSize: maxBuckets})
	return &Buckets[K]{size, known}, err
}

// Of returns the bucket of a key, which is full for a new key.
func (b *Buckets[K]) Of(key K) *rate.Limiter {
	bucket, ok := b.known.GetIfPresent(key)
	if !ok {
		bucket, _ = b.known.SetIfAbsent(key, rate.NewLimiter(rate.Every(time.Minute/time.Duration(b.size)), b.size))
	}
	return bucket
}

// Take takes a token, or returns how long it takes until there is one.
func Take(bucket *rate.Limiter, now time.Time) (wait time.Duration) {
	if bucket.AllowN(now, 1) {
		return 0
	}
	return max(1, time.Duration((1-bucket.TokensAt(now))/float64(bucket.Limit())*float64(time.Second)))
}

// NetworkOf returns an IPv4 address, or the IPv6 network of one customer. All addresses that
// can't be parsed share one.
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
	network, _ := address.Prefix(bits) // never fails for these lengths
	return network
}
