package views

import "neptun/views/ui"

// DocsIndexPage links to all operations of the API.
type DocsIndexPage struct {
	Frame ui.Frame
	// About are the conventions that all operations share, by paragraphs.
	About []string
	// Clients are the commands that generate one, by language.
	Clients []DocsSnippet
	// Nouns have the operations that match Query, of which only the summary and the
	// address are shown.
	Nouns []DocsNoun
	Query string
}

// DocsNounPage describes the operations of a noun.
type DocsNounPage struct {
	Frame ui.Frame
	// Nouns are all there are, for the navigation.
	Nouns []DocsNoun
	Noun  DocsNoun
	// Errors are those that all operations of the noun share.
	Errors []DocsAnswer
	// Schemas are the objects in its responses.
	Schemas []DocsShape
	// Languages are those of the examples; the first is selected.
	Languages []string
}

// DocsReaderValues are what the API reference shows about its reader.
type DocsReaderValues struct {
	Frame  ui.Frame
	UserID string
	// InstallationID and GitHubInstallationID are of the first installation; empty for
	// none.
	InstallationID, GitHubInstallationID string
}

// DocsNoun is a group of operations.
type DocsNoun struct {
	// Slug is the last part of the URL of its page.
	Slug, Name, Text string
	Operations       []DocsOperation
}

// DocsOperation is one method at one path.
type DocsOperation struct {
	ID, Method, Path, Summary, Text string
	// Needs is the credential that it requires.
	Needs      string
	Parameters []DocsField
	// Body are the fields of the body, empty for no body.
	Body    []DocsField
	Answers []DocsAnswer
	// Example is a successful response in JSON; empty for a response without a body.
	Example  string
	Snippets []DocsSnippet
	// FilePath is the path of a list as a file, and FileID the name of that operation;
	// empty for none.
	FileID, FilePath string
	// Try is the URL of a GET, and TryBy who may try it; empty for other methods.
	Try, TryBy string
}

// DocsField is a parameter, or a field of an object.
type DocsField struct {
	Name, Shape, Text string
	// In is the place of a parameter: path, query or header.
	In       string
	Required bool
}

// DocsAnswer is a status and when it is sent.
type DocsAnswer struct {
	Status int
	Text   string
	// Shape is the type of the body, and ShapeID the element that describes it.
	Shape, ShapeID string
}

// DocsShape is an object in responses.
type DocsShape struct {
	Name   string
	Fields []DocsField
}

// DocsSnippet is an example in one language.
type DocsSnippet struct{ Language, Code string }

// Who may try an operation where it is described.
const (
	TryAnyone   = "anyone"
	TryUser     = "user"
	TryOperator = "operator"
)
