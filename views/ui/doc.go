// Package ui has the components that pages share: the page layout, notices, lists with their filters,
// tables and pagination, the state of a sync, errors, and the formats of times, numbers and URLs.
package ui
