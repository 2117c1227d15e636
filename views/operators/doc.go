// Package operators draws the pages of the set-up and of those who run this server.
package operators
