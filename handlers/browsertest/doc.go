// Package browsertest tests the pages in Chromium and Firefox.
package browsertest
