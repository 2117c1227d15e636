//go:build ignore

// Command cut creates a small copy of GitHub's OpenAPI description: the operations that the sandbox serves, with the
// schemas they refer to, without descriptions and examples.
//
//	go run cut.go path/to/api.github.com.json > github.com.json
//
// From a description of webhooks it keeps the schemas of the bodies that are sent.
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"
)

// served are the operations that the sandbox has.
var served = map[string]string{
	"/":                                  "get",
	"/app":                               "get",
	"/app-manifests/{code}/conversions":  "post",
	"/app/hook/config":                   "get patch",
	"/app/hook/deliveries":               "get",
	"/app/hook/deliveries/{delivery_id}": "get",
	"/app/hook/deliveries/{delivery_id}/attempts":        "post",
	"/app/installation-requests":                         "get",
	"/app/installations":                                 "get",
	"/app/installations/{installation_id}":               "get delete",
	"/app/installations/{installation_id}/access_tokens": "post",
	"/app/installations/{installation_id}/suspended":     "put delete",
	"/applications/{client_id}/grant":                    "delete",
	"/applications/{client_id}/token":                    "post patch delete",
	"/applications/{client_id}/token/scoped":             "post",
	"/apps/{app_slug}":                                   "get",
	"/installation/repositories":                         "get",
	"/installation/token":                                "delete",
	"/meta":                                              "get",
	"/orgs/{org}/installation":                           "get",
	"/orgs/{org}/memberships/{username}":                 "get",
	"/rate_limit":                                        "get",
	"/repos/{owner}/{repo}":                              "get",
	"/repos/{owner}/{repo}/installation":                 "get",
	"/user":                                              "get",
	"/user/installations":                                "get",
	"/user/installations/{installation_id}/repositories": "get",
	"/user/installations/{installation_id}/repositories/{repository_id}": "put delete",
	"/user/memberships/orgs/{org}":                                       "get",
	"/users/{username}":                                                  "get",
	"/users/{username}/installation":                                     "get",
}

// sent are the webhooks that the sandbox sends, by the events and actions in GitHub's names for them.
var sent = strings.Fields(`github-app-authorization-revoked installation-created installation-deleted installation-new-permissions-accepted
	installation-repositories-added installation-repositories-removed installation-suspend installation-target-renamed installation-unsuspend
	member-added member-edited member-removed membership-added membership-removed
	organization-deleted organization-member-added organization-member-removed organization-renamed ping public
	repository-archived repository-created repository-deleted repository-edited repository-privatized repository-publicized repository-renamed
	repository-transferred repository-unarchived
	team-add team-added-to-repository team-created team-deleted team-edited team-removed-from-repository`)

// prose is what a check needs nothing of.
var prose = map[string]bool{"description": true, "summary": true, "example": true, "examples": true, "externalDocs": true, "tags": true, "parameters": true, "requestBody": true}

type object = map[string]any

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go run cut.go path/to/description.json")
	}
	file, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var whole object
	if err := json.Unmarshal(file, &whole); err != nil {
		log.Fatal(err)
	}
	paths := object{}
	components := object{}
	if webhooks, ok := whole["webhooks"].(object); ok {
		for _, name := range sent {
			follow(webhooks[name], whole["components"].(object), components)
		}
		served = nil
	}
	for path, methods := range served {
		operations := object{}
		for method := range strings.FieldsSeq(methods) {
			operations[method] = strip(whole["paths"].(object)[path].(object)[method], false)
		}
		paths[path] = operations
	}
	follow(paths, whole["components"].(object), components)
	cut := object{
		"openapi":    whole["openapi"],
		"info":       object{"title": whole["info"].(object)["title"], "version": whole["info"].(object)["version"]},
		"paths":      paths,
		"components": components,
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(cut); err != nil {
		log.Fatal(err)
	}
}

// strip drops prose. Below "properties" the keys are names of GitHub's fields, of which one is "description".
func strip(node any, names bool) any {
	switch node := node.(type) {
	case object:
		stripped := object{}
		for key, value := range node {
			if !names && (prose[key] || strings.HasPrefix(key, "x-")) {
				continue
			}
			stripped[key] = strip(value, !names && key == "properties")
		}
		return stripped
	case []any:
		stripped := make([]any, len(node))
		for i, value := range node {
			stripped[i] = strip(value, false)
		}
		return stripped
	}
	return node
}

// follow copies what node refers to, and what that refers to, from all to used.
func follow(node any, all, used object) {
	switch node := node.(type) {
	case object:
		if reference, ok := node["$ref"].(string); ok {
			parts := strings.Split(strings.TrimPrefix(reference, "#/components/"), "/")
			kind, name := parts[0], parts[1]
			if used[kind] == nil {
				used[kind] = object{}
			}
			if used[kind].(object)[name] == nil {
				found := strip(all[kind].(object)[name], false)
				used[kind].(object)[name] = found
				follow(found, all, used)
			}
			return
		}
		for _, value := range node {
			follow(value, all, used)
		}
	case []any:
		for _, value := range node {
			follow(value, all, used)
		}
	}
}
