//go:build unix

package main

import (
	"math"
	"syscall"
)

// maxDescriptors is how many descriptors the process may have; 0 for no limit that
// matters. Go raises the soft limit to the hard one.
func maxDescriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || uint64(limit.Cur) > math.MaxInt32 { //nolint:unconvert // signed on FreeBSD
		return 0
	}
	return int(limit.Cur)
}
