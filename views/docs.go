package views

import "neptun/views/ui"

// DocsPage describes the API to people.
type DocsPage struct {
	Frame ui.Frame
	// About is what holds for everything, by paragraphs.
	About []string
	Nouns []DocsNoun
	// Shapes are the objects that answers are made of.
	Shapes []DocsShape
	// Languages are those that examples are written in, the first shown first.
	Languages []string
}

// DocsNoun is a group of operations.
type DocsNoun struct {
	// ID is where the page is scrolled to.
	ID, Name, Text string
	Operations     []DocsOperation
}

// DocsOperation is one method at one path.
type DocsOperation struct {
	ID, Method, Path, Summary, Text string
	// Needs says who may.
	Needs      string
	Parameters []DocsField
	// Body are the fields of the body, empty for no body.
	Body    []DocsField
	Answers []DocsAnswer
	// Example is a successful answer in JSON; empty for an answer without a body.
	Example  string
	Snippets []DocsSnippet
	// Try is the address of a GET that whoever looks may try; empty for none.
	Try string
}

// DocsField is a parameter, or a field of an object.
type DocsField struct {
	Name, Shape, Text string
	// In says where a parameter stands: path, query or header.
	In       string
	Required bool
}

// DocsAnswer is a status and when it comes.
type DocsAnswer struct {
	Status int
	Text   string
	// Shape says what the answer is, and ShapeID is where that is told.
	Shape, ShapeID string
}

// DocsShape is an object that answers are made of.
type DocsShape struct {
	Name   string
	Fields []DocsField
}

// DocsSnippet is an example in one language.
type DocsSnippet struct{ Language, Code string }
