// Package sandbox is a stand-in for GitHub: the web pages a user sees while signing in and installing a GitHub App, and
// the part of the REST API that a GitHub App's dashboard calls.
//
// A [World] holds the state, in one part for each kind of object: apps, accounts, teams, repositories with their permissions,
// and installations. A [Server] serves a World as Enterprise Server does, with the web pages at the root and
// the API under /api/v3. It is stateful and strict: it rejects what GitHub rejects, with GitHub's messages.
//
//	world := sandbox.DemoWorld()
//	github := httptest.NewUnstartedServer(nil)
//	url := "http://" + github.Listener.Addr().String()
//	server := sandbox.New(world, sandbox.Config{URL: url})
//	github.Config.Handler = server
//	github.Start()
//	world.Apps.SetCallbackURLs("http://127.0.0.1:8080/auth/github/callback")
//
// # Sign-in
//
// A browser gets a list of users at /login, without passwords, and then the page that asks to authorize the App. Package
// sandboxtest does both over HTTP for tests without a browser.
//
// # The App
//
// [NewWorld] has an App. In [NewWorldWithoutApp] a user has to register one from a manifest. There can be several
// Apps; the methods of [Apps] refer to the one registered last.
//
// # Webhooks
//
// Once the App has a webhook URL ([Apps.SetHookURL], a manifest, or PATCH /app/hook/config) every event that GitHub would
// send is sent there, signed, one at a time; [Server.Close] stops that. Tests wait with [Server.WaitForDeliveries];
// they lose, duplicate, delay or reorder deliveries with [Server.SetDeliveryPolicy], or with [Server.HoldDeliveries] and
// [Server.ReleaseDeliveries].
//
// # Changing the world while it runs
//
// Every method of World's parts and of Server may be called at any time from any goroutine. Those of the parts panic if an
// account, repository, installation or App doesn't exist, since that is a mistake in the test. [World.VisibleTo]
// returns what GitHub shows a user, for comparison.
//
// # Faults, old servers, malformed bodies
//
// [Server.SetBehavior] enables behavior that GitHub doesn't document; all of it is off by default:
//
// - TokenDelay, TokenRefusals: replicas that don't know a new user or installation token yet (401)
//   - AccessTokenLifetime, InstallationTokenLifetime, TokensDontExpire
//   - TokenRequestLimit: an App's limit of token requests an hour (429)
//   - AuthorizeError, AuthorizeErrorWithoutState, CodeError, RefreshError: any OAuth error, documented or not
//
// - Version, Missing, RequirePreviews: old servers; [OldServer] is 2.22, which requires preview media types
// - NoLinkHeader, TotalCount: lists without a Link header, or with a wrong total
// - Rewrite: malformed or null rows, and malformed webhook payloads
// - DeliveryWorkers: concurrent deliveries, for bursts
//
// In the world: [Accounts.Refuse] suspends a user's account, or makes an organization reject requests by its IP allow list or
// its enterprise's managed users; [Repositories.Block] responds 451 or 403; [Accounts.RequireSSO] puts an organization behind
// SAML, with X-GitHub-SSO: partial-results on the list of installations; [Repositories.SendDeleted] and
// [Apps.EndRefreshTokensOnReset] choose where GitHub's documentation is ambiguous; a content reference accepts
// attachments for six hours ([ContentAttachments.SetStatus]).
//
// For webhooks: [Server.SetDeliveryPolicy] (lost, timed out, not recorded, duplicated, out of order). The list of
// deliveries keeps three days.
//
// # Faults and observation
//
// [Server.Fault] sets a function that can make any request fail: delay it, respond with an error, truncate its body, drop
// its connection, or shift a list between pages. [BadGateway], [APIError], [BadCredentials], [PrimaryLimit] and [SecondaryLimit]
// (403 or 429, with or without Retry-After) are GitHub's responses. [Server.Requests] lists the requests and their users;
// [Server.RateLimitUsed] returns how many counted against a rate limit.
package sandbox
