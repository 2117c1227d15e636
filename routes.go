package main

import (
	"context"
	"fmt"

	"neptun/handlers"
)

// routes prints every route, one per line, with its method and required rights.
func (p invocation) routes(context.Context, []string, bool) error {
	for _, route := range handlers.Routes() {
		fmt.Fprintf(p.stdout, "%-7s %-75s %s\n", route.Method, route.Path, route.Right)
	}
	return nil
}
