// Command openapi prints the OpenAPI document, as a server at https://neptun.example serves it.
package main

import (
	"fmt"
	"os"

	"neptun/handlers"
	"neptun/handlers/openapi"
)

func main() {
	document, err := openapi.Describe("https://neptun.example", handlers.Operations())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(string(document))
}
