//go:build !unix

package main

// maxDescriptors is 0: on this system only memory limits descriptors.
func maxDescriptors() int { return 0 }
