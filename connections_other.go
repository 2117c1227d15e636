//go:build !unix

package main

// maxDescriptors is 0: on this system only memory limits them.
func maxDescriptors() int { return 0 }
