// Package condition is the language of conditions, audiences and segments: CEL
// (https://cel.dev), checked against the fields that are known. It does no I/O.
//
// An expression sees event, contact, account, response, segment and now, as its place allows. It is linear in its
// length: there are no loops, regular expressions are RE2's, and nothing in it is
// random. A field without a value makes what depends on it unknown; unknown is "no",
// also below a "not".
package condition
