package openapi

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Snippet is a call of an operation in one language.
type Snippet struct {
	Language string // its usual name
	Code     string
}

// call is one request of an operation.
type call struct {
	method, url string
	headers     []string // names and values alternate; without the credential
	body        string   // JSON, empty for none
	credential  string   // the environment variable that has it, empty for none
	silent      bool     // the response has no body
}

// Snippets returns calls of an operation at an address. values fill in the path, and
// the credential comes from an environment variable.
func (o Operation) Snippets(address string, fill *strings.Replacer) []Snippet {
	c := call{
		method: o.Method, url: strings.TrimSuffix(address, "/") + o.Target(fill),
		credential: o.credential(), silent: o.Responses[0].Schema == nil,
	}
	for _, p := range o.Parameters {
		if p.In == "header" && p.Required {
			c.headers = append(c.headers, p.Name, fmt.Sprint(p.Schema.Example))
		}
	}
	if o.Body != nil {
		c.headers, c.body = append(c.headers, "Content-Type", "application/json"), o.Body.Example
	}
	return []Snippet{{"curl", c.curl()}, {"Python", c.python()}, {"TypeScript", c.typeScript()}, {"Go", c.golang()}}
}

// credential is the environment variable with the credential that an operation
// needs: an API token, or the value of a session's cookie.
func (o Operation) credential() string {
	switch o.Right {
	case Anyone:
		return ""
	case Session, Operator:
		return "NEPTUN_SESSION"
	}
	return "NEPTUN_TOKEN"
}

// Target returns the path of an operation, filled in, with its required query
// parameters.
func (o Operation) Target(fill *strings.Replacer) string {
	target := fill.Replace(o.Path)
	for _, p := range o.PathParameters() {
		target = strings.ReplaceAll(target, "{"+p.Name+"}", fmt.Sprint(p.Schema.Example))
	}
	query := url.Values{}
	for _, p := range o.Parameters {
		if p.In == "query" && p.Required {
			query.Set(p.Name, fmt.Sprint(p.Schema.Example))
		}
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return target
}

func (c call) curl() string {
	line := "curl"
	switch c.method {
	case http.MethodGet:
	case http.MethodHead:
		line += " --head"
	default:
		line += " -X " + c.method
	}
	lines := []string{line + fmt.Sprintf(" %q", c.url)}
	if c.credential != "" {
		lines = append(lines, `-H "Authorization: Bearer $`+c.credential+`"`)
	}
	for i := 0; i < len(c.headers); i += 2 {
		lines = append(lines, fmt.Sprintf(`-H "%s: %s"`, c.headers[i], c.headers[i+1]))
	}
	if c.body != "" {
		lines = append(lines, "-d '"+c.body+"'")
	}
	return strings.Join(lines, " \\\n  ")
}

func (c call) python() string {
	var b strings.Builder
	if c.credential != "" {
		b.WriteString("import os\n\n")
	}
	fmt.Fprintf(&b, "import httpx\n\nanswer = httpx.request(\n    %q,\n    %q,\n", c.method, c.url)
	var headers []string
	if c.credential != "" {
		headers = append(headers, `"Authorization": "Bearer " + os.environ["`+c.credential+`"]`)
	}
	for i := 0; i < len(c.headers); i += 2 {
		if c.headers[i] != "Content-Type" { // httpx sets it
			headers = append(headers, fmt.Sprintf("%q: %q", c.headers[i], c.headers[i+1]))
		}
	}
	if len(headers) > 0 {
		fmt.Fprintf(&b, "    headers={%s},\n", strings.Join(headers, ", "))
	}
	if c.body != "" {
		fmt.Fprintf(&b, "    json=%s,\n", strings.NewReplacer(":true", ":True", ":false", ":False", ":null", ":None").Replace(c.body))
	}
	b.WriteString(")\nanswer.raise_for_status()\n")
	if c.silent {
		b.WriteString("print(answer.status_code)")
	} else {
		b.WriteString("print(answer.json())")
	}
	return b.String()
}

func (c call) typeScript() string {
	var b strings.Builder
	fmt.Fprintf(&b, "const answer = await fetch(%q, {\n  method: %q,\n", c.url, c.method)
	var headers []string
	if c.credential != "" {
		headers = append(headers, "Authorization: `Bearer ${process.env."+c.credential+"}`")
	}
	for i := 0; i < len(c.headers); i += 2 {
		headers = append(headers, fmt.Sprintf("%q: %q", c.headers[i], c.headers[i+1]))
	}
	if len(headers) > 0 {
		fmt.Fprintf(&b, "  headers: { %s },\n", strings.Join(headers, ", "))
	}
	if c.body != "" {
		fmt.Fprintf(&b, "  body: JSON.stringify(%s),\n", c.body)
	}
	b.WriteString("})\nif (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)\n")
	if c.silent {
		b.WriteString("console.log(answer.status)")
	} else {
		b.WriteString("console.log(await answer.json())")
	}
	return b.String()
}

func (c call) golang() string {
	var b strings.Builder
	imports, body := []string{"io", "log", "net/http", "os"}, "nil"
	if c.body != "" {
		imports, body = append(imports, "strings"), "strings.NewReader(`"+c.body+"`)"
	}
	b.WriteString("package main\n\nimport (\n")
	for _, path := range imports {
		fmt.Fprintf(&b, "\t%q\n", path)
	}
	fmt.Fprintf(&b, ")\n\nfunc main() {\n\trequest, err := http.NewRequest(%q, %q, %s)\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n", c.method, c.url, body)
	if c.credential != "" {
		fmt.Fprintf(&b, "\trequest.Header.Set(\"Authorization\", \"Bearer \"+os.Getenv(%q))\n", c.credential)
	}
	for i := 0; i < len(c.headers); i += 2 {
		fmt.Fprintf(&b, "\trequest.Header.Set(%q, %q)\n", c.headers[i], c.headers[i+1])
	}
	b.WriteString("\tanswer, err := http.DefaultClient.Do(request)\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\tdefer answer.Body.Close()\n")
	b.WriteString("\tif answer.StatusCode >= 400 {\n\t\tlog.Fatal(answer.Status)\n\t}\n\tio.Copy(os.Stdout, answer.Body)\n}")
	return b.String()
}
