// Package operators draws the pages of the setup and of those who run this server.
package operators
