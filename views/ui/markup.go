package ui

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/a-h/templ"
)

// markup is HTML that is appended piece by piece. It is for elements that a page repeats
// so often that a template's two allocations per value would dominate its cost.
type markup []byte

// raw appends HTML.
func (m *markup) raw(html string) { *m = append(*m, html...) }

// text appends a text, escaped for an element or a quoted attribute as
// templ.EscapeString does.
func (m *markup) text(s string) {
	done := 0
	for i := range len(s) {
		var entity string
		switch s[i] {
		case '&':
			entity = "&amp;"
		case '\'':
			entity = "&#39;"
		case '<':
			entity = "&lt;"
		case '>':
			entity = "&gt;"
		case '"':
			entity = "&#34;"
		default:
			continue
		}
		*m = append(append(*m, s[done:i]...), entity...)
		done = i + 1
	}
	*m = append(*m, s[done:]...)
}

// number appends a number.
func (m *markup) number(n int64) { *m = strconv.AppendInt(*m, n, 10) }

// query appends a value of a query within an attribute.
func (m *markup) query(value string) { m.text(url.QueryEscape(value)) }

// time appends a time relative to now.
func (m *markup) time(now, t time.Time) {
	t = t.UTC()
	m.raw(`<time datetime="`)
	*m = t.AppendFormat(*m, stampLayout)
	m.raw(`" title="`)
	*m = t.AppendFormat(*m, exactLayout)
	m.raw(`">`)
	m.text(Ago(now, t))
	m.raw(`</time>`)
}

// markupPool is a pool of buffers for markup.
var markupPool = sync.Pool{New: func() any { return new(markup) }}

// maxPooledMarkup limits the size of a pooled buffer.
const maxPooledMarkup = 1 << 20

// component is a templ component that writes the markup that build appends.
func component(build func(m *markup)) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		m := markupPool.Get().(*markup)
		defer func() {
			if cap(*m) <= maxPooledMarkup {
				markupPool.Put(m)
			}
		}()
		*m = (*m)[:0]
		build(m)
		_, err := w.Write(*m)
		return err
	})
}
