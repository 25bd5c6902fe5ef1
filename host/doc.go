// Package host is where everything meets a web application: one http.Handler that gives a page its
// shell, its tickets and its websocket, and mounts plugins where the application says.
//
// A Host knows places. A place is a plugin with the grants and props it has there; a page shows one
// with <vitrine-plugin place="fractal">. Under /vitrine/ the handler serves
//
//	GET  /vitrine/vitrine.js                            the shell and the files it loads
//	POST /vitrine/tickets     {"place":"fractal"}       {"ticket":"…","plugin":"fractal","name":"…","version":"…"}
//	GET  /vitrine/socket                                the websocket of package bridge
//	POST /vitrine/upload      Vitrine-Upload: token     a file that a page has announced
//	GET  /vitrine/assets/{plugin}/{version}/{name}      images that a manifest lists
//	POST /vitrine/csp-report                            what a browser refused to do; GET tells how many
//
// A page is trusted because of where it comes from and who looks at it, never because of what it
// says: the Origin must be one of a list, and one that is missing is refused; the Host header must
// belong to that list, so that no other name that resolves here gets in; and a ticket works once, for
// the principal and the place it was made for, within a minute. No token is ever part of an address.
//
// Where visitors are anonymous, anybody can be as many of them as he likes. A session is a cookie that
// this process has signed, and any other is replaced; but a new one costs nothing. So what is scarce
// is also shared by where a request comes from: one remote address, an IPv6 one by its first 64 bits,
// has at most a quarter of the mounts, sockets, tickets, uploads and downloads ([Limits].AddressShare), whatever
// number of sessions it uses, and where tickets run out, who holds most loses the oldest. One stranger
// cannot lock others out; it takes as many addresses as there are shares. Behind a proxy all come from
// the proxy's address: set [Options].RemoteAddr. Where an Identity says who makes a request, the share is
// each principal's, unless RemoteAddr is set.
//
// What plugins show is memory of the server's: a mount may have 16 MiB of pixels, and trees of 20,000 nodes. So it is bounded for all
// mounts together, for each principal and for each address ([Limits].ShownBytes), above 64 KiB that each mount may always
// have. The mount that asks for more than is left ends: its page says that there is no room and tries again, the
// log has a line and [Host.Stats] a figure, and no other mount notices.
//
//	h, err := host.New(&host.Options{
//		Origins:  []string{"https://app.example"},
//		Identity: signedIn, // func(*http.Request) (host.Principal, error)
//		Places:   map[string]host.Place{"fractal": {Plugin: plugin, Grants: []abi.Capability{abi.CapUI}}},
//	})
//	http.Handle("/vitrine/", h)
//	http.Handle("/", h.Protect(page)) // the security headers, and a session for who has none
package host
