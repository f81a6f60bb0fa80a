// Package console is the page on which a person watches the stub and commands it: the requests that came, carts and orders,
// clock and faults. It is HTML made on the server, htmx, and one file of script of its own.
//
// The page knows nothing but test control (CONTROL): each of its parts is made from answers of that API, each of its buttons
// is one call of it. So whatever a person can click, a test can call; and what the API refuses, such as calls from pages of
// other sites, the page refuses too. Nothing that the browser loads comes from elsewhere.
package console
