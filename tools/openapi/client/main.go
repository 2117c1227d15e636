// Command client lists the imports of the user NEPTUN_TOKEN belongs to, with a client that oapi-codegen generated.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"client/api"
)

func main() {
	authenticate := func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+os.Getenv("NEPTUN_TOKEN"))
		return nil
	}
	client, err := api.NewClientWithResponses(os.Getenv("NEPTUN_URL"), api.WithRequestEditorFn(authenticate))
	if err != nil {
		log.Fatal(err)
	}
	list, err := client.ListAllImportsWithResponse(context.Background(), "me", &api.ListAllImportsParams{})
	if err != nil {
		log.Fatal(err)
	}
	if list.JSON200 == nil {
		log.Fatal(list.Status())
	}
	for _, item := range *list.JSON200 {
		fmt.Println(item.RepositoryOwner, item.RepositoryName)
	}
}
