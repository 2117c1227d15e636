package sandbox

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// page returns the requested page of a list and sets the Link header. The default of per_page is 30, the maximum
// 100 (https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api).
func page[T any](s *api, c *call, all []T) []T {
	query := c.URL.Query()
	size := min(positive(query.Get("per_page"), 30), 100)
	number := positive(query.Get("page"), 1)
	last := max(1, (len(all)+size-1)/size)
	if link := s.links(c, number, last); link != "" && !s.behavior.Load().NoLinkHeader {
		c.header.Set("Link", link)
	}
	from := (number - 1) * size
	if from > 0 {
		from = max(0, from+stateOf(c.Request).fault.shift())
	}
	from = min(from, len(all))
	return all[from:min(from+size, len(all))]
}

func positive(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil && n > 0 && n < 1<<31 {
		return n
	}
	return otherwise
}

// links is the Link header, with its parts in GitHub's order; empty if there is only one page.
func (s *api) links(c *call, number, last int) string {
	var links []string
	link := func(to int, rel string) {
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, s.url, c.URL.Path, withPage(c.URL.RawQuery, to), rel))
	}
	if number > 1 {
		link(min(number-1, last), "prev")
	}
	if number < last {
		link(number+1, "next")
		link(last, "last")
	}
	if number > 1 {
		link(1, "first")
	}
	return strings.Join(links, ", ")
}

// withPage returns the query with another page number, otherwise unchanged.
func withPage(rawQuery string, to int) string {
	parts := slices.DeleteFunc(strings.Split(rawQuery, "&"), func(s string) bool { return s == "" })
	present := "page=" + strconv.Itoa(to)
	at := slices.IndexFunc(parts, func(part string) bool {
		name, _, _ := strings.Cut(part, "=")
		name, _ = url.QueryUnescape(name)
		return name == "page"
	})
	if at < 0 {
		parts = append(parts, present)
	} else {
		parts[at] = present
	}
	return strings.Join(parts, "&")
}
