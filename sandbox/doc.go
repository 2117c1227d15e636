// Package sandbox is a stand-in for GitHub: the web pages a person meets while signing in and installing a GitHub App,
// and the part of the REST API that a GitHub App's dashboard calls.
//
// A [World] holds the facts: people, organizations, repositories, who may do what, and where the App is installed.
// A [Server] plays GitHub on top of a World as Enterprise Server does, with the web pages at the root and the API under
// /api/v3. It is stateful and strict: what GitHub refuses, it refuses, in GitHub's words.
//
//	world := sandbox.DemoWorld()
//	github := httptest.NewUnstartedServer(nil)
//	url := "http://" + github.Listener.Addr().String()
//	server := sandbox.New(world, sandbox.Config{URL: url})
//	github.Config.Handler = server
//	github.Start()
//	world.SetCallbackURLs("http://127.0.0.1:8080/auth/github/callback")
//
// # Signing a person in
//
// A browser meets a list of people at /login, without passwords, and then the page that asks to authorize the App.
// A test without a browser starts at the client's own login link, takes the address of /login/oauth/authorize from its
// redirect, and lets [Approve] or [Cancel] do over HTTP what a browser would. What comes back is the address on the
// client's side that GitHub redirects to, for the test to open next.
//
// # Changing the world while it runs
//
// Every method of World and Server may be called at any time from any goroutine. The methods of World panic when they
// are told of an account, repository or installation that is not there: such a test is mistaken.
//
// # Faults and observation
//
// [Server.Fault] installs a function that may spoil any request: delay it, answer it with an error, cut its body short,
// drop its connection, or shift a listing under the reader. [Server.Requests] tells what was asked, and by whom.
package sandbox
