// Package ui has the components that all pages share: the frame around a page,
// notices, lists with their filters, tables and pages, the state of a sync, errors,
// and how times, numbers and addresses are written.
package ui
