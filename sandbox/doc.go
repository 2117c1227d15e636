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
// # The App
//
// [NewWorld] has an App. In [NewWorldWithoutApp] somebody has to register one, from a manifest: [RegisterApp] does over
// HTTP what a person does in a browser. There can be several Apps; the methods of World speak of the one registered last.
//
// # Webhooks
//
// Once the App has a URL for them ([World.SetHookURL], a manifest, or PATCH /app/hook/config) everything that happens in
// the world and that GitHub would tell it is sent there, signed, one after the other; [Server.Close] ends that. Tests
// wait with [Server.SettleDeliveries], and lose, double, delay or reorder with [Server.DecideDeliveries], or by hand with
// [Server.HoldDeliveries] and [Server.ReleaseDeliveries].
//
// # Changing the world while it runs
//
// Every method of World and Server may be called at any time from any goroutine. The methods of World panic when they
// are told of an account, repository, installation or App that is not there: such a test is mistaken.
//
// A [Shaker] changes it at random, and [World.ShownTo] tells what GitHub shows a person afterwards.
//
// # Faults and observation
//
// [Server.Fault] installs a function that may spoil any request: delay it, answer it with an error, cut its body short,
// drop its connection, or shift a listing under the reader. [Server.Requests] tells what was asked, and by whom;
// [Server.Spent] what it cost of whose budget.
package sandbox
