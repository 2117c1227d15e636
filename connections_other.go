//go:build !unix

package main

// maxDescriptors is 0: the system bounds them by memory alone.
func maxDescriptors() int { return 0 }
