// Package views draws Neptun's pages; views/ui has the components that they share,
// and views/operators the pages of operators. A view is a templ component that takes
// one struct of values and touches nothing else: same values, same bytes.
//
// Regions. A page's regions are fragments whose name is their DOM id, for
// [templ.RenderFragments]: "installations", "sync", "repositories", "imports",
// and "results" within the latter two; "settings" and "new-installation". htmx names the region it wants in
// HX-Target, as "section#sync". A form that changes something answers with a
// redirect to its return_to, which htmx follows with the same headers, or at
// once with the region and [ui.Notices].
//
// Forms. Imports and removals are one form with several buttons. Of its fields
// the first that is there counts: only (a row's own button), all (with the
// fields of the filter), repository_ids (the ticked boxes).
//
// Failures. Responses to htmx with 400 and above are shown in #notices and
// leave the lists and the URL unchanged; each should be a [ui.ErrorFragment].
package views
