// Package operators has the pages of the setup and of operators.
package operators
