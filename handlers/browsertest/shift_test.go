package browsertest

// watchShifts records the layout shifts of all pages that open from now on, and what
// moved: https://web.dev/articles/cls.
func (b *tab) watchShifts() {
	b.before(`window.shifted = 0; window.shifts = "";
		new PerformanceObserver((list) => {
			for (const e of list.getEntries()) {
				window.shifted += e.value;
				for (const { node, previousRect: from, currentRect: to } of e.sources) {
					window.shifts += "\n" + (node?.outerHTML ?? node?.textContent ?? "something gone").slice(0, 100) + JSON.stringify([from, to]);
				}
			}
		}).observe({ type: "layout-shift", buffered: true });`)
}

// doesNotShift expects that nothing on the page moves while it loads. It loads the page
// again after a shift: on a busy machine the browser may paint a row whose button it
// hasn't received yet, and a fault of the page would repeat.
func (b *tab) doesNotShift(page string) {
	b.t.Helper()
	shifted := func() float64 {
		// Parts that are requested once the page is there, and two frames to paint them.
		b.until(`document.readyState === "complete" && !document.querySelector("[hx-trigger=load], .htmx-request")`)
		b.run(`new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(painted))))`)
		return evaluate[float64](b, `window.shifted`)
	}
	for try := 0; shifted() >= 0.001 && try < 2; try++ {
		b.goTo(evaluate[string](b, `location.pathname + location.search`))
	}
	if value := shifted(); value >= 0.001 {
		b.t.Errorf("%s shifts by %v:%s", page, value, evaluate[string](b, `window.shifts`))
	}
}
