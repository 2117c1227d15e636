package handlers

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"neptun/db"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

const (
	pageSize      = 50  // rows on a page for people
	apiPageSize   = 100 // rows of a paged list in JSON, unless per_page says else
	maxPerPage    = 100
	maxPage       = 1_000_000
	maxTextLength = 256 // of a search, a language or a topic
)

var (
	choices        = []string{"true", "false"}
	visibilities   = []string{"public", "private", "internal"}
	availableSorts = []string{"name", "-name", "pushed_at", "-pushed_at", "size_kb", "-size_kb"}
	importSorts    = append([]string{"id", "-id"}, availableSorts...)
)

// params reads a request's parameters and gathers what is wrong with them. An
// empty value is one that wasn't given.
type params struct {
	values url.Values
	wrong  []fieldProblem
}

// readQuery takes the parameters of an address. One that can't be read is told of,
// lest a list be answered as though nothing had been asked for.
func readQuery(c echo.Context) params {
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	p := params{values: values}
	if err != nil {
		p.complain("query", "must be percent-encoded names and values")
	}
	return p
}

func (p *params) err() error {
	if len(p.wrong) > 0 {
		return invalid(p.wrong...)
	}
	return nil
}

func (p *params) complain(field, message string) {
	p.wrong = append(p.wrong, fieldProblem{field, message})
}

func (p *params) text(field string) string {
	value := strings.TrimSpace(p.values.Get(field))
	switch {
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		p.complain(field, "must be UTF-8 text")
	case utf8.RuneCountInString(value) > maxTextLength:
		p.complain(field, "must have "+strconv.Itoa(maxTextLength)+" characters at most")
	default:
		return value
	}
	return ""
}

func (p *params) oneOf(field string, allowed []string) string {
	value := p.values.Get(field)
	if value != "" && !slices.Contains(allowed, value) {
		p.complain(field, "must be one of "+strings.Join(allowed, ", "))
		return ""
	}
	return value
}

func (p *params) number(field string, fallback, most int) int {
	value := p.values.Get(field)
	if value == "" {
		return fallback
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		p.complain(field, "must be a whole number from 1 to "+strconv.Itoa(most))
		return fallback
	}
	return n
}

// id reads an id; 0 is for none.
func (p *params) id(field string) int64 {
	value := p.values.Get(field)
	if value == "" {
		return 0
	}
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil || id < 1 {
		p.complain(field, "must be an id")
	}
	return id
}

func (p *params) filter() db.Filter {
	return db.Filter{
		Query:      p.text("q"),
		Imported:   db.Choice(p.oneOf("imported", choices)),
		Visibility: p.oneOf("visibility", visibilities),
		Language:   p.text("language"),
		Archived:   db.Choice(p.oneOf("archived", choices)),
		Fork:       db.Choice(p.oneOf("fork", choices)),
		Topic:      p.text("topic"),
		Repository: p.fullName("repository"),
	}
}

// fullName reads owner/name.
func (p *params) fullName(field string) string {
	value := p.text(field)
	if owner, name, ok := strings.Cut(value, "/"); value != "" && (!ok || owner == "" || name == "" || strings.Contains(name, "/")) {
		p.complain(field, "must be a full name, such as octocat/hello-world")
		return ""
	}
	return value
}

// listParams say which part of a list is asked for, and how it is ordered.
type listParams struct {
	Filter  db.Filter
	Sort    db.Sort
	own     db.Sort // the list's own order, where none is asked for
	Page    int
	PerPage int // 0 for all of the list
}

// readList reads the parameters of a list on a page, where the page size is fixed.
func readList(c echo.Context, sorts []string, fallback db.Sort) (listParams, error) {
	p := readQuery(c)
	list := p.list(sorts, fallback)
	list.PerPage = pageSize
	return list, p.err()
}

// readScriptList reads the parameters of a list for scripts: a page of it where
// one is asked for, and all of it otherwise.
func readScriptList(c echo.Context, sorts []string, fallback db.Sort) (listParams, error) {
	if c.Request().URL.RawQuery == "" {
		return listParams{Sort: fallback, own: fallback, Page: 1}, nil
	}
	p := readQuery(c)
	list := p.list(sorts, fallback)
	list.PerPage = p.perPage()
	return list, p.err()
}

func (p *params) list(sorts []string, fallback db.Sort) listParams {
	list := listParams{
		Filter: p.filter(),
		Sort:   db.Sort(p.oneOf("sort", sorts)),
		Page:   p.number("page", 1, maxPage),
		own:    fallback,
	}
	if list.Sort == "" {
		list.Sort = fallback
	}
	return list
}

// perPage is how many rows of a list for scripts are asked for: 0, which is all,
// where no page is.
func (p *params) perPage() int {
	if p.values.Get("page") == "" && p.values.Get("per_page") == "" {
		return 0
	}
	return p.number("per_page", apiPageSize, maxPerPage)
}

func (l listParams) window() db.Window { return window(l.Page, l.PerPage) }

// window is a page of a list, or all of it where a page has 0 rows.
func window(page, perPage int) db.Window {
	if perPage == 0 {
		return db.Window{}
	}
	return db.Window{Limit: perPage, Offset: (page - 1) * perPage}
}

// view is the list as a page draws it, with so many rows on all pages.
func (l listParams) view(total int64) views.List {
	list := views.List{Filter: l.Filter, Sort: l.Sort, Page: l.Page, PerPage: l.PerPage, Total: total}
	if l.Sort == l.own {
		list.Sort = ""
	}
	return list
}
